//! <https://developer.xero.com/documentation/api/accounting/banktransfers>

use ledgerline_model::Decimal;
use ledgerline_model::push::{ExpenseKind, Key, Leg, Order};
use ledgerline_platform::Error;
use ledgerline_platform::push::{Prepared, References, choice, refused, total};
use serde::Serialize;

use super::account::AccountRef;
use super::document::Document;
use super::{account, amount, request};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct BankTransfers<'a> {
    bank_transfers: [BankTransfer<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct BankTransfer<'a> {
    from_bank_account: AccountRef<'a>,
    to_bank_account: AccountRef<'a>,
    amount: Decimal,
    date: String,
    reference: &'a str,
}

/// Money between two bank accounts: the order's own, and the one that its lines name.
pub(super) fn prepare(order: &Order, key: &Key, references: &References) -> Result<Prepared, Error> {
    if order.is_draft {
        return Err(refused("postAsDraft", "Xero has no drafts of transfers"));
    }
    let own = account::bank(references, &order.bank_account, "bankAccountRef")?;
    let Some(first) = order.lines.first() else {
        return Err(refused("lines", "a transfer names the other account in its line"));
    };
    for (index, line) in order.lines.iter().enumerate() {
        if line.account != first.account {
            let field = format!("lines[{index}].accountRef");
            return Err(refused(field, "a transfer has one other account"));
        }
        if !line.tax.is_zero() {
            let field = format!("lines[{index}].taxAmount");
            return Err(refused(field, "a transfer has no tax"));
        }
        if !line.tracking.is_empty() {
            let field = format!("lines[{index}].trackingRefs");
            return Err(refused(field, "transfers are written without tracking"));
        }
    }
    let other = account::bank(references, &first.account, "lines[0].accountRef")?;
    if other.id == own.id {
        return Err(refused(
            "lines[0].accountRef",
            "a transfer is between two accounts, and this is one",
        ));
    }
    let (from, to) = if order.kind == ExpenseKind::TransferIn {
        (&other, &own)
    } else {
        (&own, &other)
    };
    let body = BankTransfers {
        bank_transfers: [BankTransfer {
            from_bank_account: AccountRef { id: &from.id },
            to_bank_account: AccountRef { id: &to.id },
            amount: total(order)?,
            date: amount::day(order.date),
            reference: key.as_str(),
        }],
    };
    Ok(Prepared {
        leg: Leg::Expense,
        requests: vec![request("PUT", Document::BankTransfer.path(), &[], &body)?],
        choices: vec![choice(
            "reference",
            key.as_str(),
            "our key, by which it is found again",
        )],
    })
}
