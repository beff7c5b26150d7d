//! <https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/vendorcredit>

use ledgerline_model::records::BillCreditNote;
use ledgerline_model::{DataType, Decimal};

use super::Facts;
use super::credit_memos::status;
use super::rows::{Flaw, Rows, parse};
use super::transaction::Transaction;

pub(super) fn rows(text: &str, _: &Facts, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    let wire: Transaction = parse(text)?;
    let (total, tax) = (wire.total()?, wire.tax());
    let remaining = wire.balance.ok_or_else(|| Flaw::missing("Balance"))?;
    let record = BillCreditNote {
        id: wire.id.as_str().into(),
        bill_credit_note_number: wire.doc_number.as_deref().map(Into::into),
        supplier_ref: wire.vendor_ref.as_ref().and_then(|vendor| vendor.supplier()),
        withholding_tax: Vec::new(),
        total_amount: total,
        total_discount: Decimal::ZERO,
        sub_total: total - tax,
        total_tax_amount: tax,
        discount_percentage: Decimal::ZERO,
        remaining_credit: remaining,
        status: status(&wire, total, remaining),
        issue_date: Some(wire.date()?),
        allocated_on_date: None,
        currency: wire.currency().map(Into::into),
        currency_rate: wire.rate(),
        line_items: wire.payable_lines(),
        // The payments that apply it say to what, and how much.
        payment_allocations: Vec::new(),
        note: wire.note().map(Into::into),
        supplemental_data: None,
        source_modified_date: wire.modified(),
    };
    rows.present(DataType::BillCreditNotes, &wire.id, &record, wire.modified())
}
