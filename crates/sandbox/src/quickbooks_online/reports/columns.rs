use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::ledger::Ledger;
use crate::quickbooks_online::call::Call;
use crate::quickbooks_online::errors::Fault;

/// The days that a report is about, and the periods that it has columns for.
pub(super) struct Columns {
    pub(super) start: Date,
    pub(super) end: Date,
    pub(super) by: By,
    /// First and last day of each.
    pub(super) periods: Vec<(Date, Date)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Total,
    Day,
    Month,
    Quarter,
    Year,
}

impl By {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Total => "Total",
            Self::Day => "Days",
            Self::Month => "Month",
            Self::Quarter => "Quarter",
            Self::Year => "Year",
        }
    }
}

impl Columns {
    pub(super) fn read(call: &Call, ledger: &Ledger, today: Date) -> Result<Self, Fault> {
        let by = match call
            .parameter("summarize_column_by")
            .map(str::to_lowercase)
            .as_deref()
        {
            None | Some("total") => By::Total,
            Some("days" | "day") => By::Day,
            Some("month" | "months") => By::Month,
            Some("quarter" | "quarters") => By::Quarter,
            Some("year" | "years") => By::Year,
            Some(other) => return Err(Fault::not_simulated(&format!("columns by {other}"))),
        };
        let day = |name: &'static str| match call.parameter(name) {
            None => Ok(None),
            Some(text) => text
                .parse::<Date>()
                .map(Some)
                .map_err(|_| Fault::malformed(format!("{name}: '{text}' is no date"))),
        };
        let (start, end) = match (day("start_date")?, day("end_date")?, call.parameter("date_macro")) {
            (Some(start), Some(end), _) => (start, end),
            (_, _, Some(name)) => named(name, ledger, today)?,
            // One of the two alone says nothing.
            (_, _, None) => (ledger.facts.year_start(today), today),
        };
        if start > end {
            return Err(Fault::malformed("start_date is after end_date"));
        }
        let mut periods = Vec::new();
        let mut first = start;
        while first <= end && periods.len() <= super::MOST_CELLS {
            let last = by.last_day(first, ledger).unwrap_or(end).min(end);
            periods.push((first, last));
            match last.tomorrow() {
                Ok(next) => first = next,
                Err(_) => break,
            }
        }
        Ok(Self {
            start,
            end,
            by,
            periods,
        })
    }

    pub(super) fn len(&self) -> usize {
        self.periods.len()
    }

    pub(super) fn write(&self, has_total: bool) -> Value {
        let mut columns = vec![json!({
            "ColTitle": "",
            "ColType": "Account",
            "MetaData": [{ "Name": "ColKey", "Value": "account" }],
        })];
        let total = || {
            json!({
                "ColTitle": "Total",
                "ColType": "Money",
                "MetaData": [{ "Name": "ColKey", "Value": "total" }],
            })
        };
        if self.by == By::Total {
            columns.push(total());
            return columns.into();
        }
        for (first, last) in &self.periods {
            let title = self.title(*first, *last);
            columns.push(json!({
                "ColTitle": title,
                "ColType": "Money",
                "MetaData": [
                    { "Name": "StartDate", "Value": first.to_string() },
                    { "Name": "EndDate", "Value": last.to_string() },
                    { "Name": "ColKey", "Value": title },
                ],
            }));
        }
        if has_total {
            columns.push(total());
        }
        columns.into()
    }

    /// `Apr 2026`, or the days of a period that is not whole.
    fn title(&self, first: Date, last: Date) -> String {
        let month = |date: Date| date.strftime("%b %Y").to_string();
        let is_whole = first == first.first_of_month() && last == last.last_of_month();
        match self.by {
            By::Day => first.strftime("%b %-d, %Y").to_string(),
            By::Month if is_whole => month(first),
            By::Quarter | By::Year if is_whole => {
                format!("{} - {}", first.strftime("%b"), month(last))
            }
            By::Total | By::Month | By::Quarter | By::Year => {
                format!("{} - {}", first.strftime("%b %-d"), last.strftime("%b %-d, %Y"))
            }
        }
    }
}

impl By {
    /// The last day of the period that `first` is in; none where there is one period only.
    fn last_day(self, first: Date, ledger: &Ledger) -> Option<Date> {
        let months = match self {
            Self::Total => return None,
            Self::Day => return Some(first),
            Self::Month => 1,
            Self::Quarter => 3 - (i32::from(first.month()) - 1).rem_euclid(3),
            Self::Year => {
                let start = i32::from(ledger.facts.year_start(first).month());
                12 - (i32::from(first.month()) - start).rem_euclid(12)
            }
        };
        let last_month = first.first_of_month().checked_add((months - 1).months()).ok()?;
        Some(last_month.last_of_month())
    }
}

fn named(name: &str, ledger: &Ledger, today: Date) -> Result<(Date, Date), Fault> {
    let year = ledger.facts.year_start(today);
    let day_before = |date: Date| date.yesterday().unwrap_or(date);
    let last_month = day_before(today.first_of_month());
    let next_year = year.checked_add(1.year()).unwrap_or(year);
    Ok(match name.to_lowercase().as_str() {
        "this month" => (today.first_of_month(), today.last_of_month()),
        "this month-to-date" => (today.first_of_month(), today),
        "last month" => (last_month.first_of_month(), last_month),
        "this fiscal year" => (year, day_before(next_year)),
        "this fiscal year-to-date" => (year, today),
        "last fiscal year" => (ledger.facts.year_start(day_before(year)), day_before(year)),
        _ => return Err(Fault::not_simulated(&format!("the period '{name}'"))),
    })
}
