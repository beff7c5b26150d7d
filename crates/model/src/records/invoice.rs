use serde::Serialize;

use super::{CustomerRef, PaymentAllocation, ReceivableLine, SupplementalData, Text, WithholdingTax};
use crate::{Decimal, Instant, LocalDateTime};

/// What a customer owes for.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Invoice<'a> {
    pub id: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invoice_number: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_ref: Option<CustomerRef<'a>>,
    pub issue_date: LocalDateTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_date: Option<LocalDateTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paid_on_date: Option<LocalDateTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Text<'a>>,
    /// Base currency per one unit of `currency`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency_rate: Option<Decimal>,
    pub line_items: Vec<ReceivableLine<'a>>,
    pub payment_allocations: Vec<PaymentAllocation<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub withholding_tax: Vec<WithholdingTax<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_discount: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub_total: Option<Decimal>,
    pub total_tax_amount: Decimal,
    pub total_amount: Decimal,
    pub amount_due: Decimal,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount_percentage: Option<Decimal>,
    pub status: InvoiceStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplemental_data: Option<SupplementalData<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_modified_date: Option<Instant>,
}

/// How far an invoice is settled.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum InvoiceStatus {
    Unknown,
    Draft,
    Submitted,
    PartiallyPaid,
    Paid,
    Void,
}
