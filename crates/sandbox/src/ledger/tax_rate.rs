//! Sales tax, VAT or GST.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{ActiveStatus, Meta};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxRate {
    pub meta: Meta,
    /// What lines name it by, such as `OUTPUT2` or `NONE`.
    pub code: String,
    pub name: String,
    pub status: ActiveStatus,
    pub components: Vec<TaxComponent>,
    /// Sum of the components, in percent.
    pub display_rate: Decimal,
    /// What it comes to with compound components, in percent.
    pub effective_rate: Decimal,
    pub for_sales: bool,
    pub for_purchases: bool,
    /// The report category of the platform, such as `OUTPUT`, `INPUT` or `NONE`.
    pub report_category: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxComponent {
    pub name: String,
    /// In percent.
    pub rate: Decimal,
    pub is_compound: bool,
}
