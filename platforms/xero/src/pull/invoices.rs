//! <https://developer.xero.com/documentation/api/accounting/invoices>
//!
//! Only the kept source has: `LineItems.{LineItemID, AccountCode, ItemCode, Taxability, TaxBreakdown,
//! ValidationErrors, DiscountEnteredAsPercent}`, `LineItems.Tracking.{Name, TrackingCategoryID}`, all of
//! `Contact` but its id and name, `BrandingThemeID`, `Url`, `SentToContact`, `ExpectedPaymentDate`,
//! `PlannedPaymentDate`, `CISRate`, `RepeatingInvoiceID`, `HasAttachments`, `Attachments`, `IsDiscounted`,
//! `InvoiceAddresses`, `InvoicePaymentServices`, `HasErrors`, `AmountPaid`, `AmountCredited` (both follow from
//! the total and the amount due), `LineAmountTypes` (the lines' sub-totals and totals are told apart by it).

use ledgerline_model::records::{Bill, BillStatus, Invoice, InvoiceStatus, WithholdingTax};
use ledgerline_model::{DataType, Decimal};
use serde::Deserialize;

use super::dates;
use super::document::{ContactRef, Document, Line, NestedCredit, NestedPayment, allocations, rate};
use super::facts::Facts;
use super::rows::{Flaw, Rows, parse};
use super::text::{Str, filled};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Wire<'a> {
    #[serde(rename = "Type", borrow)]
    kind: Str<'a>,
    #[serde(rename = "InvoiceID", borrow)]
    id: Str<'a>,
    #[serde(rename = "InvoiceNumber", borrow)]
    number: Option<Str<'a>>,
    #[serde(borrow)]
    reference: Option<Str<'a>>,
    #[serde(borrow)]
    contact: Option<ContactRef<'a>>,
    #[serde(borrow)]
    date_string: Option<Str<'a>>,
    #[serde(borrow)]
    date: Option<Str<'a>>,
    #[serde(borrow)]
    due_date_string: Option<Str<'a>>,
    #[serde(borrow)]
    due_date: Option<Str<'a>>,
    #[serde(borrow)]
    fully_paid_on_date: Option<Str<'a>>,
    #[serde(borrow)]
    currency_code: Option<Str<'a>>,
    currency_rate: Option<Decimal>,
    #[serde(borrow)]
    line_amount_types: Option<Str<'a>>,
    #[serde(default, borrow)]
    line_items: Vec<Line<'a>>,
    #[serde(default, borrow)]
    payments: Vec<NestedPayment<'a>>,
    #[serde(default, borrow)]
    credit_notes: Vec<NestedCredit<'a>>,
    #[serde(default, borrow)]
    prepayments: Vec<NestedCredit<'a>>,
    #[serde(default, borrow)]
    overpayments: Vec<NestedCredit<'a>>,
    #[serde(rename = "CISDeduction")]
    cis_deduction: Option<Decimal>,
    total_discount: Option<Decimal>,
    sub_total: Decimal,
    total_tax: Decimal,
    total: Decimal,
    amount_due: Decimal,
    amount_paid: Option<Decimal>,
    amount_credited: Option<Decimal>,
    #[serde(borrow)]
    status: Str<'a>,
    #[serde(rename = "UpdatedDateUTC", borrow)]
    updated_date_utc: Option<Str<'a>>,
}

pub(super) fn rows(text: &str, _: &Facts, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    let wire: Wire<'_> = parse(text)?;
    let data_type = match wire.kind.as_str() {
        "ACCREC" => DataType::Invoices,
        "ACCPAY" => DataType::Bills,
        other => return Err(Flaw::found("Type", other, "is no type of invoice")),
    };
    // An invoice never changes sides: for the other type there is nothing to say of it.
    if !rows.wants(data_type) {
        return Ok(());
    }
    if wire.status.as_str() == "DELETED" {
        rows.gone(data_type, wire.id.as_str());
        return Ok(());
    }
    if wire.status.as_str() == "SUBMITTED" {
        rows.unposted();
    }
    if data_type == DataType::Invoices {
        invoice(wire, rows)
    } else {
        bill(wire, rows)
    }
}

fn invoice(wire: Wire<'_>, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    let status = match wire.status.as_str() {
        "DRAFT" => InvoiceStatus::Draft,
        "SUBMITTED" | "AUTHORISED" if is_part_paid(&wire) => InvoiceStatus::PartiallyPaid,
        "SUBMITTED" | "AUTHORISED" => InvoiceStatus::Submitted,
        "PAID" => InvoiceStatus::Paid,
        "VOIDED" => InvoiceStatus::Void,
        other => {
            rows.unknown("xero-unknown-invoice-status", wire.id.as_str(), "Status", other);
            InvoiceStatus::Unknown
        }
    };
    let issue_date = dates::date(wire.date_string.as_ref(), wire.date.as_ref(), "Date")?;
    let due_date = dates::date(wire.due_date_string.as_ref(), wire.due_date.as_ref(), "DueDate")?;
    let modified = dates::modified(wire.updated_date_utc.as_ref())?;
    let mut document = Document::new(rows, wire.id.as_str(), wire.line_amount_types.as_ref());
    let line_items = document.receivable_lines(wire.line_items);
    let currency = filled(wire.currency_code);
    let credits = wire
        .credit_notes
        .into_iter()
        .chain(wire.prepayments)
        .chain(wire.overpayments);
    let record = Invoice {
        id: wire.id.clone().into(),
        invoice_number: filled(wire.number),
        customer_ref: wire.contact.and_then(ContactRef::customer),
        issue_date: dates::required(issue_date, "Date")?,
        due_date,
        paid_on_date: dates::date(None, wire.fully_paid_on_date.as_ref(), "FullyPaidOnDate")?,
        currency_rate: rate(wire.currency_rate),
        line_items,
        payment_allocations: allocations(currency.as_ref(), wire.payments, credits)?,
        currency,
        withholding_tax: withholding_tax(wire.cis_deduction),
        total_discount: wire.total_discount,
        sub_total: Some(wire.sub_total),
        total_tax_amount: wire.total_tax,
        total_amount: wire.total,
        amount_due: wire.amount_due,
        discount_percentage: None,
        status,
        note: filled(wire.reference),
        supplemental_data: None,
        source_modified_date: modified,
    };
    rows.present(DataType::Invoices, wire.id.as_str(), &record, modified)
}

fn bill(wire: Wire<'_>, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    let status = match wire.status.as_str() {
        "DRAFT" => BillStatus::Draft,
        "SUBMITTED" | "AUTHORISED" if is_part_paid(&wire) => BillStatus::PartiallyPaid,
        "SUBMITTED" | "AUTHORISED" => BillStatus::Open,
        "PAID" => BillStatus::Paid,
        "VOIDED" => BillStatus::Void,
        other => {
            rows.unknown("xero-unknown-bill-status", wire.id.as_str(), "Status", other);
            BillStatus::Unknown
        }
    };
    let issue_date = dates::date(wire.date_string.as_ref(), wire.date.as_ref(), "Date")?;
    let due_date = dates::date(wire.due_date_string.as_ref(), wire.due_date.as_ref(), "DueDate")?;
    let modified = dates::modified(wire.updated_date_utc.as_ref())?;
    let mut document = Document::new(rows, wire.id.as_str(), wire.line_amount_types.as_ref());
    let line_items = document.payable_lines(wire.line_items);
    let currency = filled(wire.currency_code);
    let credits = wire
        .credit_notes
        .into_iter()
        .chain(wire.prepayments)
        .chain(wire.overpayments);
    // What Xero's pages call the reference of a bill is its `InvoiceNumber`; `Reference` is a second one.
    let (number, reference) = (filled(wire.number), filled(wire.reference));
    let (reference, note) = if number.is_some() {
        (number, reference)
    } else {
        (reference, None)
    };
    let record = Bill {
        id: wire.id.clone().into(),
        reference,
        supplier_ref: wire.contact.and_then(ContactRef::supplier),
        issue_date: dates::required(issue_date, "Date")?,
        due_date,
        currency_rate: rate(wire.currency_rate),
        line_items,
        withholding_tax: withholding_tax(wire.cis_deduction),
        status,
        sub_total: wire.sub_total,
        tax_amount: wire.total_tax,
        total_amount: wire.total,
        amount_due: Some(wire.amount_due),
        note,
        payment_allocations: allocations(currency.as_ref(), wire.payments, credits)?,
        currency,
        supplemental_data: None,
        source_modified_date: modified,
    };
    rows.present(DataType::Bills, wire.id.as_str(), &record, modified)
}

fn is_part_paid(wire: &Wire<'_>) -> bool {
    [wire.amount_paid, wire.amount_credited]
        .into_iter()
        .flatten()
        .any(|amount| !amount.is_zero())
}

/// Held back under the United Kingdom's Construction Industry Scheme.
fn withholding_tax<'a>(deduction: Option<Decimal>) -> Vec<WithholdingTax<'a>> {
    let deduction = deduction.filter(|amount| !amount.is_zero());
    deduction
        .map(|amount| WithholdingTax {
            name: "CIS".into(),
            amount,
        })
        .into_iter()
        .collect()
}
