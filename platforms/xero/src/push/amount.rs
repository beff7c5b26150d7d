use ledgerline_model::{Date, Decimal};

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
