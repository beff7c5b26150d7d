//! <https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/salesreceipt> and `…/refundreceipt`

use ledgerline_model::records::{ContactRef, DirectIncome};
use ledgerline_model::{DataType, Decimal};

use super::Facts;
use super::bank_side::{self, Side};
use super::purchases::signed_lines;
use super::rows::{Flaw, Rows, parse};
use super::transaction::Transaction;

pub(super) fn rows(text: &str, facts: &Facts, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    receipt(text, Decimal::ONE, "salesReceipt", facts, rows)
}

/// What is paid back of a sale is a negative income.
pub(super) fn refund_rows(text: &str, facts: &Facts, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    receipt(text, -Decimal::ONE, "refundReceipt", facts, rows)
}

fn receipt(text: &str, sign: Decimal, prefix: &str, facts: &Facts, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    let wire: Transaction = parse(text)?;
    let (total, tax) = (wire.total()? * sign, wire.tax() * sign);
    let customer = wire
        .customer_ref
        .as_ref()
        .and_then(|customer| customer.value.clone());
    let record = DirectIncome {
        id: wire.id.as_str().into(),
        reference: wire.doc_number.as_deref().map(Into::into),
        note: wire.note().map(Into::into),
        contact_ref: customer.map(|id| ContactRef {
            id: id.into(),
            data_type: Some(DataType::Customers),
        }),
        issue_date: wire.date()?,
        currency: wire.currency().unwrap_or_default().into(),
        currency_rate: wire.rate(),
        line_items: signed_lines(&wire, sign),
        payment_allocations: Vec::new(),
        sub_total: total - tax,
        tax_amount: tax,
        total_amount: total,
        supplemental_data: None,
        source_modified_date: wire.modified(),
    };
    rows.present(DataType::DirectIncomes, &wire.id, &record, wire.modified())?;
    let side = Side {
        id: format!("{prefix}_{}", wire.id),
        account: wire.deposit_to_account_ref.as_ref(),
        amount: total,
        data_type: DataType::DirectIncomes,
    };
    bank_side::row(&wire, side, facts, rows)
}
