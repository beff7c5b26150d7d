//! <https://developer.xero.com/documentation/api/accounting/creditnotes>
//!
//! `paymentAllocations` name the invoice that an allocation was used on (`payment.id` is the invoice's,
//! `payment.reference` its number) and the payments that refunded it. Only the kept source has:
//! `AllocationID`, `DueDate`, `AppliedAmount` (follows from total and remaining credit), `CISRate`,
//! `SentToContact`, `BrandingThemeID`, `LineAmountTypes`, all of `Contact` but its id and name, all of
//! `Allocations.Invoice` but its id and number, `HasErrors`, `InvoiceAddresses`, attachments, and of the lines what
//! `invoices` lists. `ID` repeats `CreditNoteID`.

use ledgerline_model::records::{
    AllocatedPayment, Allocation, BillCreditNote, CreditNote, CreditNoteStatus, PaymentAllocation, Text,
    WithholdingTax,
};
use ledgerline_model::{DataType, Decimal, LocalDateTime};
use serde::Deserialize;

use super::dates;
use super::document::{ContactRef, CreditAllocation, Document, Line, NestedPayment, allocations, rate};
use super::facts::Facts;
use super::rows::{Flaw, Rows, parse};
use super::text::{Str, filled};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Wire<'a> {
    #[serde(rename = "Type", borrow)]
    kind: Str<'a>,
    #[serde(rename = "CreditNoteID", borrow)]
    id: Str<'a>,
    #[serde(rename = "CreditNoteNumber", borrow)]
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
    currency_code: Option<Str<'a>>,
    currency_rate: Option<Decimal>,
    #[serde(borrow)]
    line_amount_types: Option<Str<'a>>,
    #[serde(default, borrow)]
    line_items: Vec<Line<'a>>,
    #[serde(default, borrow)]
    payments: Vec<NestedPayment<'a>>,
    #[serde(default, borrow)]
    allocations: Vec<CreditAllocation<'a>>,
    #[serde(rename = "CISDeduction")]
    cis_deduction: Option<Decimal>,
    sub_total: Decimal,
    total_tax: Decimal,
    total: Decimal,
    remaining_credit: Option<Decimal>,
    #[serde(borrow)]
    status: Str<'a>,
    #[serde(rename = "UpdatedDateUTC", borrow)]
    updated_date_utc: Option<Str<'a>>,
}

pub(super) fn rows(text: &str, _: &Facts, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    let wire: Wire<'_> = parse(text)?;
    let data_type = match wire.kind.as_str() {
        "ACCRECCREDIT" => DataType::CreditNotes,
        "ACCPAYCREDIT" => DataType::BillCreditNotes,
        other => return Err(Flaw::found("Type", other, "is no type of credit note")),
    };
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
    let remaining = wire
        .remaining_credit
        .ok_or_else(|| Flaw::missing("RemainingCredit"))?;
    let status = match wire.status.as_str() {
        "DRAFT" => CreditNoteStatus::Draft,
        "SUBMITTED" | "AUTHORISED" if remaining != wire.total => CreditNoteStatus::PartiallyPaid,
        "SUBMITTED" | "AUTHORISED" => CreditNoteStatus::Submitted,
        "PAID" => CreditNoteStatus::Paid,
        "VOIDED" => CreditNoteStatus::Void,
        other => {
            rows.unknown(
                "xero-unknown-credit-note-status",
                wire.id.as_str(),
                "Status",
                other,
            );
            CreditNoteStatus::Unknown
        }
    };
    let modified = dates::modified(wire.updated_date_utc.as_ref())?;
    let issue_date = dates::date(wire.date_string.as_ref(), wire.date.as_ref(), "Date")?;
    let currency = filled(wire.currency_code);
    let mut payment_allocations = allocations(currency.as_ref(), wire.payments, std::iter::empty())?;
    let mut allocated_on_date: Option<LocalDateTime> = None;
    for allocation in wire.allocations {
        if allocation.is_deleted == Some(true) {
            continue;
        }
        let allocation = use_of(allocation, currency.as_ref())?;
        allocated_on_date = allocated_on_date.max(allocation.allocation.allocated_on_date);
        payment_allocations.push(allocation);
    }
    let mut document = Document::new(rows, wire.id.as_str(), wire.line_amount_types.as_ref());
    let withholding_tax = withholding_tax(wire.cis_deduction);
    let currency_rate = rate(wire.currency_rate);
    if data_type == DataType::CreditNotes {
        let record = CreditNote {
            id: wire.id.clone().into(),
            credit_note_number: filled(wire.number),
            customer_ref: wire.contact.and_then(ContactRef::customer),
            withholding_tax,
            total_amount: wire.total,
            // Xero knows discounts of lines only; the standard wants both here.
            total_discount: Decimal::ZERO,
            sub_total: wire.sub_total,
            total_tax_amount: wire.total_tax,
            discount_percentage: Decimal::ZERO,
            remaining_credit: remaining,
            status,
            issue_date,
            allocated_on_date,
            currency,
            currency_rate,
            line_items: document.receivable_lines(wire.line_items),
            payment_allocations,
            note: filled(wire.reference),
            supplemental_data: None,
            source_modified_date: modified,
        };
        rows.present(data_type, wire.id.as_str(), &record, modified)
    } else {
        let record = BillCreditNote {
            id: wire.id.clone().into(),
            bill_credit_note_number: filled(wire.number),
            supplier_ref: wire.contact.and_then(ContactRef::supplier),
            withholding_tax,
            total_amount: wire.total,
            total_discount: Decimal::ZERO,
            sub_total: wire.sub_total,
            total_tax_amount: wire.total_tax,
            discount_percentage: Decimal::ZERO,
            remaining_credit: remaining,
            status,
            issue_date,
            allocated_on_date,
            currency,
            currency_rate,
            line_items: document.payable_lines(wire.line_items),
            payment_allocations,
            note: filled(wire.reference),
            supplemental_data: None,
            source_modified_date: modified,
        };
        rows.present(data_type, wire.id.as_str(), &record, modified)
    }
}

fn use_of<'a>(
    wire: CreditAllocation<'a>,
    currency: Option<&Text<'a>>,
) -> Result<PaymentAllocation<'a>, Flaw> {
    let date = dates::date(None, wire.date.as_ref(), "Allocations.Date")?;
    let (id, reference) = wire.invoice.map_or((None, None), |invoice| {
        (filled(invoice.id), filled(invoice.number))
    });
    Ok(PaymentAllocation {
        payment: AllocatedPayment {
            id,
            note: None,
            reference,
            account_ref: None,
            currency: currency.cloned(),
            currency_rate: None,
            paid_on_date: date,
            total_amount: wire.amount,
        },
        allocation: Allocation {
            currency: currency.cloned(),
            currency_rate: None,
            allocated_on_date: date,
            total_amount: wire.amount,
        },
    })
}

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
