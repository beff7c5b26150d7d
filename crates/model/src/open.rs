//! What a record has open on a control account, in the base currency.

use serde::Deserialize;

use crate::{Date, Decimal, LocalDateTime};

/// What is open of a record at the end of every day from `since` on, as long as the record stays as it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Open {
    pub since: Date,
    /// In ten-thousandths of the base currency's unit: whole numbers are added up exactly by any database.
    pub units: i64,
    /// It is in another currency.
    pub is_foreign: bool,
}

/// Digits of [`Open::units`] after the point.
const PLACES: u32 = 4;
const UNITS_OF_A_CENT: i64 = 100;

/// Of either sign: it takes a million of them to make a sum that a database cannot hold.
const MOST_UNITS: i64 = 9_999_999_999_999;

impl Open {
    /// From the standard form of a record; `None` where it has to be looked into for each day by [`on`].
    pub fn of(standard: &str) -> Option<Self> {
        let document: Document = serde_json::from_str(standard).ok()?;
        let later = document.payment_allocations.iter();
        let days = later
            .map(|allocated| allocated.payment.paid_on_date)
            .chain([document.issue_date.or(document.date)])
            .flatten();
        let since = days
            .map(|at| at.0.date())
            .max()
            .unwrap_or(FIRST_DAY)
            .max(FIRST_DAY);
        let (amount, is_foreign) = document.in_base(since);
        Some(Self {
            since,
            units: amount.units(PLACES).filter(|units| units.abs() <= MOST_UNITS)?,
            is_foreign,
        })
    }

    /// The day as a number that grows with it, e.g. 20270331.
    pub fn since_number(self) -> i64 {
        number_of(self.since)
    }
}

/// See [`Open::since_number`].
pub fn number_of(day: Date) -> i64 {
    i64::from(day.year()) * 10_000 + i64::from(day.month()) * 100 + i64::from(day.day())
}

/// [`Open::units`], or a sum of them, as an amount: in cents if it is a number of cents.
pub fn amount_of(units: i64) -> Decimal {
    if units % UNITS_OF_A_CENT == 0 {
        Decimal::of_parts(units / UNITS_OF_A_CENT, CENTS)
    } else {
        Decimal::of_parts(units, PLACES)
    }
}

const FIRST_DAY: Date = jiff::civil::date(1, 1, 1);

/// What is open of a record at the end of a day, and whether it is in another currency.
pub fn on(standard: &str, day: Date) -> Result<(Decimal, bool), serde_json::Error> {
    Ok(serde_json::from_str::<Document>(standard)?.in_base(day))
}

/// What a control account holds for a record, from its standard form.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    total_amount: Option<Decimal>,
    amount_due: Option<Decimal>,
    remaining_credit: Option<Decimal>,
    currency_rate: Option<Decimal>,
    issue_date: Option<LocalDateTime>,
    date: Option<LocalDateTime>,
    #[serde(default)]
    payment_allocations: Vec<Allocated>,
    #[serde(default)]
    lines: Vec<Line>,
}

#[derive(Deserialize)]
struct Allocated {
    payment: Paid,
    allocation: Allocation,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Paid {
    paid_on_date: Option<LocalDateTime>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Allocation {
    total_amount: Option<Decimal>,
}

#[derive(Deserialize)]
struct Line {
    amount: Decimal,
    #[serde(default)]
    links: Vec<Link>,
}

#[derive(Deserialize)]
struct Link {
    #[serde(rename = "type")]
    kind: String,
    id: Option<String>,
}

impl Document {
    /// What is open at the end of `as_of`, and whether it is in another currency. What comes later is not counted: a
    /// record of a later day, and what a later payment takes off an earlier record.
    fn in_base(&self, as_of: Date) -> (Decimal, bool) {
        let is_later = |at: Option<LocalDateTime>| at.is_some_and(|at| at.0.date() > as_of);
        if is_later(self.issue_date.or(self.date)) {
            return (Decimal::ZERO, false);
        }
        let later: Decimal = self
            .payment_allocations
            .iter()
            .filter(|allocated| is_later(allocated.payment.paid_on_date))
            .filter_map(|allocated| allocated.allocation.total_amount)
            .sum();
        let left = match self.amount_due.or(self.remaining_credit) {
            Some(left) => left + later,
            None => self.on_account(),
        };
        let rate = self.currency_rate.unwrap_or(Decimal::ONE);
        if rate == Decimal::ONE {
            return (left, false);
        }
        // What is settled was taken off at the record's own rate.
        let total = self.total_amount.unwrap_or(left);
        let in_base = |amount: Decimal| (amount * rate).rounded(CENTS);
        (in_base(total) - in_base(total - left), true)
    }

    fn on_account(&self) -> Decimal {
        let is_on_account = |line: &&Line| {
            let mut links = line.links.iter();
            links.any(|link| {
                matches!(link.kind.as_str(), "PaymentOnAccount" | "Unlinked") && link.id.is_none()
            })
        };
        self.lines
            .iter()
            .filter(is_on_account)
            .map(|line| line.amount)
            .sum()
    }
}

/// Digits of the base currency after the point.
const CENTS: u32 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn in_base(json: &str) -> String {
        let (amount, is_foreign) = on(json, day("2027-03-31")).unwrap();
        format!("{amount} {is_foreign}")
    }

    #[test]
    fn a_record_counts_with_what_is_open_of_it_on_the_day() {
        for (json, expected) in [
            (
                r#"{"totalAmount":100.00,"amountDue":40.50,"issueDate":"2027-03-31T00:00:00"}"#,
                "40.50 false",
            ),
            (
                r#"{"totalAmount":100.00,"amountDue":40.50,"issueDate":"2027-04-01T00:00:00"}"#,
                "0 false",
            ),
            (
                r#"{"totalAmount":100,"remainingCredit":7,"currencyRate":1}"#,
                "7 false",
            ),
            // 80.01 of 100 dollars are paid: 76.93 less 61.55 euros, not 15.38 of 19.99.
            (
                r#"{"totalAmount":100,"amountDue":19.99,"currencyRate":0.769325}"#,
                "15.38 true",
            ),
            (
                r#"{"totalAmount":100,"amountDue":40,"paymentAllocations":[
                    {"payment":{"paidOnDate":"2027-04-01T00:00:00"},"allocation":{"totalAmount":60}}]}"#,
                "100 false",
            ),
            (
                r#"{"totalAmount":30,"date":"2027-01-01T00:00:00","lines":[
                    {"amount":25,"links":[{"type":"Invoice","id":"i1"}]},
                    {"amount":5,"links":[{"type":"PaymentOnAccount"}]}]}"#,
                "5 false",
            ),
            (
                r#"{"totalAmount":30,"date":"2027-01-01T00:00:00","lines":[
                    {"amount":26,"links":[{"type":"Invoice","id":"i1"}]},
                    {"amount":4,"links":[{"type":"Unlinked"}]}]}"#,
                "4 false",
            ),
        ] {
            assert_eq!(in_base(json), expected, "{json}");
        }
    }

    #[test]
    fn it_is_known_once_and_for_all_from_the_day_of_its_last_payment_on() {
        let paid_later = r#"{"totalAmount":100,"amountDue":40,"issueDate":"2027-03-01T00:00:00",
            "paymentAllocations":[
                {"payment":{"paidOnDate":"2027-04-02T00:00:00"},"allocation":{"totalAmount":60}}]}"#;
        let foreign =
            r#"{"totalAmount":100,"amountDue":19.99,"currencyRate":0.769325,"date":"2027-03-05T00:00:00"}"#;
        for (json, since, amount, is_foreign) in [
            (paid_later, "2027-04-02", "40.00", false),
            (foreign, "2027-03-05", "15.38", true),
            (r#"{"amountDue":-7.1234}"#, "0001-01-01", "-7.1234", false),
        ] {
            let open = Open::of(json).unwrap();
            let (from, found) = (day(since), amount_of(open.units));
            assert_eq!(
                (open.since, found.to_string(), open.is_foreign),
                (from, amount.to_owned(), is_foreign)
            );
            assert_eq!(on(json, from).unwrap(), (found, is_foreign), "{json}");
        }
        // More digits or a larger sum than the store adds up.
        for json in [r#"{"amountDue":0.00001}"#, r#"{"amountDue":10000000000}"#, "[]"] {
            assert_eq!(Open::of(json), None, "{json}");
        }
    }
}
