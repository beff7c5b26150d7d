//! The lines of a document and what they add up to.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::cents;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub id: Uuid,
    pub description: String,
    pub quantity: Decimal,
    /// Up to four places.
    pub unit_amount: Decimal,
    /// In percent of quantity times unit amount.
    pub discount_rate: Option<Decimal>,
    /// What the line comes to after discount; with its tax if the document's amounts are inclusive.
    pub line_amount: Decimal,
    pub tax_amount: Decimal,
    /// Code of a [`super::TaxRate`].
    pub tax_code: String,
    pub account: Uuid,
    pub item: Option<Uuid>,
    pub tracking: Vec<Tracked>,
}

/// One option of one tracking category.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tracked {
    pub category: Uuid,
    pub option: Uuid,
}

/// How line amounts are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineAmounts {
    Exclusive,
    Inclusive,
    NoTax,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Without tax.
    pub sub_total: Decimal,
    pub total_tax: Decimal,
    pub total: Decimal,
}

impl Line {
    /// Work out `line_amount` and `tax_amount` from quantity, price, discount and the effective tax `rate` in percent.
    pub fn calculate(&mut self, line_amounts: LineAmounts, rate: Decimal) {
        let gross = self.quantity * self.unit_amount;
        let discount = self
            .discount_rate
            .map_or(Decimal::ZERO, |percent| gross * percent / Decimal::ONE_HUNDRED);
        self.line_amount = cents(gross - discount);
        self.tax_amount = match line_amounts {
            LineAmounts::Exclusive => cents(self.line_amount * rate / Decimal::ONE_HUNDRED),
            LineAmounts::Inclusive => cents(self.line_amount * rate / (Decimal::ONE_HUNDRED + rate)),
            LineAmounts::NoTax => cents(Decimal::ZERO),
        };
    }

    /// What goes to the line's account.
    pub fn net(&self, line_amounts: LineAmounts) -> Decimal {
        match line_amounts {
            LineAmounts::Exclusive | LineAmounts::NoTax => self.line_amount,
            LineAmounts::Inclusive => self.line_amount - self.tax_amount,
        }
    }
}

impl Totals {
    pub fn of(lines: &[Line], line_amounts: LineAmounts) -> Self {
        let sub_total = cents(lines.iter().map(|line| line.net(line_amounts)).sum());
        let total_tax = cents(lines.iter().map(|line| line.tax_amount).sum());
        Self {
            sub_total,
            total_tax,
            total: sub_total + total_tax,
        }
    }
}
