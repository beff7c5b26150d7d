//! <https://developer.xero.com/documentation/api/accounting/creditnotes>, of both directions.

use serde::Serialize;
use uuid::Uuid;

use super::contacts::ContactOf;
use super::invoices::{InvoiceOf, PaymentOf};
use super::lines::{LineItem, document_status, foreign_rate, line_amount_types, line_items};
use super::list::{contact_field, day, text};
use super::question::Question;
use super::resource::{Cx, Detail, Resource};
use crate::ledger::invoice::SettledBy;
use crate::ledger::{self, Direction, Ledger, Table};
use crate::xero::dates::{Day, DayString, Instant};
use crate::xero::filter::Value;
use crate::xero::number::Number;

impl Resource for ledger::CreditNote {
    const NAME: &'static str = "CreditNotes";
    const TYPE: &'static str = "CreditNote";
    const ID: &'static str = "CreditNoteID";
    const PAGED: bool = true;
    const MODIFIED_SINCE: bool = true;
    type Wire<'a> = CreditNote<'a>;

    fn table(ledger: &Ledger) -> &Table<Self> {
        &ledger.credit_notes
    }

    fn is_listed(&self, _: &Question) -> bool {
        true
    }

    fn answers_to(&self, number: &str) -> bool {
        self.number == number
    }

    fn field<'a>(&'a self, ledger: &'a Ledger, path: &str) -> Option<Value<'a>> {
        Some(match path {
            "Type" => Value::Text(credit_note_type(self.direction)),
            "Status" => Value::Text(document_status(&self.meta, self.status)),
            "CreditNoteNumber" => text(&self.number),
            "Reference" => text(&self.reference),
            "Date" => day(self.date),
            "FullyPaidOnDate" => self.fully_paid_on.map_or(Value::Null, day),
            "SubTotal" => Value::Number(self.totals.sub_total),
            "TotalTax" => Value::Number(self.totals.total_tax),
            "Total" => Value::Number(self.totals.total),
            "RemainingCredit" => Value::Number(self.remaining),
            "CurrencyCode" => Value::Text(&self.currency),
            "CurrencyRate" => Value::Number(self.currency_rate),
            _ => return contact_field(ledger, self.contact, path),
        })
    }

    fn wire<'a>(&'a self, cx: &Cx<'a>, detail: Detail) -> CreditNote<'a> {
        let full = detail != Detail::Summary;
        let refunds = self
            .uses
            .iter()
            .filter(|_| full)
            .filter_map(|(used_by, _)| match used_by {
                SettledBy::Payment(id) => cx.ledger.payments.get(*id),
                SettledBy::Allocation { .. } => None,
            });
        let allocations = self.allocations.iter().filter(|_| full).filter_map(|allocation| {
            Some(Allocation {
                allocation_id: allocation.id,
                amount: Number(allocation.amount),
                date: Day(allocation.date),
                invoice: InvoiceOf::find(cx.ledger, allocation.invoice)?,
            })
        });
        CreditNote {
            credit_note_id: self.meta.id,
            credit_note_number: &self.number,
            payments: refunds
                .filter(|payment| !payment.meta.deleted)
                .map(|payment| PaymentOf {
                    payment_id: payment.meta.id,
                    date: Day(payment.date),
                    amount: Number(payment.amount),
                    reference: &payment.reference,
                    currency_rate: Number(payment.currency_rate),
                    has_account: true,
                    has_validation_errors: false,
                })
                .collect(),
            id: self.meta.id,
            has_errors: false,
            kind: credit_note_type(self.direction),
            reference: &self.reference,
            remaining_credit: Number(self.remaining),
            allocations: allocations.collect(),
            has_attachments: cx.ledger.has_attachments(self.meta.id),
            contact: ContactOf::find(cx.ledger, self.contact),
            date_string: DayString(self.date),
            date: Day(self.date),
            status: document_status(&self.meta, self.status),
            line_amount_types: line_amount_types(self.line_amounts),
            line_items: if full {
                line_items(cx, &self.lines)
            } else {
                Vec::new()
            },
            sub_total: Number(self.totals.sub_total),
            total_tax: Number(self.totals.total_tax),
            total: Number(self.totals.total),
            updated: Instant(self.meta.updated_at),
            currency_code: &self.currency,
            currency_rate: foreign_rate(cx.ledger, &self.currency, self.currency_rate),
            fully_paid_on_date: self.fully_paid_on.map(Day),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreditNote<'a> {
    #[serde(rename = "CreditNoteID")]
    credit_note_id: Uuid,
    credit_note_number: &'a str,
    payments: Vec<PaymentOf<'a>>,
    #[serde(rename = "ID")]
    id: Uuid,
    has_errors: bool,
    #[serde(rename = "Type")]
    kind: &'static str,
    reference: &'a str,
    remaining_credit: Number,
    allocations: Vec<Allocation<'a>>,
    has_attachments: bool,
    contact: ContactOf<'a>,
    date_string: DayString,
    date: Day,
    status: &'static str,
    line_amount_types: &'static str,
    line_items: Vec<LineItem<'a>>,
    sub_total: Number,
    total_tax: Number,
    total: Number,
    #[serde(rename = "UpdatedDateUTC")]
    updated: Instant,
    currency_code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency_rate: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fully_paid_on_date: Option<Day>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Allocation<'a> {
    #[serde(rename = "AllocationID")]
    allocation_id: Uuid,
    amount: Number,
    date: Day,
    invoice: InvoiceOf<'a>,
}

pub(super) fn credit_note_type(direction: Direction) -> &'static str {
    match direction {
        Direction::Receivable => "ACCRECCREDIT",
        Direction::Payable => "ACCPAYCREDIT",
    }
}
