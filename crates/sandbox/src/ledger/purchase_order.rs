//! What was ordered; nothing is posted for it.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Line, LineAmounts, Meta, Totals};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurchaseOrder {
    pub meta: Meta,
    pub number: String,
    pub reference: String,
    pub contact: Uuid,
    pub date: Date,
    pub delivery_date: Option<Date>,
    pub expected_arrival_date: Option<Date>,
    pub status: PurchaseOrderStatus,
    pub currency: String,
    /// Foreign units per unit of the base currency; 1 in the base currency.
    pub currency_rate: Decimal,
    pub line_amounts: LineAmounts,
    pub lines: Vec<Line>,
    pub totals: Totals,
    /// One text, with line breaks, as people type it.
    pub delivery_address: String,
    pub attention_to: String,
    pub telephone: String,
    pub instructions: String,
    pub sent: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PurchaseOrderStatus {
    Draft,
    Submitted,
    Authorised,
    Billed,
}
