//! Money moved between two bank accounts.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Meta;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    pub meta: Meta,
    pub from: Uuid,
    pub to: Uuid,
    pub date: Date,
    pub amount: Decimal,
    pub reference: String,
    pub from_reconciled: bool,
    pub to_reconciled: bool,
    /// Ids of the two bank transactions that platforms keep for its sides.
    pub from_transaction: Uuid,
    pub to_transaction: Uuid,
}
