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

/// What moved cash in one calendar month, of its operating activities.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CashFlowMonth {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    pub report_basis: ReportBasis,
    pub report_input: ReportInput,
    pub from_date: LocalDateTime,
    pub to_date: LocalDateTime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cash_receipts: Option<ReportLine>,
    /// Positive: cash that went out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cash_payments: Option<ReportLine>,
}

/// How a cash flow statement is made: from what came in and went out, or from the profit and what else moved.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ReportInput {
    Unknown,
    Indirect,
    Direct,
}

/// When income and costs count.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ReportBasis {
    Unknown,
    Accrual,
    Cash,
}

impl CashFlowMonth {
    /// Receipts and payments of lines that are positive where they brought cash, and negative where they took it.
    pub fn sides(flows: impl IntoIterator<Item = ReportLine>) -> (ReportLine, ReportLine) {
        let mut receipts = ReportLine::titled("Cash Receipts");
        let mut payments = ReportLine::titled("Cash Payments");
        for mut flow in flows {
            let side = if flow.value > Decimal::ZERO {
                &mut receipts
            } else if flow.value < Decimal::ZERO {
                flow.value = -flow.value;
                &mut payments
            } else {
                continue;
            };
            side.value = side.value + flow.value;
            side.items.push(flow);
        }
        (receipts, payments)
    }
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

impl ReportLine {
    /// A line that has come to nothing so far.
    pub fn titled(name: &str) -> Self {
        Self {
            account_id: None,
            name: Some(name.to_owned()),
            value: Decimal::ZERO,
            items: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_brought_cash_is_a_receipt_and_what_took_it_a_payment() {
        let flow = |name: &str, value: &str| ReportLine {
            value: value.parse().unwrap(),
            ..ReportLine::titled(name)
        };
        let flows = [
            flow("Profit", "10.50"),
            flow("Owed", "-3.20"),
            flow("Stock", "0"),
            flow("Debts", "-1"),
        ];
        let sides = CashFlowMonth::sides(flows);
        assert_eq!(
            serde_json::to_string(&sides).unwrap(),
            concat!(
                r#"[{"name":"Cash Receipts","value":10.50,"items":[{"name":"Profit","value":10.50,"items":[]}]},"#,
                r#"{"name":"Cash Payments","value":4.20,"items":[{"name":"Owed","value":3.20,"items":[]},"#,
                r#"{"name":"Debts","value":1,"items":[]}]}]"#
            )
        );
    }
}
