//! Credit notes to customers and from suppliers, and what they were used for.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Direction, DocumentStatus, Line, LineAmounts, Meta, Totals, invoice::SettledBy};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditNote {
    pub meta: Meta,
    pub direction: Direction,
    pub number: String,
    pub reference: String,
    pub contact: Uuid,
    pub date: Date,
    pub status: DocumentStatus,
    pub currency: String,
    /// Foreign units per unit of the base currency; 1 in the base currency.
    pub currency_rate: Decimal,
    pub line_amounts: LineAmounts,
    pub lines: Vec<Line>,
    pub totals: Totals,
    /// On invoices, oldest first.
    pub allocations: Vec<Allocation>,
    /// Allocations and refunds (which are payments of this note) in the order in which they were made, and their amounts.
    pub uses: Vec<(SettledBy, Decimal)>,
    /// Neither allocated nor refunded.
    pub remaining: Decimal,
    pub fully_paid_on: Option<Date>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allocation {
    pub id: Uuid,
    pub invoice: Uuid,
    pub amount: Decimal,
    pub date: Date,
}
