//! <https://developer.xero.com/documentation/api/accounting/items>

use serde::Serialize;
use uuid::Uuid;

use super::lines::{account_code, unit_amount};
use super::list::text;
use super::question::Question;
use super::resource::{Cx, Detail, Resource};
use crate::ledger::{self, Ledger, Table};
use crate::xero::dates::Instant;
use crate::xero::filter::Value;
use crate::xero::number::Number;

impl Resource for ledger::Item {
    const NAME: &'static str = "Items";
    const TYPE: &'static str = "Item";
    const ID: &'static str = "ItemID";
    const PAGED: bool = false;
    const MODIFIED_SINCE: bool = true;
    type Wire<'a> = Item<'a>;

    fn table(ledger: &Ledger) -> &Table<Self> {
        &ledger.items
    }

    /// A deleted item is gone.
    fn is_listed(&self, _: &Question) -> bool {
        !self.meta.deleted
    }

    fn is_found(&self) -> bool {
        !self.meta.deleted
    }

    fn answers_to(&self, code: &str) -> bool {
        self.code == code
    }

    fn field<'a>(&'a self, _: &'a Ledger, path: &str) -> Option<Value<'a>> {
        Some(match path {
            "Code" => text(&self.code),
            "Name" => text(&self.name),
            "Description" => text(&self.description),
            "PurchaseDescription" => text(&self.purchase_description),
            "IsSold" => Value::Bool(self.sale.is_some()),
            "IsPurchased" => Value::Bool(self.purchase.is_some()),
            "IsTrackedAsInventory" => Value::Bool(false),
            _ => return None,
        })
    }

    fn wire<'a>(&'a self, cx: &Cx<'a>, _: Detail) -> Item<'a> {
        let terms = |terms: &'a Option<ledger::ItemTerms>| match terms {
            None => Terms::default(),
            Some(terms) => Terms {
                unit_price: Some(Number(unit_amount(terms.unit_price, cx.unit_places))),
                account_code: Some(account_code(cx.ledger, terms.account)),
                tax_type: Some(&terms.tax_code),
            },
        };
        Item {
            item_id: self.meta.id,
            code: &self.code,
            name: &self.name,
            description: &self.description,
            purchase_description: &self.purchase_description,
            updated: Instant(self.meta.updated_at),
            purchase_details: terms(&self.purchase),
            sales_details: terms(&self.sale),
            is_tracked_as_inventory: false,
            is_sold: self.sale.is_some(),
            is_purchased: self.purchase.is_some(),
            validation_errors: [],
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Item<'a> {
    #[serde(rename = "ItemID")]
    item_id: Uuid,
    code: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    purchase_description: &'a str,
    #[serde(rename = "UpdatedDateUTC")]
    updated: Instant,
    purchase_details: Terms<'a>,
    sales_details: Terms<'a>,
    is_tracked_as_inventory: bool,
    is_sold: bool,
    is_purchased: bool,
    validation_errors: [u8; 0],
}

/// Empty where the item is not sold or not bought.
#[derive(Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Terms<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    unit_price: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tax_type: Option<&'a str>,
}
