use ledgerline_model::{Date, Decimal};
use ledgerline_platform::Error;

use super::refusal::refused;

/// An amount that Xero keeps as it is: it has cents, and rounds the rest away.
pub(super) fn cents(amount: Decimal, field: impl Into<String>) -> Result<Decimal, Error> {
    if amount.normalized().scale() > 2 {
        return Err(refused(
            field,
            format!("Xero keeps two decimals, and {amount} has more"),
        ));
    }
    Ok(amount)
}

/// The sum of an order that is booked on one side.
pub(super) fn total(total: Decimal) -> Result<Decimal, Error> {
    if total.is_negative() {
        return Err(refused(
            "lines",
            format!("the total must not be negative, and is {total}"),
        ));
    }
    cents(total, "lines")
}

/// Xero's notation of a rate, foreign units for one of the base currency, to the six decimals that it takes; ours is
/// the other way round.
pub(super) fn rate(rate: Option<Decimal>) -> Option<Decimal> {
    let rate = rate.filter(|rate| !rate.is_zero() && *rate != Decimal::ONE)?;
    Decimal::ONE.divided_by(rate, 6)
}

/// `YYYY-MM-DD`.
pub(super) fn day(date: Date) -> String {
    date.to_string()
}
