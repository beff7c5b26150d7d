//! <https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/taxcode>

use ledgerline_model::records::{TaxComponent, TaxRate};
use ledgerline_model::{DataType, Decimal};
use ledgerline_platform::{Cx, Error, Read};
use serde::Deserialize;

use super::listing::{self, Listing};
use super::names::status;
use super::rows::{Flaw, Rows, parse};
use super::transaction::{MetaData, Ref, filled, instant};
use super::{Facts, malformed};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Wire {
    id: String,
    meta_data: Option<MetaData>,
    name: Option<String>,
    active: Option<bool>,
    sales_tax_rate_list: Option<RateList>,
    purchase_tax_rate_list: Option<RateList>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RateList {
    #[serde(default)]
    tax_rate_detail: Vec<RateDetail>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RateDetail {
    tax_rate_ref: Option<Ref>,
    tax_type_applicable: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RateWire {
    rate_value: Option<Decimal>,
}

/// A code has rates for sales and for purchases; those for sales are told, or the others where there are none.
pub(super) fn rows(text: &str, facts: &Facts, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    let wire: Wire = parse(text)?;
    let modified = wire
        .meta_data
        .as_ref()
        .and_then(|meta| instant(meta.last_updated()));
    let lists = [&wire.sales_tax_rate_list, &wire.purchase_tax_rate_list];
    let details = lists
        .into_iter()
        .flatten()
        .map(|list| list.tax_rate_detail.as_slice())
        .find(|details| !details.is_empty())
        .unwrap_or_default();
    let components: Vec<TaxComponent<'_>> = details
        .iter()
        .map(|detail| {
            let reference = detail.tax_rate_ref.as_ref();
            let id = reference.and_then(|reference| reference.value.as_ref());
            TaxComponent {
                name: reference
                    .and_then(|reference| reference.name.as_deref())
                    .map(Into::into),
                rate: id.and_then(|id| facts.tax_rates.as_ref()?.get(id).copied().flatten()),
                is_compound: detail.tax_type_applicable.as_deref() == Some("TaxOnAmountPlusTax"),
            }
        })
        .collect();
    let sum = |compound: bool| -> Option<Decimal> {
        let of = components
            .iter()
            .filter(|component| component.is_compound == compound);
        of.map(|component| component.rate).sum()
    };
    let hundredth = Decimal::of_parts(1, 2);
    let (effective, total) = match (sum(false), sum(true)) {
        (Some(simple), Some(compound)) if !components.is_empty() => (
            Some(simple + compound + simple * compound * hundredth),
            Some(simple + compound),
        ),
        _ => (None, None),
    };
    let record = TaxRate {
        id: wire.id.as_str().into(),
        name: filled(wire.name.clone()).map(Into::into),
        code: filled(wire.name.clone()).map(Into::into),
        status: status(wire.active),
        effective_tax_rate: effective,
        total_tax_rate: total,
        components,
        valid_datatype_links: Vec::new(),
        supplemental_data: None,
        source_modified_date: modified,
    };
    rows.present(DataType::TaxRates, &wire.id, &record, modified)
}

/// Every rate in percent.
pub(super) async fn rates(cx: &Cx, read: &Read<'_>) -> Result<Listing<Option<Decimal>>, Error> {
    listing::whole(cx, read, "TaxRate", |object| {
        let wire: RateWire =
            parse(object.get()).map_err(|flaw| malformed(format!("a tax rate: {}", flaw.message)))?;
        Ok(wire.rate_value)
    })
    .await
}
