//! <https://developer.xero.com/documentation/api/accounting/taxrates>
//!
//! A rate has no id but its `TaxType`, by which everything else refers to it. Only the kept source has:
//! `ReportTaxType`, `CanApplyToAssets`, `CanApplyToEquity`, `CanApplyToLiabilities`,
//! `TaxComponents.IsNonRecoverable`.

use ledgerline_model::records::{DatatypeLink, Status, TaxComponent, TaxRate};
use ledgerline_model::{DataType, Decimal};
use serde::Deserialize;

use super::facts::Facts;
use super::rows::{Flaw, Rows, parse};
use super::text::{Str, filled};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Wire<'a> {
    #[serde(rename = "TaxType", borrow)]
    id: Str<'a>,
    #[serde(borrow)]
    name: Option<Str<'a>>,
    #[serde(borrow)]
    status: Option<Str<'a>>,
    effective_rate: Option<Decimal>,
    display_tax_rate: Option<Decimal>,
    #[serde(default, borrow)]
    tax_components: Vec<Component<'a>>,
    can_apply_to_revenue: Option<bool>,
    can_apply_to_expenses: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Component<'a> {
    #[serde(borrow)]
    name: Option<Str<'a>>,
    rate: Option<Decimal>,
    is_compound: Option<bool>,
}

pub(super) fn rows(text: &str, _: &Facts, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    let wire: Wire<'_> = parse(text)?;
    let status = match wire.status.as_ref().map(Str::as_str) {
        Some("ACTIVE") => Status::Active,
        Some("ARCHIVED") => Status::Archived,
        Some("DELETED") => {
            rows.gone(DataType::TaxRates, wire.id.as_str());
            return Ok(());
        }
        // Not yet in use: the standard has no word for it.
        Some("PENDING") => Status::Unknown,
        other => {
            let found = other.unwrap_or_default();
            rows.unknown("xero-unknown-tax-rate-status", wire.id.as_str(), "Status", found);
            Status::Unknown
        }
    };
    let mut links = Vec::new();
    if wire.can_apply_to_revenue == Some(true) {
        links.extend([
            "Invoice.LineItems.TaxRateRef.Id",
            "CreditNote.LineItems.TaxRateRef.Id",
            "DirectIncome.LineItems.TaxRateRef.Id",
        ]);
    }
    if wire.can_apply_to_expenses == Some(true) {
        links.extend([
            "Bill.LineItems.TaxRateRef.Id",
            "BillCreditNote.LineItems.TaxRateRef.Id",
            "DirectCost.LineItems.TaxRateRef.Id",
        ]);
    }
    let record = TaxRate {
        id: wire.id.clone().into(),
        name: filled(wire.name),
        code: Some(wire.id.clone().into()),
        status,
        effective_tax_rate: wire.effective_rate,
        total_tax_rate: wire.display_tax_rate,
        components: wire.tax_components.into_iter().map(component).collect(),
        valid_datatype_links: if links.is_empty() {
            Vec::new()
        } else {
            vec![DatatypeLink {
                property: "Id",
                links,
            }]
        },
        supplemental_data: None,
        source_modified_date: None,
    };
    rows.present(DataType::TaxRates, wire.id.as_str(), &record, None)
}

fn component(wire: Component<'_>) -> TaxComponent<'_> {
    TaxComponent {
        name: filled(wire.name),
        rate: wire.rate,
        is_compound: wire.is_compound.unwrap_or_default(),
    }
}
