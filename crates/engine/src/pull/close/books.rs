use ledgerline_model::{DataType, Date, Decimal, LocalDateTime};
use ledgerline_store::{Tx, records, status};
use serde::Deserialize;

use super::Closing;
use crate::{Engine, jobs};

/// What the records make of the control accounts at the end of a day. `None`: not all of the types that belong to one
/// were read by the Run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Books {
    pub receivables: Option<Side>,
    /// Positive: something is owed.
    pub payables: Option<Side>,
}

/// All that is open on one side, in the base currency.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Side {
    pub total: Decimal,
    /// How many of the records are in another currency.
    pub foreign: i64,
}

impl Side {
    /// Platforms round each record to the base currency's cent at a rate with more digits than ours: one cent each.
    pub fn tolerance(self) -> Decimal {
        Decimal::of_parts(self.foreign, 2)
    }
}

/// What adds to a side, and what is taken off it.
type Sides = [(DataType, bool); 3];
const RECEIVABLES: Sides = [
    (DataType::Invoices, true),
    (DataType::CreditNotes, false),
    (DataType::Payments, false),
];
const PAYABLES: Sides = [
    (DataType::Bills, true),
    (DataType::BillCreditNotes, false),
    (DataType::BillPayments, false),
];

/// `None`: another Run has read one of the types since.
pub(super) async fn of(
    engine: &Engine,
    closing: &Closing,
    as_of: Date,
) -> Result<Option<Books>, jobs::Error> {
    let mut tx = engine.store.read().await?;
    let statuses = status::of_connection(&mut tx, closing.run.app, closing.run.connection).await?;
    let is_ours = |data_type: DataType| {
        let ours = closing.complete().find(|pull| pull.data_type == data_type);
        let last = statuses.iter().find(|status| status.data_type == data_type);
        ours.zip(last)
            .map(|(pull, status)| status.last_success.is_some_and(|(last, _)| last == pull.id))
    };
    let mut books = Books {
        receivables: None,
        payables: None,
    };
    for (side, types) in [
        (&mut books.receivables, RECEIVABLES),
        (&mut books.payables, PAYABLES),
    ] {
        let known = types.map(|(data_type, _)| is_ours(data_type));
        if known.contains(&Some(false)) {
            return Ok(None);
        }
        if !known.contains(&None) {
            *side = Some(sum(&mut tx, closing, types, as_of).await?);
        }
    }
    Ok(Some(books))
}

async fn sum(tx: &mut Tx, closing: &Closing, types: Sides, as_of: Date) -> Result<Side, jobs::Error> {
    let mut side = Side::default();
    let mut unreadable = 0_u64;
    for (data_type, adds) in types {
        records::each_open(
            tx,
            closing.run.app,
            closing.run.connection,
            data_type,
            |standard| {
                match serde_json::from_str::<Open>(&standard) {
                    Ok(open) => {
                        let (amount, is_foreign) = open.in_base(as_of);
                        side.total = if adds {
                            side.total + amount
                        } else {
                            side.total - amount
                        };
                        side.foreign += i64::from(is_foreign);
                    }
                    Err(_) => unreadable += 1,
                }
                Ok(())
            },
        )
        .await?;
    }
    if unreadable > 0 {
        return Err(jobs::Error::Failed(format!(
            "{unreadable} open records cannot be read back"
        )));
    }
    Ok(side)
}

/// What a control account holds for a record, from its standard form.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Open {
    total_amount: Option<Decimal>,
    amount_due: Option<Decimal>,
    remaining_credit: Option<Decimal>,
    currency_rate: Option<Decimal>,
    issue_date: Option<LocalDateTime>,
    date: Option<LocalDateTime>,
    #[serde(default)]
    payment_allocations: Vec<Allocated>,
    #[serde(default)]
    lines: Vec<Line>,
}

#[derive(Deserialize)]
struct Allocated {
    payment: Paid,
    allocation: Allocation,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Paid {
    paid_on_date: Option<LocalDateTime>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Allocation {
    total_amount: Option<Decimal>,
}

#[derive(Deserialize)]
struct Line {
    amount: Decimal,
    #[serde(default)]
    links: Vec<Link>,
}

#[derive(Deserialize)]
struct Link {
    #[serde(rename = "type")]
    kind: String,
    id: Option<String>,
}

impl Open {
    /// What is open at the end of `as_of`, and whether it is in another currency. What comes later is not counted: a
    /// record of a later day, and what a later payment takes off an earlier record.
    fn in_base(&self, as_of: Date) -> (Decimal, bool) {
        let is_later = |at: Option<LocalDateTime>| at.is_some_and(|at| at.0.date() > as_of);
        if is_later(self.issue_date.or(self.date)) {
            return (Decimal::ZERO, false);
        }
        let later: Decimal = self
            .payment_allocations
            .iter()
            .filter(|allocated| is_later(allocated.payment.paid_on_date))
            .filter_map(|allocated| allocated.allocation.total_amount)
            .sum();
        let left = match self.amount_due.or(self.remaining_credit) {
            Some(left) => left + later,
            None => self.on_account(),
        };
        let rate = self.currency_rate.unwrap_or(Decimal::ONE);
        if rate == Decimal::ONE {
            return (left, false);
        }
        // What is settled was taken off at the record's own rate.
        let total = self.total_amount.unwrap_or(left);
        let in_base = |amount: Decimal| (amount * rate).rounded(CENTS);
        (in_base(total) - in_base(total - left), true)
    }

    fn on_account(&self) -> Decimal {
        let is_on_account = |line: &&Line| {
            let mut links = line.links.iter();
            links.any(|link| link.kind == "PaymentOnAccount" && link.id.is_none())
        };
        self.lines
            .iter()
            .filter(is_on_account)
            .map(|line| line.amount)
            .sum()
    }
}

const CENTS: u32 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    fn in_base(json: &str) -> String {
        let open: Open = serde_json::from_str(json).unwrap();
        let (amount, is_foreign) = open.in_base("2027-03-31".parse().unwrap());
        format!("{amount} {is_foreign}")
    }

    #[test]
    fn a_record_counts_with_what_is_open_of_it_on_the_day() {
        for (json, expected) in [
            (
                r#"{"totalAmount":100.00,"amountDue":40.50,"issueDate":"2027-03-31T00:00:00"}"#,
                "40.50 false",
            ),
            (
                r#"{"totalAmount":100.00,"amountDue":40.50,"issueDate":"2027-04-01T00:00:00"}"#,
                "0 false",
            ),
            (
                r#"{"totalAmount":100,"remainingCredit":7,"currencyRate":1}"#,
                "7 false",
            ),
            // 80.01 of 100 dollars are paid: 76.93 less 61.55 euros, not 15.38 of 19.99.
            (
                r#"{"totalAmount":100,"amountDue":19.99,"currencyRate":0.769325}"#,
                "15.38 true",
            ),
            (
                r#"{"totalAmount":100,"amountDue":40,"paymentAllocations":[
                    {"payment":{"paidOnDate":"2027-04-01T00:00:00"},"allocation":{"totalAmount":60}}]}"#,
                "100 false",
            ),
            (
                r#"{"totalAmount":30,"date":"2027-01-01T00:00:00","lines":[
                    {"amount":25,"links":[{"type":"Invoice","id":"i1"}]},
                    {"amount":5,"links":[{"type":"PaymentOnAccount"}]}]}"#,
                "5 false",
            ),
        ] {
            assert_eq!(in_base(json), expected, "{json}");
        }
    }
}
