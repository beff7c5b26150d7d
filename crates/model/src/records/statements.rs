use serde::{Deserialize, Serialize};

use crate::{Decimal, LocalDateTime};

/// The balance sheet at the end of one calendar month.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BalanceSheetMonth {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Last day of the month.
    pub date: LocalDateTime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assets: Option<ReportLine>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub liabilities: Option<ReportLine>,
    pub net_assets: Decimal,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equity: Option<ReportLine>,
}

/// Profit and loss of one calendar month.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProfitAndLossMonth {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    pub report_basis: ReportBasis,
    pub from_date: LocalDateTime,
    pub to_date: LocalDateTime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub income: Option<ReportLine>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_of_sales: Option<ReportLine>,
    pub gross_profit: Decimal,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expenses: Option<ReportLine>,
    pub net_operating_profit: Decimal,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_expenses: Option<ReportLine>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_income: Option<ReportLine>,
    pub net_other_income: Decimal,
    pub net_profit: Decimal,
}

/// When income and costs count.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ReportBasis {
    Unknown,
    Accrual,
    Cash,
}

/// A line of a statement, with the lines that it sums.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportLine {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub value: Decimal,
    pub items: Vec<ReportLine>,
}
