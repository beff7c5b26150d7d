//! <https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/invoice>

use ledgerline_model::DataType;
use ledgerline_model::records::{Invoice, InvoiceStatus};

use super::Facts;
use super::rows::{Flaw, Rows, parse};
use super::transaction::{Transaction, date};

pub(super) fn rows(text: &str, _: &Facts, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    let wire: Transaction = parse(text)?;
    let (total, tax) = (wire.total()?, wire.tax());
    let due = wire.balance.ok_or_else(|| Flaw::missing("Balance"))?;
    let record = Invoice {
        id: wire.id.as_str().into(),
        invoice_number: wire.doc_number.as_deref().map(Into::into),
        customer_ref: wire
            .customer_ref
            .as_ref()
            .and_then(|customer| customer.customer()),
        issue_date: wire.date()?,
        due_date: date("DueDate", wire.due_date.as_deref())?,
        // The day stands in the payment.
        paid_on_date: None,
        currency: wire.currency().map(Into::into),
        currency_rate: wire.rate(),
        line_items: wire.receivable_lines(),
        payment_allocations: wire.allocations(),
        withholding_tax: Vec::new(),
        total_discount: Some(wire.discount()),
        sub_total: Some(total - tax),
        total_tax_amount: tax,
        total_amount: total,
        amount_due: due,
        discount_percentage: None,
        status: match () {
            () if wire.is_void() => InvoiceStatus::Void,
            () if due.is_zero() => InvoiceStatus::Paid,
            () if due != total => InvoiceStatus::PartiallyPaid,
            () => InvoiceStatus::Submitted,
        },
        note: wire.note().map(Into::into),
        supplemental_data: None,
        source_modified_date: wire.modified(),
    };
    rows.present(DataType::Invoices, &wire.id, &record, wire.modified())
}
