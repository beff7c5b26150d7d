//! <https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/creditmemo>

use ledgerline_model::records::{CreditNote, CreditNoteStatus};
use ledgerline_model::{DataType, Decimal};

use super::Facts;
use super::rows::{Flaw, Rows, parse};
use super::transaction::Transaction;

pub(super) fn rows(text: &str, _: &Facts, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    let wire: Transaction = parse(text)?;
    let (total, tax) = (wire.total()?, wire.tax());
    let remaining = wire.remaining_credit.or(wire.balance);
    let remaining = remaining.ok_or_else(|| Flaw::missing("RemainingCredit"))?;
    let record = CreditNote {
        id: wire.id.as_str().into(),
        credit_note_number: wire.doc_number.as_deref().map(Into::into),
        customer_ref: wire
            .customer_ref
            .as_ref()
            .and_then(|customer| customer.customer()),
        withholding_tax: Vec::new(),
        total_amount: total,
        total_discount: wire.discount(),
        sub_total: total - tax,
        total_tax_amount: tax,
        discount_percentage: Decimal::ZERO,
        remaining_credit: remaining,
        status: status(&wire, total, remaining),
        issue_date: Some(wire.date()?),
        allocated_on_date: None,
        currency: wire.currency().map(Into::into),
        currency_rate: wire.rate(),
        line_items: wire.receivable_lines(),
        // The payments that apply it say to what, and how much.
        payment_allocations: Vec::new(),
        note: wire.note().map(Into::into),
        supplemental_data: None,
        source_modified_date: wire.modified(),
    };
    rows.present(DataType::CreditNotes, &wire.id, &record, wire.modified())
}

/// How far a credit is used up.
pub(super) fn status(wire: &Transaction, total: Decimal, remaining: Decimal) -> CreditNoteStatus {
    match () {
        () if wire.is_void() => CreditNoteStatus::Void,
        () if remaining.is_zero() => CreditNoteStatus::Paid,
        () if remaining != total => CreditNoteStatus::PartiallyPaid,
        () => CreditNoteStatus::Submitted,
    }
}
