//! <https://developer.xero.com/documentation/api/accounting/purchaseorders>

use serde::Serialize;
use uuid::Uuid;

use super::contacts::ContactOf;
use super::lines::{LineItem, line_amount_types, line_items};
use super::list::{contact_field, day, text};
use super::question::Question;
use super::resource::{Cx, Detail, Resource};
use crate::ledger::{self, Ledger, PurchaseOrderStatus, Table};
use crate::xero::dates::{Day, DayString, Instant};
use crate::xero::filter::Value;
use crate::xero::number::Number;

impl Resource for ledger::PurchaseOrder {
    const NAME: &'static str = "PurchaseOrders";
    const TYPE: &'static str = "PurchaseOrder";
    const ID: &'static str = "PurchaseOrderID";
    const PAGED: bool = true;
    const MODIFIED_SINCE: bool = true;
    type Wire<'a> = PurchaseOrder<'a>;

    fn table(ledger: &Ledger) -> &Table<Self> {
        &ledger.purchase_orders
    }

    fn is_listed(&self, question: &Question) -> bool {
        let wanted = &question.statuses;
        (wanted.is_empty() || wanted.iter().any(|one| one.eq_ignore_ascii_case(status(self))))
            && question.date_from.is_none_or(|from| self.date >= from)
            && question.date_to.is_none_or(|to| self.date <= to)
    }

    fn answers_to(&self, number: &str) -> bool {
        self.number == number
    }

    fn field<'a>(&'a self, ledger: &'a Ledger, path: &str) -> Option<Value<'a>> {
        Some(match path {
            "Status" => Value::Text(status(self)),
            "PurchaseOrderNumber" => text(&self.number),
            "Reference" => text(&self.reference),
            "Date" => day(self.date),
            "DeliveryDate" => self.delivery_date.map_or(Value::Null, day),
            "SubTotal" => Value::Number(self.totals.sub_total),
            "TotalTax" => Value::Number(self.totals.total_tax),
            "Total" => Value::Number(self.totals.total),
            "CurrencyCode" => Value::Text(&self.currency),
            _ => return contact_field(ledger, self.contact, path),
        })
    }

    fn wire<'a>(&'a self, cx: &Cx<'a>, detail: Detail) -> PurchaseOrder<'a> {
        PurchaseOrder {
            purchase_order_id: self.meta.id,
            purchase_order_number: &self.number,
            date_string: DayString(self.date),
            date: Day(self.date),
            delivery_date_string: self.delivery_date.map(DayString),
            delivery_date: self.delivery_date.map(Day),
            expected_arrival_date_string: self.expected_arrival_date.map(DayString),
            expected_arrival_date: self.expected_arrival_date.map(Day),
            delivery_address: &self.delivery_address,
            attention_to: &self.attention_to,
            telephone: &self.telephone,
            delivery_instructions: &self.instructions,
            has_errors: false,
            is_discounted: self.lines.iter().any(|line| line.discount_rate.is_some()),
            sent_to_contact: self.sent,
            reference: &self.reference,
            kind: "PURCHASEORDER",
            currency_rate: Number(self.currency_rate),
            currency_code: &self.currency,
            contact: ContactOf::find(cx.ledger, self.contact),
            status: status(self),
            line_amount_types: line_amount_types(self.line_amounts),
            line_items: if detail == Detail::Summary {
                Vec::new()
            } else {
                line_items(cx, &self.lines)
            },
            sub_total: Number(self.totals.sub_total),
            total_tax: Number(self.totals.total_tax),
            total: Number(self.totals.total),
            updated: Instant(self.meta.updated_at),
            has_attachments: cx.ledger.has_attachments(self.meta.id),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PurchaseOrder<'a> {
    #[serde(rename = "PurchaseOrderID")]
    purchase_order_id: Uuid,
    purchase_order_number: &'a str,
    date_string: DayString,
    date: Day,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery_date_string: Option<DayString>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery_date: Option<Day>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_arrival_date_string: Option<DayString>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_arrival_date: Option<Day>,
    delivery_address: &'a str,
    attention_to: &'a str,
    telephone: &'a str,
    delivery_instructions: &'a str,
    has_errors: bool,
    is_discounted: bool,
    sent_to_contact: bool,
    reference: &'a str,
    #[serde(rename = "Type")]
    kind: &'static str,
    currency_rate: Number,
    currency_code: &'a str,
    contact: ContactOf<'a>,
    status: &'static str,
    line_amount_types: &'static str,
    line_items: Vec<LineItem<'a>>,
    sub_total: Number,
    total_tax: Number,
    total: Number,
    #[serde(rename = "UpdatedDateUTC")]
    updated: Instant,
    has_attachments: bool,
}

fn status(order: &ledger::PurchaseOrder) -> &'static str {
    if order.meta.deleted {
        return "DELETED";
    }
    match order.status {
        PurchaseOrderStatus::Draft => "DRAFT",
        PurchaseOrderStatus::Submitted => "SUBMITTED",
        PurchaseOrderStatus::Authorised => "AUTHORISED",
        PurchaseOrderStatus::Billed => "BILLED",
    }
}
