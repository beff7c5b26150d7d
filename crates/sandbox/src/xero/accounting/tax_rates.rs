//! <https://developer.xero.com/documentation/api/accounting/taxrates>

use serde::Serialize;

use super::list::text;
use super::question::Question;
use super::resource::{Cx, Detail, Resource};
use crate::ledger::{self, ActiveStatus, Ledger, Table};
use crate::xero::filter::Value;
use crate::xero::number::Number;

impl Resource for ledger::TaxRate {
    const NAME: &'static str = "TaxRates";
    const TYPE: &'static str = "TaxRate";
    /// Tax rates have no id: their `TaxType` names them.
    const ID: &'static str = "TaxRateID";
    const PAGED: bool = false;
    const MODIFIED_SINCE: bool = false;
    type Wire<'a> = TaxRate<'a>;

    fn table(ledger: &Ledger) -> &Table<Self> {
        &ledger.tax_rates
    }

    fn is_listed(&self, _: &Question) -> bool {
        true
    }

    fn answers_to(&self, tax_type: &str) -> bool {
        self.code == tax_type
    }

    fn field<'a>(&'a self, _: &'a Ledger, path: &str) -> Option<Value<'a>> {
        Some(match path {
            "Name" => text(&self.name),
            "TaxType" => text(&self.code),
            "Status" => Value::Text(status(self)),
            "ReportTaxType" => text(report_tax_type(&self.report_category)),
            "DisplayTaxRate" => Value::Number(self.display_rate),
            "EffectiveRate" => Value::Number(self.effective_rate),
            "CanApplyToExpenses" | "CanApplyToAssets" => Value::Bool(self.for_purchases),
            "CanApplyToRevenue" => Value::Bool(self.for_sales),
            "CanApplyToEquity" | "CanApplyToLiabilities" => Value::Bool(true),
            _ => return None,
        })
    }

    fn wire<'a>(&'a self, _: &Cx<'a>, _: Detail) -> TaxRate<'a> {
        TaxRate {
            name: &self.name,
            tax_type: &self.code,
            report_tax_type: report_tax_type(&self.report_category),
            can_apply_to_assets: self.for_purchases,
            can_apply_to_equity: true,
            can_apply_to_expenses: self.for_purchases,
            can_apply_to_liabilities: true,
            can_apply_to_revenue: self.for_sales,
            display_tax_rate: Number(self.display_rate),
            effective_rate: Number(self.effective_rate),
            status: status(self),
            tax_components: self
                .components
                .iter()
                .map(|component| TaxComponent {
                    name: &component.name,
                    rate: Number(component.rate),
                    is_compound: component.is_compound,
                    is_non_recoverable: false,
                })
                .collect(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TaxRate<'a> {
    name: &'a str,
    tax_type: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    report_tax_type: &'a str,
    can_apply_to_assets: bool,
    can_apply_to_equity: bool,
    can_apply_to_expenses: bool,
    can_apply_to_liabilities: bool,
    can_apply_to_revenue: bool,
    display_tax_rate: Number,
    effective_rate: Number,
    status: &'static str,
    tax_components: Vec<TaxComponent<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct TaxComponent<'a> {
    name: &'a str,
    rate: Number,
    is_compound: bool,
    is_non_recoverable: bool,
}

/// Reduced rates are reported with the full ones.
fn report_tax_type(category: &str) -> &str {
    match category {
        "RROUTPUT" => "OUTPUT",
        "RRINPUT" => "INPUT",
        other => other,
    }
}

fn status(rate: &ledger::TaxRate) -> &'static str {
    match (rate.meta.deleted, rate.status) {
        (true, _) => "DELETED",
        (false, ActiveStatus::Active) => "ACTIVE",
        (false, ActiveStatus::Archived) => "ARCHIVED",
    }
}
