//! <https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/transfer>

use ledgerline_model::records::{BankStatus, RecordRef, Transfer, TransferAccount};
use ledgerline_model::{DataType, Decimal};

use super::Facts;
use super::bank_side::{self, Side};
use super::rows::{Flaw, Rows, parse};
use super::transaction::{Ref, Transaction};

pub(super) fn rows(text: &str, facts: &Facts, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    let wire: Transaction = parse(text)?;
    let amount = wire.amount.ok_or_else(|| Flaw::missing("Amount"))?;
    let record = Transfer {
        id: wire.id.as_str().into(),
        description: wire.note().map(Into::into),
        contact_ref: None,
        date: Some(wire.date()?),
        from: side_of(&wire, wire.from_account_ref.as_ref(), amount),
        to: side_of(&wire, wire.to_account_ref.as_ref(), amount),
        status: BankStatus::Unknown,
        tracking_category_refs: Vec::new(),
        deposited_record_refs: Vec::new(),
        supplemental_data: None,
        source_modified_date: wire.modified(),
    };
    rows.present(DataType::Transfers, &wire.id, &record, wire.modified())?;
    let sides = [
        ("from", wire.from_account_ref.as_ref(), -amount),
        ("to", wire.to_account_ref.as_ref(), amount),
    ];
    for (name, account, amount) in sides {
        let side = Side {
            id: format!("transfer_{}_{name}", wire.id),
            account,
            amount,
            data_type: DataType::Transfers,
        };
        bank_side::row(&wire, side, facts, rows)?;
    }
    Ok(())
}

fn side_of(wire: &Transaction, account: Option<&Ref>, amount: Decimal) -> Option<TransferAccount<'static>> {
    Some(TransferAccount {
        account_ref: Some(RecordRef {
            id: account?.value.clone()?.into(),
            data_type: DataType::BankAccounts,
        }),
        currency: wire.currency().map(Into::into),
        amount: Some(amount),
    })
}
