//! Money that settled a document.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Direction, Meta};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    pub meta: Meta,
    /// Of the document paid: a refund of a customer's credit note is receivable too.
    pub direction: Direction,
    pub target: PaymentTarget,
    pub date: Date,
    /// In the document's currency.
    pub amount: Decimal,
    /// Foreign units per unit of the base currency on the day of the payment.
    pub currency_rate: Decimal,
    /// What moved on the account, in the base currency, which all our bank accounts are in.
    pub bank_amount: Decimal,
    pub account: Uuid,
    pub reference: String,
    pub reconciled: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentTarget {
    /// An invoice or a bill.
    Invoice(Uuid),
    /// A refund.
    CreditNote(Uuid),
}
