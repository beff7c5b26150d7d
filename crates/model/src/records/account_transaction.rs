use serde::Serialize;

use super::{BankAccountRef, RecordRef, Text};
use crate::{Decimal, Instant, LocalDateTime};

/// A movement on a bank or card account.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountTransaction<'a> {
    pub id: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction_id: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bank_account_ref: Option<BankAccountRef<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<LocalDateTime>,
    pub status: BankStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Text<'a>>,
    /// Base currency per one unit of `currency`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency_rate: Option<Decimal>,
    pub lines: Vec<AccountTransactionLine<'a>>,
    /// Money in positive, money out negative.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_amount: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_modified_date: Option<Instant>,
}

/// The record that moved the money.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountTransactionLine<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record_ref: Option<RecordRef<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Decimal>,
}

/// Whether a movement has been matched with the bank's statement.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum BankStatus {
    Unknown,
    Unreconciled,
    Reconciled,
    Void,
}
