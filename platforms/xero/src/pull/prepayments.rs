//! <https://developer.xero.com/documentation/api/accounting/prepayments> and `/overpayments`
//!
//! Money that came or went before there was a document for it: a payment with a line for each invoice that it
//! was used on since, one for each refund, and one for what remains on account. Its bank account stands in the
//! bank transaction that made it. Only the kept source has: `LineItems`, `SubTotal`, `TotalTax`,
//! `AppliedAmount`, `BrandingThemeID`, `InvoiceNumber`, attachments, `AllocationID`.

use ledgerline_model::records::{
    BillPayment, BillPaymentLine, BillPaymentLink, BillPaymentLinkType, Payment, PaymentLine, PaymentLink,
    PaymentLinkType, Text,
};
use ledgerline_model::{DataType, Decimal, LocalDateTime};
use serde::Deserialize;

use super::dates;
use super::document::{ContactRef, CreditAllocation, NestedPayment, rate};
use super::facts::Facts;
use super::rows::{Flaw, Rows, parse};
use super::text::{Str, filled};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Wire<'a> {
    #[serde(rename = "PrepaymentID", borrow)]
    prepayment_id: Option<Str<'a>>,
    #[serde(rename = "OverpaymentID", borrow)]
    overpayment_id: Option<Str<'a>>,
    #[serde(rename = "Type", borrow)]
    kind: Str<'a>,
    #[serde(borrow)]
    status: Str<'a>,
    #[serde(borrow)]
    contact: Option<ContactRef<'a>>,
    #[serde(borrow)]
    date_string: Option<Str<'a>>,
    #[serde(borrow)]
    date: Option<Str<'a>>,
    #[serde(borrow)]
    reference: Option<Str<'a>>,
    #[serde(borrow)]
    currency_code: Option<Str<'a>>,
    currency_rate: Option<Decimal>,
    total: Decimal,
    remaining_credit: Option<Decimal>,
    #[serde(default, borrow)]
    allocations: Vec<CreditAllocation<'a>>,
    #[serde(default, borrow)]
    payments: Vec<NestedPayment<'a>>,
    #[serde(rename = "UpdatedDateUTC", borrow)]
    updated_date_utc: Option<Str<'a>>,
}

/// What a part of the money was used for.
struct Use<'a> {
    purpose: Purpose,
    id: Option<Text<'a>>,
    amount: Decimal,
    date: Option<LocalDateTime>,
}

#[derive(Clone, Copy)]
enum Purpose {
    Document,
    Refund,
    OnAccount,
}

pub(super) fn prepayment_rows(text: &str, _: &Facts, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    let mut wire: Wire<'_> = parse(text)?;
    let id = filled(wire.prepayment_id.take()).ok_or_else(|| Flaw::missing("PrepaymentID"))?;
    payment(wire, &id, rows)
}

pub(super) fn overpayment_rows(text: &str, _: &Facts, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    let mut wire: Wire<'_> = parse(text)?;
    let id = filled(wire.overpayment_id.take()).ok_or_else(|| Flaw::missing("OverpaymentID"))?;
    payment(wire, &id, rows)
}

fn payment(wire: Wire<'_>, id: &str, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    let data_type = match wire.kind.as_str() {
        "RECEIVE-PREPAYMENT" | "RECEIVE-OVERPAYMENT" | "ARPREPAYMENT" | "AROVERPAYMENT" => DataType::Payments,
        "SPEND-PREPAYMENT" | "SPEND-OVERPAYMENT" | "APPREPAYMENT" | "APOVERPAYMENT" => DataType::BillPayments,
        other => return Err(Flaw::found("Type", other, "is no type of payment in advance")),
    };
    match wire.status.as_str() {
        "AUTHORISED" | "PAID" => {}
        // Payments of the standard have no status: one that is void is none.
        "VOIDED" | "DELETED" => {
            rows.gone(data_type, id);
            return Ok(());
        }
        other => rows.unknown("xero-unknown-payment-status", id, "Status", other),
    }
    let date = dates::date(wire.date_string.as_ref(), wire.date.as_ref(), "Date")?;
    let date = dates::required(date, "Date")?;
    let modified = dates::modified(wire.updated_date_utc.as_ref())?;
    let uses = uses(wire.allocations, wire.payments, wire.remaining_credit)?;
    if data_type == DataType::Payments {
        let record = Payment {
            id: id.into(),
            customer_ref: wire.contact.and_then(ContactRef::customer),
            account_ref: None,
            payment_method_ref: None,
            total_amount: Some(wire.total),
            currency: filled(wire.currency_code),
            currency_rate: rate(wire.currency_rate),
            date,
            note: None,
            lines: uses.into_iter().map(receivable_line).collect(),
            reference: filled(wire.reference),
            supplemental_data: None,
            source_modified_date: modified,
        };
        rows.present(data_type, id, &record, modified)
    } else {
        let record = BillPayment {
            id: id.into(),
            supplier_ref: wire.contact.and_then(ContactRef::supplier),
            account_ref: None,
            total_amount: Some(wire.total),
            currency: filled(wire.currency_code),
            currency_rate: rate(wire.currency_rate),
            date,
            note: None,
            payment_method_ref: None,
            lines: uses.into_iter().map(payable_line).collect(),
            reference: filled(wire.reference),
            supplemental_data: None,
            source_modified_date: modified,
        };
        rows.present(data_type, id, &record, modified)
    }
}

fn uses<'a>(
    allocations: Vec<CreditAllocation<'a>>,
    refunds: Vec<NestedPayment<'a>>,
    remaining: Option<Decimal>,
) -> Result<Vec<Use<'a>>, Flaw> {
    let mut uses = Vec::new();
    for allocation in allocations {
        if allocation.is_deleted != Some(true) {
            uses.push(Use {
                purpose: Purpose::Document,
                id: allocation.invoice.and_then(|invoice| filled(invoice.id)),
                amount: allocation
                    .amount
                    .ok_or_else(|| Flaw::missing("Allocations.Amount"))?,
                date: dates::date(None, allocation.date.as_ref(), "Allocations.Date")?,
            });
        }
    }
    for refund in refunds {
        uses.push(Use {
            purpose: Purpose::Refund,
            id: filled(refund.id),
            amount: refund.amount.ok_or_else(|| Flaw::missing("Payments.Amount"))?,
            date: dates::date(None, refund.date.as_ref(), "Payments.Date")?,
        });
    }
    if let Some(amount) = remaining.filter(|amount| !amount.is_zero()) {
        uses.push(Use {
            purpose: Purpose::OnAccount,
            id: None,
            amount,
            date: None,
        });
    }
    Ok(uses)
}

fn receivable_line(part: Use<'_>) -> PaymentLine<'_> {
    PaymentLine {
        amount: part.amount,
        links: vec![PaymentLink {
            kind: match part.purpose {
                Purpose::Document => PaymentLinkType::Invoice,
                Purpose::Refund => PaymentLinkType::Refund,
                Purpose::OnAccount => PaymentLinkType::PaymentOnAccount,
            },
            id: part.id,
            amount: Some(-part.amount),
            currency_rate: None,
        }],
        allocated_on_date: part.date,
    }
}

fn payable_line(part: Use<'_>) -> BillPaymentLine<'_> {
    BillPaymentLine {
        amount: part.amount,
        links: vec![BillPaymentLink {
            kind: match part.purpose {
                Purpose::Document => BillPaymentLinkType::Bill,
                Purpose::Refund => BillPaymentLinkType::Refund,
                Purpose::OnAccount => BillPaymentLinkType::PaymentOnAccount,
            },
            id: part.id,
            amount: Some(-part.amount),
            currency_rate: None,
        }],
        allocated_on_date: part.date,
    }
}
