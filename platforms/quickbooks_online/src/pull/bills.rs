//! <https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/bill>

use ledgerline_model::DataType;
use ledgerline_model::records::{Bill, BillStatus};

use super::Facts;
use super::rows::{Flaw, Rows, parse};
use super::transaction::{Transaction, date};

pub(super) fn rows(text: &str, _: &Facts, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    let wire: Transaction = parse(text)?;
    let (total, tax) = (wire.total()?, wire.tax());
    let due = wire.balance.ok_or_else(|| Flaw::missing("Balance"))?;
    let record = Bill {
        id: wire.id.as_str().into(),
        reference: wire.doc_number.as_deref().map(Into::into),
        supplier_ref: wire.vendor_ref.as_ref().and_then(|vendor| vendor.supplier()),
        issue_date: wire.date()?,
        due_date: date("DueDate", wire.due_date.as_deref())?,
        currency: wire.currency().map(Into::into),
        currency_rate: wire.rate(),
        line_items: wire.payable_lines(),
        withholding_tax: Vec::new(),
        status: match () {
            () if wire.is_void() => BillStatus::Void,
            () if due.is_zero() => BillStatus::Paid,
            () if due != total => BillStatus::PartiallyPaid,
            () => BillStatus::Open,
        },
        sub_total: total - tax,
        tax_amount: tax,
        total_amount: total,
        amount_due: Some(due),
        note: wire.note().map(Into::into),
        payment_allocations: wire.allocations(),
        supplemental_data: None,
        source_modified_date: wire.modified(),
    };
    rows.present(DataType::Bills, &wire.id, &record, wire.modified())
}
