use crate::records::Transfer;

use super::Check;

/// What leaves one account arrives in another; in the same currency, all of it.
pub(super) fn check(check: &mut Check<'_>, transfer: &Transfer<'_>) {
    let (Some(from), Some(to)) = (&transfer.from, &transfer.to) else {
        return;
    };
    if let (Some(left), Some(arrived)) = (&from.account_ref, &to.account_ref)
        && left.id == arrived.id
    {
        check.warn(
            "transfer-to-itself",
            "to.accountRef.id",
            format!("The money leaves and reaches the same account, `{}`.", left.id),
        );
    }
    if let (Some(left), Some(arrived)) = (from.amount, to.amount)
        && from.currency.is_some()
        && from.currency == to.currency
        && left != arrived
    {
        check.error(
            "transfer-amounts-differ",
            "to.amount",
            format!("{left} leaves one account and {arrived} reaches the other, in the same currency."),
        );
    }
}
