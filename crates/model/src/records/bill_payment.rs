use serde::Serialize;

use super::{AccountRef, PaymentMethodRef, SupplementalData, SupplierRef, Text};
use crate::{Decimal, Instant, LocalDateTime};

/// Money to a supplier, or back from one.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BillPayment<'a> {
    pub id: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplier_ref: Option<SupplierRef<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_ref: Option<AccountRef<'a>>,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_method_ref: Option<PaymentMethodRef<'a>>,
    pub lines: Vec<BillPaymentLine<'a>>,
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
pub struct BillPaymentLine<'a> {
    pub amount: Decimal,
    pub links: Vec<BillPaymentLink<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allocated_on_date: Option<LocalDateTime>,
}

/// A record that it was used on; its amounts and the line's add up to zero.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BillPaymentLink<'a> {
    #[serde(rename = "type")]
    pub kind: BillPaymentLinkType,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency_rate: Option<Decimal>,
}

/// What money to a supplier was used on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum BillPaymentLinkType {
    Unknown,
    Unlinked,
    Bill,
    Other,
    CreditNote,
    BillPayment,
    PaymentOnAccount,
    Refund,
    ManualJournal,
    Discount,
}
