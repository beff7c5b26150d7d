//! What is sold and bought.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Meta;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    pub meta: Meta,
    pub code: String,
    pub name: String,
    pub description: String,
    pub purchase_description: String,
    pub sale: Option<ItemTerms>,
    pub purchase: Option<ItemTerms>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemTerms {
    /// Up to four places.
    pub unit_price: Decimal,
    pub account: Uuid,
    pub tax_code: String,
}
