use serde::Serialize;

use super::{AccountRef, Status, SupplementalData, TaxRateRef, Text};
use crate::{Decimal, Instant};

/// A product or service.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Item<'a> {
    pub id: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Text<'a>>,
    #[serde(rename = "type")]
    pub kind: ItemType,
    pub item_status: Status,
    pub is_bill_item: bool,
    pub is_invoice_item: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bill_item: Option<ItemSide<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invoice_item: Option<ItemSide<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplemental_data: Option<SupplementalData<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_modified_date: Option<Instant>,
}

/// How it is bought, or sold.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemSide<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_price: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_ref: Option<AccountRef<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_rate_ref: Option<TaxRateRef<'a>>,
}

/// What kind of thing it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum ItemType {
    Unknown,
    Inventory,
    NonInventory,
    Service,
}
