//! Journals entered by hand.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Meta, Tracked};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManualJournal {
    pub meta: Meta,
    pub narration: String,
    pub date: Date,
    pub status: ManualJournalStatus,
    /// Debits are positive; they add up to nothing.
    pub lines: Vec<JournalLine>,
    pub on_cash_basis_reports: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ManualJournalStatus {
    Draft,
    Posted,
    Void,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalLine {
    pub description: String,
    pub account: Uuid,
    /// Debit positive, credit negative.
    pub amount: Decimal,
    pub tax_code: String,
    pub tracking: Vec<Tracked>,
}
