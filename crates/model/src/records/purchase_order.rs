use serde::Serialize;

use super::{Address, PayableLine, SupplementalData, SupplierRef, Text};
use crate::{Decimal, Instant, LocalDateTime};

/// What was ordered from a supplier.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PurchaseOrder<'a> {
    pub id: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purchase_order_number: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplier_ref: Option<SupplierRef<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue_date: Option<LocalDateTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery_date: Option<LocalDateTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_delivery_date: Option<LocalDateTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_due_date: Option<LocalDateTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Text<'a>>,
    /// Base currency per one unit of `currency`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency_rate: Option<Decimal>,
    pub line_items: Vec<PayableLine<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ship_to: Option<ShipTo<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_discount: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub_total: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_tax_amount: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_amount: Option<Decimal>,
    pub status: PurchaseOrderStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplemental_data: Option<SupplementalData<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_modified_date: Option<Instant>,
}

/// Where the goods go.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ShipTo<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Address<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<ShipToContact<'a>>,
}

/// Who receives them.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ShipToContact<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<Text<'a>>,
}

/// How far an order is fulfilled.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum PurchaseOrderStatus {
    Unknown,
    Draft,
    Open,
    Closed,
    Void,
}
