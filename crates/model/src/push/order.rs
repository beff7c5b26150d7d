use super::{Contact, ExpenseKind, Leg, Tracking};
use crate::{Date, Decimal};

/// An expense with every choice made: what a connector turns into the platform's own document.
#[derive(Clone, PartialEq, Debug)]
pub struct Order {
    /// The app's id of the expense.
    pub transaction: String,
    pub leg: Leg,
    pub kind: ExpenseKind,
    pub date: Date,
    /// Of what is owed only.
    pub due_date: Option<Date>,
    pub currency: String,
    pub currency_rate: Option<Decimal>,
    pub bank_account: String,
    /// `None`: the platform wants none for this kind.
    pub contact: Option<Contact>,
    pub merchant_name: Option<String>,
    pub lines: Vec<OrderLine>,
    pub notes: Option<String>,
    pub is_draft: bool,
}

#[derive(Clone, PartialEq, Debug)]
pub struct OrderLine {
    pub net: Decimal,
    pub tax: Decimal,
    /// The platform's id or code of the rate; `None` where the platform has a notion of none.
    pub tax_rate: Option<String>,
    pub account: String,
    pub description: Option<String>,
    pub tracking: Vec<Tracking>,
    pub invoice_to: Option<String>,
}

/// Which rule chose a value, for whoever asks what a sync would do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Choice {
    /// Dotted path in the words of the dialects, e.g. `lines[0].taxRateRef`.
    pub field: String,
    pub value: String,
    /// E.g. `the line's own`, `the company's default`, `the platform's default`.
    pub rule: &'static str,
}

impl Order {
    /// Net and tax of all lines.
    pub fn total(&self) -> Decimal {
        self.lines.iter().map(|line| line.net + line.tax).sum()
    }
}
