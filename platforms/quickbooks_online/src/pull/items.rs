//! <https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/item>

use ledgerline_model::records::{Item, ItemSide, ItemType};
use ledgerline_model::{DataType, Decimal};
use serde::Deserialize;

use super::Facts;
use super::names::status;
use super::rows::{Flaw, Rows, parse};
use super::transaction::{MetaData, Ref, filled, instant};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Wire {
    id: String,
    meta_data: Option<MetaData>,
    name: Option<String>,
    sku: Option<String>,
    description: Option<String>,
    purchase_desc: Option<String>,
    #[serde(rename = "Type")]
    kind: Option<String>,
    unit_price: Option<Decimal>,
    purchase_cost: Option<Decimal>,
    income_account_ref: Option<Ref>,
    expense_account_ref: Option<Ref>,
    sales_tax_code_ref: Option<Ref>,
    purchase_tax_code_ref: Option<Ref>,
    active: Option<bool>,
}

pub(super) fn rows(text: &str, _: &Facts, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    let wire: Wire = parse(text)?;
    let modified = wire
        .meta_data
        .as_ref()
        .and_then(|meta| instant(meta.last_updated()));
    let kind = match wire.kind.as_deref() {
        // Categories only sort items.
        Some("Category") => {
            rows.gone(DataType::Items, &wire.id);
            return Ok(());
        }
        Some("Inventory") => ItemType::Inventory,
        Some("NonInventory") => ItemType::NonInventory,
        Some("Service") => ItemType::Service,
        Some("Group") => ItemType::Unknown,
        other => {
            rows.unknown(
                "quickbooks-unknown-item-type",
                &wire.id,
                "Type",
                other.unwrap_or_default(),
            );
            ItemType::Unknown
        }
    };
    let side = |description: &Option<String>, price, account: &Option<Ref>, tax: &Option<Ref>| {
        Some(ItemSide {
            description: filled(description.clone()).map(Into::into),
            unit_price: price,
            account_ref: Some(account.as_ref()?.account()?),
            tax_rate_ref: tax.as_ref().and_then(|tax| tax.tax_rate()),
        })
    };
    let bill_item = side(
        &wire.purchase_desc,
        wire.purchase_cost,
        &wire.expense_account_ref,
        &wire.purchase_tax_code_ref,
    );
    let invoice_item = side(
        &wire.description,
        wire.unit_price,
        &wire.income_account_ref,
        &wire.sales_tax_code_ref,
    );
    let record = Item {
        id: wire.id.as_str().into(),
        name: filled(wire.name.clone()).map(Into::into),
        code: filled(wire.sku.clone()).map(Into::into),
        kind,
        item_status: status(wire.active),
        is_bill_item: bill_item.is_some(),
        is_invoice_item: invoice_item.is_some(),
        bill_item,
        invoice_item,
        supplemental_data: None,
        source_modified_date: modified,
    };
    rows.present(DataType::Items, &wire.id, &record, modified)
}
