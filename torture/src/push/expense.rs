use jiff::ToSpan;
use jiff::civil::Date;
use rand::RngExt;
use rand::rngs::StdRng;
use serde_json::{Value, json};

use super::books::Books;

/// One expense, and what the app makes of it.
#[derive(Clone, Debug)]
pub struct Expense {
    /// The app's id of it, which is also the mark by which it is counted in the ledger.
    pub id: String,
    pub kind: Kind,
    pub fate: Fate,
    /// What it comes to; no other of the company's comes to the same.
    pub cents: i64,
    /// Its place among the company's.
    number: usize,
    date: Date,
}

/// The types of the dialect, with the account that is paid from where that makes a difference.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Payment,
    CardPayment,
    Refund,
    CardRefund,
    Reward,
    Chargeback,
    TransferIn,
    TransferOut,
    AdjustmentIn,
    AdjustmentOut,
}

impl Kind {
    /// Payments are what there is most of.
    const ALL: [Self; 14] = [
        Self::Payment,
        Self::Payment,
        Self::Payment,
        Self::CardPayment,
        Self::CardPayment,
        Self::Payment,
        Self::Refund,
        Self::CardRefund,
        Self::Reward,
        Self::Chargeback,
        Self::TransferIn,
        Self::TransferOut,
        Self::AdjustmentIn,
        Self::AdjustmentOut,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Payment | Self::CardPayment => "Payment",
            Self::Refund | Self::CardRefund => "Refund",
            Self::Reward => "Reward",
            Self::Chargeback => "Chargeback",
            Self::TransferIn => "TransferIn",
            Self::TransferOut => "TransferOut",
            Self::AdjustmentIn => "AdjustmentIn",
            Self::AdjustmentOut => "AdjustmentOut",
        }
    }

    /// Whether a posted one can be changed.
    const fn is_updatable(self) -> bool {
        match self {
            Self::Payment
            | Self::CardPayment
            | Self::Refund
            | Self::CardRefund
            | Self::Reward
            | Self::Chargeback => true,
            Self::TransferIn | Self::TransferOut | Self::AdjustmentIn | Self::AdjustmentOut => false,
        }
    }
}

/// What is to become of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    Fine,
    /// Wrong at first, then corrected and sent again.
    Corrected(Wrong),
    /// Wrong, and never corrected: it must not be in the books.
    Hopeless(Wrong),
    /// Posted, then given another amount.
    Changed,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wrong {
    /// It refers to what the books do not have: found out before anything is sent.
    Reference,
    /// The books are closed at its date: only the platform knows.
    Closed,
}

impl Expense {
    pub fn any(random: &mut StdRng, books: &Books, number: usize) -> Self {
        let kind = Kind::ALL[random.random_range(0..Kind::ALL.len())];
        let wrong = if random.random_bool(0.5) {
            Wrong::Reference
        } else {
            Wrong::Closed
        };
        let fate = match random.random_range(0..100) {
            0..8 => Fate::Corrected(wrong),
            8..11 => Fate::Hopeless(wrong),
            11..15 if kind.is_updatable() => Fate::Changed,
            _ => Fate::Fine,
        };
        Self::of(random, books, number, kind, fate)
    }

    pub fn of(random: &mut StdRng, books: &Books, number: usize, kind: Kind, fate: Fate) -> Self {
        let days: i64 = random.random_range(0..30);
        Self {
            id: uuid_of(random),
            kind,
            fate,
            cents: cents_of(number, 0),
            number,
            date: books.today.checked_sub(days.days()).unwrap_or(books.today),
        }
    }

    /// What it comes to once it was given another amount.
    pub fn changed(&self) -> Self {
        Self {
            cents: cents_of(self.number, 1),
            ..self.clone()
        }
    }

    /// As it is sent; with what is wrong with it, until it is corrected.
    pub fn json(&self, books: &Books, wrong: Option<Wrong>) -> Value {
        let date = match wrong {
            Some(Wrong::Closed) => books.locked_until.checked_sub(3.days()).unwrap_or(self.date),
            Some(Wrong::Reference) | None => self.date,
        };
        let (bank, account) = match self.kind {
            Kind::Payment | Kind::Refund | Kind::Reward | Kind::Chargeback => {
                (&books.bank, &books.costs[self.number % books.costs.len()])
            }
            Kind::CardPayment | Kind::CardRefund => {
                (&books.card, &books.costs[self.number % books.costs.len()])
            }
            Kind::TransferIn | Kind::TransferOut => (&books.bank, &books.other_bank),
            Kind::AdjustmentIn | Kind::AdjustmentOut => (&books.clearing, &books.costs[0]),
        };
        let account = match wrong {
            Some(Wrong::Reference) => "4294967295",
            Some(Wrong::Closed) | None => account,
        };
        let line = |cents: i64| {
            json!({
                "netAmount": decimal(cents), "taxAmount": 0, "accountRef": { "id": account },
            })
        };
        // Some have a second line.
        let lines = if self.number.is_multiple_of(3) {
            vec![line(self.cents - 101), line(101)]
        } else {
            vec![line(self.cents)]
        };
        json!({
            "id": self.id, "type": self.kind.name(), "issueDate": date.to_string(),
            "currency": books.currency(), "merchantName": "Harbour Stationers", "notes": self.id,
            "bankAccountRef": { "id": bank }, "lines": lines,
        })
    }
}

/// Amounts that say whose they are, before and after a change.
fn cents_of(number: usize, change: i64) -> i64 {
    let number = i64::try_from(number).unwrap_or_default();
    1_000_000 + number * 2 + change
}

fn decimal(cents: i64) -> Value {
    let text = format!("{}.{:02}", cents / 100, cents % 100);
    serde_json::from_str(&text).unwrap_or_default()
}

fn uuid_of(random: &mut StdRng) -> String {
    let digits = format!("{:032x}", random.random::<u128>());
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    format!(
        "{}-{}-4{}-8{}-{}",
        part(0, 8),
        part(8, 12),
        part(13, 16),
        part(17, 20),
        part(20, 32)
    )
}
