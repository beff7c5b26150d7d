use serde::Serialize;

use super::{CustomerRef, PaymentAllocation, ReceivableLine, SupplementalData, Text, WithholdingTax};
use crate::{Decimal, Instant, LocalDateTime};

/// What a customer is given back.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreditNote<'a> {
    pub id: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credit_note_number: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_ref: Option<CustomerRef<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub withholding_tax: Vec<WithholdingTax<'a>>,
    pub total_amount: Decimal,
    pub total_discount: Decimal,
    pub sub_total: Decimal,
    pub total_tax_amount: Decimal,
    pub discount_percentage: Decimal,
    pub remaining_credit: Decimal,
    pub status: CreditNoteStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue_date: Option<LocalDateTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allocated_on_date: Option<LocalDateTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Text<'a>>,
    /// Base currency per one unit of `currency`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency_rate: Option<Decimal>,
    pub line_items: Vec<ReceivableLine<'a>>,
    pub payment_allocations: Vec<PaymentAllocation<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplemental_data: Option<SupplementalData<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_modified_date: Option<Instant>,
}

/// How far a credit note, given or received, is used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum CreditNoteStatus {
    Unknown,
    Draft,
    Submitted,
    Paid,
    Void,
    PartiallyPaid,
}
