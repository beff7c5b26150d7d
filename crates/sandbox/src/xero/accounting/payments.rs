//! <https://developer.xero.com/documentation/api/accounting/payments>: of invoices and bills, and refunds of credit notes.

use serde::Serialize;
use uuid::Uuid;

use super::contacts::ContactOf;
use super::invoices::InvoiceOf;
use super::lines::AccountOf;
use super::list::{day, text};
use super::question::Question;
use super::resource::{Cx, Detail, Resource};
use crate::ledger::{self, Direction, Ledger, PaymentTarget, Table};
use crate::xero::dates::{Day, Instant};
use crate::xero::filter::Value;
use crate::xero::number::Number;

impl Resource for ledger::Payment {
    const NAME: &'static str = "Payments";
    const TYPE: &'static str = "Payment";
    const ID: &'static str = "PaymentID";
    const PAGED: bool = true;
    const MODIFIED_SINCE: bool = true;
    type Wire<'a> = Payment<'a>;

    fn table(ledger: &Ledger) -> &Table<Self> {
        &ledger.payments
    }

    fn is_listed(&self, _: &Question) -> bool {
        true
    }

    fn field<'a>(&'a self, ledger: &'a Ledger, path: &str) -> Option<Value<'a>> {
        let of_invoice = |field: fn(&'a ledger::Invoice) -> Value<'a>| match self.target {
            PaymentTarget::Invoice(id) => ledger.invoices.get(id).map_or(Value::Null, field),
            PaymentTarget::CreditNote(_) => Value::Null,
        };
        Some(match path {
            "PaymentType" => Value::Text(payment_type(self)),
            "Status" => Value::Text(status(self)),
            "Date" => day(self.date),
            "Amount" => Value::Number(self.amount),
            "BankAmount" => Value::Number(self.bank_amount),
            "CurrencyRate" => Value::Number(self.currency_rate),
            "Reference" => text(&self.reference),
            "IsReconciled" => Value::Bool(self.reconciled),
            "Account.AccountID" => Value::Id(self.account),
            "Account.Code" => ledger
                .accounts
                .get(self.account)
                .map_or(Value::Null, |account| text(&account.code)),
            "Invoice.InvoiceID" => of_invoice(|invoice| Value::Id(invoice.meta.id)),
            "Invoice.InvoiceNumber" => of_invoice(|invoice| text(&invoice.number)),
            "Invoice.Type" => {
                of_invoice(|invoice| Value::Text(super::invoices::invoice_type(invoice.direction)))
            }
            "Invoice.Contact.ContactID" => of_invoice(|invoice| Value::Id(invoice.contact)),
            _ => return None,
        })
    }

    fn wire<'a>(&'a self, cx: &Cx<'a>, _: Detail) -> Payment<'a> {
        let (invoice, credit_note) = match self.target {
            PaymentTarget::Invoice(id) => (InvoiceOf::find(cx.ledger, id), None),
            PaymentTarget::CreditNote(id) => (None, CreditNoteOf::find(cx.ledger, id)),
        };
        Payment {
            payment_id: self.meta.id,
            date: Day(self.date),
            bank_amount: Number(self.bank_amount),
            amount: Number(self.amount),
            reference: &self.reference,
            currency_rate: Number(self.currency_rate),
            payment_type: payment_type(self),
            status: status(self),
            updated: Instant(self.meta.updated_at),
            has_account: true,
            is_reconciled: self.reconciled,
            account: AccountOf::find(cx.ledger, self.account),
            invoice,
            credit_note,
            has_validation_errors: false,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Payment<'a> {
    #[serde(rename = "PaymentID")]
    payment_id: Uuid,
    date: Day,
    bank_amount: Number,
    amount: Number,
    reference: &'a str,
    currency_rate: Number,
    payment_type: &'static str,
    status: &'static str,
    #[serde(rename = "UpdatedDateUTC")]
    updated: Instant,
    has_account: bool,
    is_reconciled: bool,
    account: AccountOf<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invoice: Option<InvoiceOf<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credit_note: Option<CreditNoteOf<'a>>,
    has_validation_errors: bool,
}

/// The credit note that a refund pays back.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CreditNoteOf<'a> {
    #[serde(rename = "CreditNoteID")]
    credit_note_id: Uuid,
    credit_note_number: &'a str,
    #[serde(rename = "ID")]
    id: Uuid,
    #[serde(rename = "Type")]
    kind: &'static str,
    has_errors: bool,
    contact: ContactOf<'a>,
    line_items: [u8; 0],
    currency_code: &'a str,
}

impl<'a> CreditNoteOf<'a> {
    fn find(ledger: &'a Ledger, id: Uuid) -> Option<Self> {
        let note = ledger.credit_notes.get(id)?;
        Some(Self {
            credit_note_id: id,
            credit_note_number: &note.number,
            id,
            kind: super::credit_notes::credit_note_type(note.direction),
            has_errors: false,
            contact: ContactOf::find(ledger, note.contact),
            line_items: [],
            currency_code: &note.currency,
        })
    }
}

fn payment_type(payment: &ledger::Payment) -> &'static str {
    match (payment.target, payment.direction) {
        (PaymentTarget::Invoice(_), Direction::Receivable) => "ACCRECPAYMENT",
        (PaymentTarget::Invoice(_), Direction::Payable) => "ACCPAYPAYMENT",
        (PaymentTarget::CreditNote(_), Direction::Receivable) => "ARCREDITPAYMENT",
        (PaymentTarget::CreditNote(_), Direction::Payable) => "APCREDITPAYMENT",
    }
}

fn status(payment: &ledger::Payment) -> &'static str {
    if payment.meta.deleted {
        "DELETED"
    } else {
        "AUTHORISED"
    }
}
