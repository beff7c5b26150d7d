//! <https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/transfer>

use ledgerline_model::Decimal;
use ledgerline_model::push::{ExpenseKind, Key, Order};
use ledgerline_platform::Error;
use ledgerline_platform::push::{Posted, Prepared, References, refused, total};
use serde::Serialize;

use super::account::{self, Ref};
use super::document::Document;
use super::head::{Head, prepared};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Transfer {
    #[serde(flatten)]
    head: Head,
    from_account_ref: Ref,
    to_account_ref: Ref,
    amount: Decimal,
}

/// Money between two accounts: the order's own, and the one that its lines name.
pub(super) fn prepare(
    order: &Order,
    key: &Key,
    references: &References,
    replaces: Option<&Posted>,
) -> Result<Prepared, Error> {
    let own = account::of_money(references, &order.bank_account, "bankAccountRef")?;
    let Some(first) = order.lines.first() else {
        return Err(refused("lines", "a transfer names the other account in its line"));
    };
    for (index, line) in order.lines.iter().enumerate() {
        let field = |name: &str| format!("lines[{index}].{name}");
        if line.account != first.account {
            return Err(refused(field("accountRef"), "a transfer has one other account"));
        }
        if !line.tax.is_zero() {
            return Err(refused(field("taxAmount"), "a transfer has no tax"));
        }
        if !line.tracking.is_empty() {
            return Err(refused(
                field("trackingRefs"),
                "transfers are written without tracking",
            ));
        }
    }
    let other = account::find(references, &first.account, "lines[0].accountRef")?;
    if other.id == own.id {
        return Err(refused(
            "lines[0].accountRef",
            "a transfer is between two accounts, and this is one",
        ));
    }
    let (from, to) = if order.kind == ExpenseKind::TransferIn {
        (other, own)
    } else {
        (own, other)
    };
    let transfer = Transfer {
        head: Head::of(order, key, references, Document::Transfer, replaces)?,
        from_account_ref: from.reference(),
        to_account_ref: to.reference(),
        amount: total(order)?,
    };
    prepared(Document::Transfer, replaces, key, &transfer)
}
