use rust_decimal::Decimal;
use serde::Deserialize;
use uuid::Uuid;

use super::fields::{AccountRef, Day};
use super::{Change, New, Writable, check_date};
use crate::ledger::{Ledger, Meta, Table, Transfer, cents};
use crate::xero::amount::Amount;

/// A bank transfer as it is sent.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Sent {
    #[serde(rename = "BankTransferID")]
    id: Option<Uuid>,
    from_bank_account: Option<AccountRef>,
    to_bank_account: Option<AccountRef>,
    amount: Option<Amount>,
    date: Option<Day>,
    reference: Option<String>,
    status: Option<String>,
}

impl Writable for Transfer {
    type Sent = Sent;

    fn id_of(sent: &Sent) -> Option<Uuid> {
        sent.id
    }

    fn build(ledger: &Ledger, sent: Sent, old: Option<&Self>, new: New) -> Result<Change<Self>, Vec<String>> {
        if let Some(old) = old {
            return delete(old, &sent, new);
        }
        let mut reasons = Vec::new();
        let mut bank = |account: Option<AccountRef>, field| {
            let account = account.unwrap_or_default();
            let found = account.bank(ledger, field);
            found.map_err(|reason| reasons.push(reason)).ok()
        };
        let from = bank(sent.from_bank_account, "FromBankAccount");
        let to = bank(sent.to_bank_account, "ToBankAccount");
        if let (Some(from), Some(to)) = (from, to) {
            let currency =
                |account: &crate::ledger::Account| account.bank.as_ref().map(|bank| bank.currency.clone());
            if from.meta.id == to.meta.id {
                reasons.push("FromBankAccount and ToBankAccount must differ.".to_owned());
            } else if currency(from) != currency(to) {
                reasons.push("Both bank accounts must have the same currency.".to_owned());
            }
        }
        let amount = sent.amount.map(|amount| cents(amount.0)).unwrap_or_default();
        if amount <= Decimal::ZERO {
            reasons.push("Amount must be greater than zero.".to_owned());
        }
        let date = sent.date.map_or(new.today, |day| day.0);
        check_date(ledger, date, &mut reasons);
        let (Some(from), Some(to), true) = (from, to, reasons.is_empty()) else {
            return Err(reasons);
        };
        let transfer = Self {
            meta: Meta::new(new.id, new.at),
            from: from.meta.id,
            to: to.meta.id,
            date,
            amount,
            reference: sent.reference.unwrap_or_default(),
            from_reconciled: false,
            to_reconciled: false,
            from_transaction: new.another("from"),
            to_transaction: new.another("to"),
        };
        Ok(transfer.into())
    }

    fn table_mut(ledger: &mut Ledger) -> &mut Table<Self> {
        &mut ledger.transfers
    }
}

/// All that can be done to a transfer.
fn delete(old: &Transfer, sent: &Sent, new: New) -> Result<Change<Transfer>, Vec<String>> {
    if sent.status.as_deref() != Some("DELETED") || old.meta.deleted {
        return Err(vec![
            "A bank transfer can be deleted, once, but not be changed.".to_owned(),
        ]);
    }
    let mut transfer = old.clone();
    transfer.meta.deleted = true;
    transfer.meta.touch(new.at);
    Ok(transfer.into())
}
