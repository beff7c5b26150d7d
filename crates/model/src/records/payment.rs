use serde::Serialize;

use super::{AccountRef, CustomerRef, PaymentMethodRef, SupplementalData, Text};
use crate::{Decimal, Instant, LocalDateTime};

/// Money from a customer, or back to one.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Payment<'a> {
    pub id: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_ref: Option<CustomerRef<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_ref: Option<AccountRef<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_method_ref: Option<PaymentMethodRef<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_amount: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Text<'a>>,
    /// Base currency per one unit of `currency`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency_rate: Option<Decimal>,
    pub date: LocalDateTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Text<'a>>,
    pub lines: Vec<PaymentLine<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplemental_data: Option<SupplementalData<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_modified_date: Option<Instant>,
}

/// What the money, or a part of it, was used for.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentLine<'a> {
    pub amount: Decimal,
    pub links: Vec<PaymentLink<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allocated_on_date: Option<LocalDateTime>,
}

/// A record that it was used on; its amounts and the line's add up to zero.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentLink<'a> {
    #[serde(rename = "type")]
    pub kind: PaymentLinkType,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency_rate: Option<Decimal>,
}

/// What money from a customer was used on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum PaymentLinkType {
    Unknown,
    Unlinked,
    Invoice,
    CreditNote,
    Other,
    Refund,
    Payment,
    PaymentOnAccount,
    ManualJournal,
    Discount,
}
