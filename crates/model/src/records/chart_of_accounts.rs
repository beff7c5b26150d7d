use serde::Serialize;

use super::{DatatypeLink, SupplementalData, Text};
use crate::{Decimal, Instant};

/// An account of the ledger.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Account<'a> {
    pub id: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nominal_code: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fully_qualified_category: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fully_qualified_name: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Text<'a>>,
    /// Debits positive, credits negative, whatever the class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_balance: Option<Decimal>,
    #[serde(rename = "type")]
    pub kind: AccountType,
    pub status: AccountStatus,
    pub is_bank_account: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub valid_datatype_links: Vec<DatatypeLink>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplemental_data: Option<SupplementalData<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_modified_date: Option<Instant>,
}

/// The class of an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum AccountType {
    Unknown,
    Asset,
    Expense,
    Income,
    Liability,
    Equity,
}

/// Whether an account is in use.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum AccountStatus {
    Unknown,
    Active,
    Archived,
    Pending,
}
