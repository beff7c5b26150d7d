use jiff::ToSpan;
use jiff::civil::Date;

use super::Asked;
use crate::xero::errors::Error;

/// Xero compares with at most this many earlier periods.
const MOST: i32 = 11;

/// How far a column is from the next.
#[derive(Clone, Copy)]
pub(super) enum Timeframe {
    Month,
    Quarter,
    Year,
}

/// How many earlier columns are wanted, and how far apart.
pub(super) fn earlier(asked: &Asked<'_>) -> Result<(i32, Timeframe), Error> {
    let periods = match asked.text("periods") {
        None => 0,
        Some(text) => match text.trim().parse::<i32>() {
            Ok(periods @ 0..=MOST) => periods,
            Ok(_) | Err(_) => {
                return Err(Error::parameter(format!(
                    "`periods` has to be from 1 to {MOST}, not `{text}`"
                )));
            }
        },
    };
    let timeframe = match asked
        .text("timeframe")
        .as_deref()
        .map(str::to_ascii_uppercase)
        .as_deref()
    {
        None | Some("MONTH") => Timeframe::Month,
        Some("QUARTER") => Timeframe::Quarter,
        Some("YEAR") => Timeframe::Year,
        Some(other) => {
            return Err(Error::parameter(format!(
                "`timeframe` is MONTH, QUARTER or YEAR, not `{other}`"
            )));
        }
    };
    Ok((periods, timeframe))
}

impl Timeframe {
    fn months(self) -> i32 {
        match self {
            Self::Month => 1,
            Self::Quarter => 3,
            Self::Year => 12,
        }
    }
}

/// The date so many periods before; the last day of a month stays the last day of its month.
pub(super) fn back(date: Date, periods: i32, timeframe: Timeframe) -> Result<Date, Error> {
    let earlier = date
        .checked_sub((periods * timeframe.months()).months())
        .map_err(|_| Error::parameter("The report begins before the calendar"))?;
    let at_end = date.day() == date.days_in_month();
    Ok(if at_end && periods > 0 {
        earlier.last_of_month()
    } else {
        earlier
    })
}

/// `30 Apr 2019`.
pub(super) fn short(date: Date) -> String {
    date.strftime("%-d %b %Y").to_string()
}

/// `30 April 2019`.
pub(super) fn long(date: Date) -> String {
    date.strftime("%-d %B %Y").to_string()
}
