//! Money spent or received without a document.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Line, LineAmounts, Meta, Totals};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankTransaction {
    pub meta: Meta,
    pub flow: MoneyFlow,
    pub contact: Uuid,
    /// The bank account.
    pub account: Uuid,
    pub date: Date,
    pub reference: String,
    pub currency: String,
    /// Foreign units per unit of the base currency; 1 in the base currency.
    pub currency_rate: Decimal,
    pub line_amounts: LineAmounts,
    pub lines: Vec<Line>,
    pub totals: Totals,
    pub reconciled: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoneyFlow {
    Spend,
    Receive,
}
