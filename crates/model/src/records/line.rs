use serde::Serialize;

use super::{AccountRef, CategoryRef, CustomerRef, ItemRef, TaxRateRef, Text};
use crate::Decimal;

/// A line of an invoice or a credit note.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReceivableLine<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Text<'a>>,
    pub unit_amount: Decimal,
    pub quantity: Decimal,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount_amount: Option<Decimal>,
    /// Without tax.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub_total: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_amount: Option<Decimal>,
    /// With tax.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_amount: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_ref: Option<AccountRef<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount_percentage: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_rate_ref: Option<TaxRateRef<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item_ref: Option<ItemRef<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tracking_category_refs: Vec<CategoryRef<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking: Option<Tracking<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_direct_income: Option<bool>,
}

/// A line of a bill, a bill credit note or a purchase order.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PayableLine<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_number: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Text<'a>>,
    pub unit_amount: Decimal,
    pub quantity: Decimal,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_of_measurement: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount_amount: Option<Decimal>,
    /// Without tax.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub_total: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_amount: Option<Decimal>,
    /// With tax.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_amount: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_ref: Option<AccountRef<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount_percentage: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_rate_ref: Option<TaxRateRef<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item_ref: Option<ItemRef<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tracking_category_refs: Vec<CategoryRef<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking: Option<Tracking<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_direct_cost: Option<bool>,
}

/// A line of a direct cost or a direct income.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DirectLine<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Text<'a>>,
    pub unit_amount: Decimal,
    pub quantity: Decimal,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount_amount: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount_percentage: Option<Decimal>,
    /// Without tax.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub_total: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_amount: Option<Decimal>,
    /// With tax.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_amount: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_ref: Option<AccountRef<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_rate_ref: Option<TaxRateRef<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item_ref: Option<ItemRef<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tracking_category_refs: Vec<CategoryRef<'a>>,
}

/// How a line is tracked.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tracking<'a> {
    pub category_refs: Vec<CategoryRef<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_ref: Option<CustomerRef<'a>>,
    pub is_billed_to: BilledTo,
    pub is_rebilled_to: BilledTo,
}

/// To whom a line is billed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum BilledTo {
    Unknown,
    NotApplicable,
    Customer,
    Project,
}

/// Tax that the payer withholds.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WithholdingTax<'a> {
    pub name: Text<'a>,
    pub amount: Decimal,
}
