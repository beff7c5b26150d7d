use serde::Serialize;

use super::{SupplementalData, Text};
use crate::{Decimal, Instant};

/// A bank or card account.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BankAccount<'a> {
    pub id: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_name: Option<Text<'a>>,
    pub account_type: BankAccountType,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nominal_code: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort_code: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_number: Option<Text<'a>>,
    #[serde(rename = "iBan", skip_serializing_if = "Option::is_none")]
    pub i_ban: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balance: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub institution: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub available_balance: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overdraft_limit: Option<Decimal>,
    pub status: super::AccountStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplemental_data: Option<SupplementalData<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_modified_date: Option<Instant>,
}

/// Whether an account holds money or owes it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum BankAccountType {
    Unknown,
    Credit,
    Debit,
}
