//! The reports: balance sheet, profit and loss, trial balance, bank summary.

mod balance_sheet;
mod bank_summary;
/// The columns of a report.
mod columns;
mod profit_and_loss;
/// Rows and cells, and how they are written.
mod rows;
mod trial_balance;

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::Date;

use super::accounting::{date, today};
use super::errors::Error;
use crate::ledger::Ledger;

/// The body of a report asked for by its name in the path.
pub(super) fn answer(name: &str, query: &str, ledger: &Ledger, now: Timestamp) -> Result<Vec<u8>, Error> {
    let asked = Asked {
        query,
        today: today(ledger, now),
    };
    let report = match name.to_ascii_lowercase().as_str() {
        "balancesheet" => balance_sheet::report(ledger, &asked)?,
        "profitandloss" => profit_and_loss::report(ledger, &asked)?,
        "trialbalance" => trial_balance::report(ledger, &asked)?,
        "banksummary" => bank_summary::report(ledger, &asked)?,
        _ => return Err(Error::NotFound),
    };
    rows::write(&report, ledger, now)
}

/// The parameters of a report.
struct Asked<'a> {
    query: &'a str,
    today: Date,
}

impl Asked<'_> {
    fn text(&self, wanted: &str) -> Option<Cow<'_, str>> {
        url::form_urlencoded::parse(self.query.as_bytes())
            .find(|(name, value)| name.eq_ignore_ascii_case(wanted) && !value.is_empty())
            .map(|(_, value)| value)
    }

    fn date(&self, name: &str) -> Result<Option<Date>, Error> {
        self.text(name).map(|value| date(name, &value)).transpose()
    }
}
