//! Invoices to customers and bills from suppliers.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Direction, DocumentStatus, Line, LineAmounts, Meta, Totals};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoice {
    pub meta: Meta,
    pub direction: Direction,
    pub number: String,
    pub reference: String,
    pub contact: Uuid,
    pub date: Date,
    pub due_date: Date,
    pub status: DocumentStatus,
    pub currency: String,
    /// Foreign units per unit of the base currency; 1 in the base currency.
    pub currency_rate: Decimal,
    pub line_amounts: LineAmounts,
    pub lines: Vec<Line>,
    pub totals: Totals,
    /// In the order in which they were made; what was deleted is not among them.
    pub settlements: Vec<Settlement>,
    pub amount_paid: Decimal,
    pub amount_credited: Decimal,
    /// Nothing for what is not posted.
    pub amount_due: Decimal,
    pub fully_paid_on: Option<Date>,
    /// It was mailed to the contact.
    pub sent: bool,
}

/// What reduced the amount due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    pub by: SettledBy,
    /// In the document's currency.
    pub amount: Decimal,
    pub date: Date,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettledBy {
    Payment(Uuid),
    /// The allocation with this id, of the credit note with that one.
    Allocation {
        allocation: Uuid,
        credit_note: Uuid,
    },
}
