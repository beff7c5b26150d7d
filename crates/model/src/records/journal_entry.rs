use serde::Serialize;

use super::{AccountRef, ContactRef, RecordRef, SupplementalData, Text};
use crate::{Decimal, Instant, LocalDateTime};

/// A posting to the ledger.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JournalEntry<'a> {
    pub id: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub posted_on: Option<LocalDateTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_on: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_on: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub journal_ref: Option<JournalRef<'a>>,
    pub journal_lines: Vec<JournalLine<'a>>,
    /// Tax on the lines that the platform posts beside them; no part of the standard form.
    #[serde(skip)]
    pub tax_beside_lines: Decimal,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record_ref: Option<RecordRef<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplemental_data: Option<SupplementalData<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_modified_date: Option<Instant>,
}

/// The journal it is posted in.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JournalRef<'a> {
    pub id: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Text<'a>>,
}

/// One line of a posting.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JournalLine<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Text<'a>>,
    /// Debits positive, credits negative, in the base currency.
    pub net_amount: Decimal,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction_amount: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction_currency: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_ref: Option<AccountRef<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking: Option<JournalTracking<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_ref: Option<ContactRef<'a>>,
}

/// How a line is tracked.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JournalTracking<'a> {
    pub record_refs: Vec<RecordRef<'a>>,
}
