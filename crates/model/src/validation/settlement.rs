use crate::Decimal;
use crate::records::PaymentAllocation;

use super::Check;

/// How a document is settled.
pub(super) struct Settlement<'a, 'r> {
    /// Name of the member that says what is left.
    pub field: &'a str,
    pub total: Decimal,
    /// What is left to pay, or to use of a credit.
    pub left: Option<Decimal>,
    pub allocations: &'a [PaymentAllocation<'r>],
    pub withheld: Decimal,
    pub state: State,
}

/// How far the status says that it is settled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// It is owed.
    Open,
    Settled,
    /// Not in the ledger, or not known: nothing is expected.
    Other,
}

/// What is left is the total without what was allocated to it. Known only where allocations are listed and each says
/// its amount; a credit is also used up by allocations that stand in other records, so that it may have less left
/// than it shows (`exact` is false).
pub(super) fn check(check: &mut Check<'_>, settlement: &Settlement<'_, '_>, exact: bool) {
    let Some(left) = settlement.left.filter(|_| settlement.state != State::Other) else {
        return;
    };
    check.findings.is_open = !left.is_zero();
    let Settlement { field, total, .. } = *settlement;
    if settlement.state == State::Settled && !left.is_zero() {
        check.warn(
            "settled-with-a-rest",
            field,
            format!("The status says that nothing is left; `{field}` is {left}."),
        );
    }
    let allocated: Option<Decimal> = settlement
        .allocations
        .iter()
        .map(|allocation| allocation.allocation.total_amount)
        .sum();
    let Some(allocated) = allocated.filter(|_| !settlement.allocations.is_empty()) else {
        return;
    };
    let expected = total - allocated;
    let is_right = left == expected || left == expected - settlement.withheld;
    let is_plausible = !exact && left.abs() <= expected.abs();
    if !is_right && !is_plausible {
        check.error(
            "amount-due-does-not-add-up",
            field,
            format!("The total ({total}) less what was allocated ({allocated}) is {expected}; `{field}` is {left}."),
        );
    }
}
