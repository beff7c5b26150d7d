//! What the accounts held before the first document.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The balances taken over from the books kept before; platforms report them, but list no document for them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    pub date: Date,
    pub lines: Vec<OpeningLine>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpeningLine {
    pub account: Uuid,
    /// Debit positive, credit negative; the lines add up to nothing.
    pub amount: Decimal,
}
