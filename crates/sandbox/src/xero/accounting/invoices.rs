//! <https://developer.xero.com/documentation/api/accounting/invoices>: invoices and bills.

use serde::Serialize;
use uuid::Uuid;

use super::contacts::ContactOf;
use super::lines::{LineItem, document_status, foreign_rate, line_amount_types, line_items};
use super::list::{contact_field, day, text};
use super::question::Question;
use super::resource::{Cx, Detail, Resource};
use crate::ledger::invoice::SettledBy;
use crate::ledger::{self, Direction, Ledger, Table};
use crate::xero::dates::{Day, DayString, Instant};
use crate::xero::filter::Value;
use crate::xero::number::Number;

impl Resource for ledger::Invoice {
    const NAME: &'static str = "Invoices";
    const TYPE: &'static str = "Invoice";
    const ID: &'static str = "InvoiceID";
    const PAGED: bool = true;
    const MODIFIED_SINCE: bool = true;
    type Wire<'a> = Invoice<'a>;

    fn table(ledger: &Ledger) -> &Table<Self> {
        &ledger.invoices
    }

    fn is_listed(&self, question: &Question) -> bool {
        let wanted = |list: &[String], text: &str| {
            list.is_empty() || list.iter().any(|one| one.eq_ignore_ascii_case(text))
        };
        let found = |term: &String| {
            [&self.number, &self.reference]
                .iter()
                .any(|text| text.to_lowercase().contains(term.as_str()))
        };
        wanted(&question.statuses, document_status(&self.meta, self.status))
            && wanted(&question.numbers, &self.number)
            && (question.contact_ids.is_empty() || question.contact_ids.contains(&self.contact))
            && question.search_term.as_ref().is_none_or(found)
    }

    fn answers_to(&self, number: &str) -> bool {
        self.number == number
    }

    fn field<'a>(&'a self, ledger: &'a Ledger, path: &str) -> Option<Value<'a>> {
        Some(match path {
            "Type" => Value::Text(invoice_type(self.direction)),
            "Status" => Value::Text(document_status(&self.meta, self.status)),
            "InvoiceNumber" => text(&self.number),
            "Reference" => text(&self.reference),
            "Date" => day(self.date),
            "DueDate" => day(self.due_date),
            "FullyPaidOnDate" => self.fully_paid_on.map_or(Value::Null, day),
            "SubTotal" => Value::Number(self.totals.sub_total),
            "TotalTax" => Value::Number(self.totals.total_tax),
            "Total" => Value::Number(self.totals.total),
            "AmountDue" => Value::Number(self.amount_due),
            "AmountPaid" => Value::Number(self.amount_paid),
            "AmountCredited" => Value::Number(self.amount_credited),
            "CurrencyCode" => Value::Text(&self.currency),
            "CurrencyRate" => Value::Number(self.currency_rate),
            "SentToContact" => Value::Bool(self.sent),
            _ => return contact_field(ledger, self.contact, path),
        })
    }

    fn wire<'a>(&'a self, cx: &Cx<'a>, detail: Detail) -> Invoice<'a> {
        let full = detail != Detail::Summary;
        let mut payments = Vec::new();
        let mut credit_notes = Vec::new();
        for settlement in self.settlements.iter().filter(|_| full) {
            match settlement.by {
                SettledBy::Payment(id) => payments.push(PaymentOf {
                    payment_id: id,
                    date: Day(settlement.date),
                    amount: Number(settlement.amount),
                    reference: cx
                        .ledger
                        .payments
                        .get(id)
                        .map_or("", |payment| &payment.reference),
                    currency_rate: Number(
                        cx.ledger
                            .payments
                            .get(id)
                            .map_or(self.currency_rate, |payment| payment.currency_rate),
                    ),
                    has_account: true,
                    has_validation_errors: false,
                }),
                SettledBy::Allocation { credit_note, .. } => credit_notes.push(CreditNoteOf {
                    credit_note_id: credit_note,
                    credit_note_number: cx
                        .ledger
                        .credit_notes
                        .get(credit_note)
                        .map_or("", |note| &note.number),
                    id: credit_note,
                    has_errors: false,
                    applied_amount: Number(settlement.amount),
                    date_string: DayString(settlement.date),
                    date: Day(settlement.date),
                    line_items: [],
                    total: Number(
                        cx.ledger
                            .credit_notes
                            .get(credit_note)
                            .map_or(settlement.amount, |note| note.totals.total),
                    ),
                }),
            }
        }
        Invoice {
            kind: invoice_type(self.direction),
            invoice_id: self.meta.id,
            invoice_number: &self.number,
            reference: &self.reference,
            payments,
            credit_notes,
            prepayments: [],
            overpayments: [],
            amount_due: Number(self.amount_due),
            amount_paid: Number(self.amount_paid),
            amount_credited: Number(self.amount_credited),
            currency_rate: foreign_rate(cx.ledger, &self.currency, self.currency_rate),
            sent_to_contact: self.sent,
            is_discounted: self.lines.iter().any(|line| line.discount_rate.is_some()),
            has_attachments: cx.ledger.has_attachments(self.meta.id),
            has_errors: false,
            invoice_payment_services: [],
            contact: ContactOf::find(cx.ledger, self.contact),
            date_string: DayString(self.date),
            date: Day(self.date),
            due_date_string: DayString(self.due_date),
            due_date: Day(self.due_date),
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
            fully_paid_on_date: self.fully_paid_on.map(Day),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Invoice<'a> {
    #[serde(rename = "Type")]
    kind: &'static str,
    #[serde(rename = "InvoiceID")]
    invoice_id: Uuid,
    invoice_number: &'a str,
    reference: &'a str,
    payments: Vec<PaymentOf<'a>>,
    credit_notes: Vec<CreditNoteOf<'a>>,
    prepayments: [u8; 0],
    overpayments: [u8; 0],
    amount_due: Number,
    amount_paid: Number,
    amount_credited: Number,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency_rate: Option<Number>,
    sent_to_contact: bool,
    is_discounted: bool,
    has_attachments: bool,
    has_errors: bool,
    invoice_payment_services: [u8; 0],
    contact: ContactOf<'a>,
    date_string: DayString,
    date: Day,
    due_date_string: DayString,
    due_date: Day,
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
    fully_paid_on_date: Option<Day>,
}

/// A payment within the document that it settles.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PaymentOf<'a> {
    #[serde(rename = "PaymentID")]
    pub(super) payment_id: Uuid,
    pub(super) date: Day,
    pub(super) amount: Number,
    pub(super) reference: &'a str,
    pub(super) currency_rate: Number,
    pub(super) has_account: bool,
    pub(super) has_validation_errors: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CreditNoteOf<'a> {
    #[serde(rename = "CreditNoteID")]
    credit_note_id: Uuid,
    credit_note_number: &'a str,
    #[serde(rename = "ID")]
    id: Uuid,
    has_errors: bool,
    applied_amount: Number,
    date_string: DayString,
    date: Day,
    line_items: [u8; 0],
    total: Number,
}

/// An invoice within a payment or an allocation.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct InvoiceOf<'a> {
    #[serde(rename = "Type")]
    kind: &'static str,
    #[serde(rename = "InvoiceID")]
    invoice_id: Uuid,
    invoice_number: &'a str,
    payments: [u8; 0],
    credit_notes: [u8; 0],
    prepayments: [u8; 0],
    overpayments: [u8; 0],
    is_discounted: bool,
    has_errors: bool,
    invoice_payment_services: [u8; 0],
    contact: ContactOf<'a>,
    line_items: [u8; 0],
    currency_code: &'a str,
}

impl<'a> InvoiceOf<'a> {
    pub(super) fn find(ledger: &'a Ledger, id: Uuid) -> Option<Self> {
        let invoice = ledger.invoices.get(id)?;
        Some(Self {
            kind: invoice_type(invoice.direction),
            invoice_id: id,
            invoice_number: &invoice.number,
            payments: [],
            credit_notes: [],
            prepayments: [],
            overpayments: [],
            is_discounted: false,
            has_errors: false,
            invoice_payment_services: [],
            contact: ContactOf::find(ledger, invoice.contact),
            line_items: [],
            currency_code: &invoice.currency,
        })
    }
}

pub(super) fn invoice_type(direction: Direction) -> &'static str {
    match direction {
        Direction::Receivable => "ACCREC",
        Direction::Payable => "ACCPAY",
    }
}
