//! <https://developer.xero.com/documentation/api/accounting/items>
//!
//! Xero's items have no status. Their accounts are named by code; the ids come from the chart of accounts, read
//! once with the items. Only the kept source has: `TotalCostPool`, `QuantityOnHand`,
//! `InventoryAssetAccountCode`, the codes of the accounts, `ValidationErrors`.

use ledgerline_model::records::{AccountRef, Item, ItemSide, ItemType, Status, Text};
use ledgerline_model::{DataType, Decimal};
use serde::Deserialize;

use super::dates;
use super::document::tax_rate;
use super::facts::Facts;
use super::rows::{Flaw, Rows, parse};
use super::text::{Str, filled};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Wire<'a> {
    #[serde(rename = "ItemID", borrow)]
    id: Str<'a>,
    #[serde(borrow)]
    code: Option<Str<'a>>,
    #[serde(borrow)]
    name: Option<Str<'a>>,
    #[serde(borrow)]
    description: Option<Str<'a>>,
    #[serde(borrow)]
    purchase_description: Option<Str<'a>>,
    is_sold: Option<bool>,
    is_purchased: Option<bool>,
    is_tracked_as_inventory: Option<bool>,
    #[serde(borrow)]
    sales_details: Option<Details<'a>>,
    #[serde(borrow)]
    purchase_details: Option<Details<'a>>,
    #[serde(rename = "UpdatedDateUTC", borrow)]
    updated_date_utc: Option<Str<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Details<'a> {
    unit_price: Option<Decimal>,
    #[serde(borrow)]
    account_code: Option<Str<'a>>,
    #[serde(rename = "COGSAccountCode", borrow)]
    cost_of_sales_account_code: Option<Str<'a>>,
    #[serde(borrow)]
    tax_type: Option<Str<'a>>,
}

pub(super) fn rows(text: &str, facts: &Facts, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    let wire: Wire<'_> = parse(text)?;
    let is_sold = wire.is_sold.ok_or_else(|| Flaw::missing("IsSold"))?;
    let is_purchased = wire.is_purchased.ok_or_else(|| Flaw::missing("IsPurchased"))?;
    let modified = dates::modified(wire.updated_date_utc.as_ref())?;
    let id = wire.id.as_str();
    let bill_item = side(
        id,
        wire.purchase_details,
        filled(wire.purchase_description),
        facts,
        rows,
    );
    let invoice_item = side(id, wire.sales_details, filled(wire.description), facts, rows);
    let record = Item {
        id: id.into(),
        name: filled(wire.name),
        code: filled(wire.code),
        kind: match wire.is_tracked_as_inventory {
            Some(true) => ItemType::Inventory,
            // A good that is not tracked and a service look the same.
            Some(false) | None => ItemType::Unknown,
        },
        item_status: Status::Unknown,
        is_bill_item: is_purchased,
        is_invoice_item: is_sold,
        bill_item,
        invoice_item,
        supplemental_data: None,
        source_modified_date: modified,
    };
    rows.present(DataType::Items, id, &record, modified)
}

fn side<'a>(
    id: &str,
    details: Option<Details<'a>>,
    description: Option<Text<'a>>,
    facts: &Facts,
    rows: &mut Rows<'_>,
) -> Option<ItemSide<'a>> {
    let (mut unit_price, mut account_ref, mut tax_rate_ref): (Option<Decimal>, _, _) = (None, None, None);
    if let Some(details) = details {
        unit_price = details.unit_price;
        // Stock is bought into the cost of sales.
        let code = filled(details.account_code).or_else(|| filled(details.cost_of_sales_account_code));
        account_ref = code.and_then(|code| account(id, &code, facts, rows));
        tax_rate_ref = tax_rate(details.tax_type);
    }
    let is_empty =
        unit_price.is_none() && account_ref.is_none() && tax_rate_ref.is_none() && description.is_none();
    (!is_empty).then_some(ItemSide {
        description,
        unit_price,
        account_ref,
        tax_rate_ref,
    })
}

fn account<'a>(id: &str, code: &str, facts: &Facts, rows: &mut Rows<'_>) -> Option<AccountRef<'a>> {
    let Some(account) = facts.account_by_code(code) else {
        rows.warn(
            "xero-account-by-code-only",
            id,
            "AccountCode",
            format!("no account with the code `{code}` was read"),
        );
        return None;
    };
    Some(AccountRef {
        id: Some(account.id.clone().into()),
        name: account.name.clone().map(Text::from),
    })
}
