//! <https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/deposit>

use ledgerline_model::DataType;
use ledgerline_model::records::DirectIncome;

use super::Facts;
use super::bank_side::{self, Side};
use super::purchases::contact;
use super::rows::{Flaw, Rows, parse};
use super::transaction::Transaction;

/// A deposit that only brings payments to the bank is no income of its own.
pub(super) fn rows(text: &str, facts: &Facts, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    let wire: Transaction = parse(text)?;
    let (total, tax) = (wire.total()?, wire.tax());
    let line_items = wire.direct_lines();
    if line_items.is_empty() && !wire.line.is_empty() {
        rows.gone(DataType::DirectIncomes, &wire.id);
    } else {
        let record = DirectIncome {
            id: wire.id.as_str().into(),
            reference: None,
            note: wire.note().map(Into::into),
            contact_ref: wire.depositor().as_ref().and_then(contact),
            issue_date: wire.date()?,
            currency: wire.currency().unwrap_or_default().into(),
            currency_rate: wire.rate(),
            line_items,
            payment_allocations: Vec::new(),
            sub_total: total - tax,
            tax_amount: tax,
            total_amount: total,
            supplemental_data: None,
            source_modified_date: wire.modified(),
        };
        rows.present(DataType::DirectIncomes, &wire.id, &record, wire.modified())?;
    }
    let side = Side {
        id: format!("deposit_{}", wire.id),
        account: wire.deposit_to_account_ref.as_ref(),
        amount: total,
        data_type: DataType::DirectIncomes,
    };
    bank_side::row(&wire, side, facts, rows)
}
