use serde::Serialize;

use super::{PayableLine, PaymentAllocation, SupplementalData, SupplierRef, Text, WithholdingTax};
use crate::{Decimal, Instant, LocalDateTime};

/// What a supplier is owed for.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Bill<'a> {
    pub id: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplier_ref: Option<SupplierRef<'a>>,
    pub issue_date: LocalDateTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_date: Option<LocalDateTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Text<'a>>,
    /// Base currency per one unit of `currency`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency_rate: Option<Decimal>,
    pub line_items: Vec<PayableLine<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub withholding_tax: Vec<WithholdingTax<'a>>,
    pub status: BillStatus,
    pub sub_total: Decimal,
    pub tax_amount: Decimal,
    pub total_amount: Decimal,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_due: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Text<'a>>,
    pub payment_allocations: Vec<PaymentAllocation<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplemental_data: Option<SupplementalData<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_modified_date: Option<Instant>,
}

/// How far a bill is settled.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum BillStatus {
    Unknown,
    Open,
    PartiallyPaid,
    Paid,
    Void,
    Draft,
}
