use serde::Serialize;

use super::{CategoryRef, ContactRef, RecordRef, SupplementalData, Text};
use crate::{Decimal, Instant, LocalDateTime};

/// Money moved between two accounts of the company.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Transfer<'a> {
    pub id: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_ref: Option<ContactRef<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<LocalDateTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<TransferAccount<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<TransferAccount<'a>>,
    pub status: super::BankStatus,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tracking_category_refs: Vec<CategoryRef<'a>>,
    pub deposited_record_refs: Vec<RecordRef<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplemental_data: Option<SupplementalData<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_modified_date: Option<Instant>,
}

/// One side of a transfer.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TransferAccount<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_ref: Option<RecordRef<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Decimal>,
}
