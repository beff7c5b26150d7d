use serde::Serialize;

use super::{PayableLine, PaymentAllocation, SupplementalData, SupplierRef, Text, WithholdingTax};
use crate::{Decimal, Instant, LocalDateTime};

/// What a supplier gives back.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BillCreditNote<'a> {
    pub id: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bill_credit_note_number: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplier_ref: Option<SupplierRef<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub withholding_tax: Vec<WithholdingTax<'a>>,
    pub total_amount: Decimal,
    pub total_discount: Decimal,
    pub sub_total: Decimal,
    pub total_tax_amount: Decimal,
    pub discount_percentage: Decimal,
    pub remaining_credit: Decimal,
    pub status: super::CreditNoteStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue_date: Option<LocalDateTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allocated_on_date: Option<LocalDateTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Text<'a>>,
    /// Base currency per one unit of `currency`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency_rate: Option<Decimal>,
    pub line_items: Vec<PayableLine<'a>>,
    pub payment_allocations: Vec<PaymentAllocation<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplemental_data: Option<SupplementalData<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_modified_date: Option<Instant>,
}
