use serde::Serialize;

use super::{ContactRef, DirectLine, PaymentAllocation, SupplementalData, Text};
use crate::{Decimal, Instant, LocalDateTime};

/// Money received without an invoice.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DirectIncome<'a> {
    pub id: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_ref: Option<ContactRef<'a>>,
    pub issue_date: LocalDateTime,
    pub currency: Text<'a>,
    /// Base currency per one unit of `currency`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency_rate: Option<Decimal>,
    pub line_items: Vec<DirectLine<'a>>,
    pub payment_allocations: Vec<PaymentAllocation<'a>>,
    pub sub_total: Decimal,
    pub tax_amount: Decimal,
    pub total_amount: Decimal,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplemental_data: Option<SupplementalData<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_modified_date: Option<Instant>,
}
