//! The lines of documents, and the words that documents share.

use rust_decimal::Decimal;
use serde::Serialize;
use uuid::Uuid;

use super::resource::Cx;
use crate::ledger::{self, DocumentStatus, Ledger, LineAmounts, Meta};
use crate::xero::number::Number;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct LineItem<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    item_code: &'a str,
    description: &'a str,
    unit_amount: Number,
    tax_type: &'a str,
    tax_amount: Number,
    line_amount: Number,
    account_code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<LineItemItem<'a>>,
    tracking: Vec<LineItemTracking<'a>>,
    quantity: Number,
    #[serde(skip_serializing_if = "Option::is_none")]
    discount_rate: Option<Number>,
    #[serde(rename = "LineItemID")]
    line_item_id: Uuid,
    #[serde(rename = "AccountID")]
    account_id: Uuid,
    validation_errors: [u8; 0],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct LineItemItem<'a> {
    #[serde(rename = "ItemID")]
    item_id: Uuid,
    name: &'a str,
    code: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct LineItemTracking<'a> {
    name: &'a str,
    option: &'a str,
    #[serde(rename = "TrackingCategoryID")]
    tracking_category_id: Uuid,
    #[serde(rename = "TrackingOptionID")]
    tracking_option_id: Uuid,
}

/// A document's lines.
pub(super) fn line_items<'a>(cx: &Cx<'a>, lines: &'a [ledger::Line]) -> Vec<LineItem<'a>> {
    lines
        .iter()
        .map(|line| {
            let item = line.item.and_then(|item| cx.ledger.items.get(item));
            LineItem {
                item_code: item.map_or("", |item| &item.code),
                description: &line.description,
                unit_amount: Number(unit_amount(line.unit_amount, cx.unit_places)),
                tax_type: &line.tax_code,
                tax_amount: Number(line.tax_amount),
                line_amount: Number(line.line_amount),
                account_code: account_code(cx.ledger, line.account),
                item: item.map(|item| LineItemItem {
                    item_id: item.meta.id,
                    name: &item.name,
                    code: &item.code,
                }),
                tracking: tracking(cx.ledger, &line.tracking),
                quantity: Number(line.quantity),
                discount_rate: line.discount_rate.map(Number),
                line_item_id: line.id,
                account_id: line.account,
                validation_errors: [],
            }
        })
        .collect()
}

/// Unit amounts are shown with two places unless four are asked for.
pub(super) fn unit_amount(amount: Decimal, places: u32) -> Decimal {
    amount.round_dp_with_strategy(places, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
}

pub(super) fn tracking<'a>(ledger: &'a Ledger, tracked: &'a [ledger::Tracked]) -> Vec<LineItemTracking<'a>> {
    tracked
        .iter()
        .filter_map(|tracked| {
            let category = ledger.tracking.get(tracked.category)?;
            let option = category
                .options
                .iter()
                .find(|option| option.id == tracked.option)?;
            Some(LineItemTracking {
                name: &category.name,
                option: &option.name,
                tracking_category_id: category.meta.id,
                tracking_option_id: option.id,
            })
        })
        .collect()
}

pub(super) fn account_code(ledger: &Ledger, account: Uuid) -> &str {
    ledger.accounts.get(account).map_or("", |account| &account.code)
}

/// The account within a payment or a bank transaction.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AccountOf<'a> {
    #[serde(rename = "AccountID")]
    account_id: Uuid,
    #[serde(skip_serializing_if = "str::is_empty")]
    code: &'a str,
    name: &'a str,
}

impl<'a> AccountOf<'a> {
    pub(super) fn find(ledger: &'a Ledger, account: Uuid) -> Self {
        let found = ledger.accounts.get(account);
        Self {
            account_id: account,
            code: found.map_or("", |account| &account.code),
            name: found.map_or("", |account| &account.name),
        }
    }
}

pub(super) fn line_amount_types(amounts: LineAmounts) -> &'static str {
    match amounts {
        LineAmounts::Exclusive => "Exclusive",
        LineAmounts::Inclusive => "Inclusive",
        LineAmounts::NoTax => "NoTax",
    }
}

/// Deletion shows as a status of its own.
pub(super) fn document_status(meta: &Meta, status: DocumentStatus) -> &'static str {
    if meta.deleted {
        return "DELETED";
    }
    match status {
        DocumentStatus::Draft => "DRAFT",
        DocumentStatus::Submitted => "SUBMITTED",
        DocumentStatus::Authorised => "AUTHORISED",
        DocumentStatus::Paid => "PAID",
        DocumentStatus::Void => "VOIDED",
    }
}

/// Shown only where it says something: on documents in another currency.
pub(super) fn foreign_rate(ledger: &Ledger, currency: &str, rate: Decimal) -> Option<Number> {
    (currency != ledger.facts.base_currency).then_some(Number(rate))
}
