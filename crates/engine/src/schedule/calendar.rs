use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use ledgerline_model::Timestamp;
use ledgerline_model::setting::Schedule;

/// Why a cron expression or a zone cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("`{0}` is no cron expression of five fields (minute, hour, day of month, month, day of week)")]
    Expression(String),
    #[error("`{0}` never comes true")]
    Never(String),
    #[error("`{0}` is no time zone of the IANA database")]
    Zone(String),
}

/// Read an expression of five fields that comes true some day.
pub fn parse(expression: &str) -> Result<Cron, Error> {
    let parser = CronParser::builder()
        .seconds(Seconds::Disallowed)
        .year(Year::Disallowed)
        .build();
    let cron = parser
        .parse(expression)
        .map_err(|_| Error::Expression(expression.to_owned()))?;
    let some_day = jiff::civil::date(2024, 1, 1).at(0, 0, 0, 0);
    match cron.find_next_occurrence(&some_day, true) {
        Ok(_) => Ok(cron),
        Err(_) => Err(Error::Never(expression.to_owned())),
    }
}

/// Whether this is the name of a time zone.
pub fn check_zone(name: &str) -> Result<(), Error> {
    match TimeZone::get(name) {
        Ok(_) => Ok(()),
        Err(_) => Err(Error::Zone(name.to_owned())),
    }
}

/// The zone that a schedule's calendar goes by.
pub(super) fn zone(schedule: &Schedule, company: &TimeZone) -> TimeZone {
    match schedule {
        Schedule::Cron { zone: Some(zone), .. } => TimeZone::get(zone).unwrap_or_else(|_| company.clone()),
        Schedule::Cron { zone: None, .. } | Schedule::None | Schedule::Hours(_) | Schedule::Monthly => {
            company.clone()
        }
    }
}

/// Minutes that are looked at behind `after`: as many as clocks are ever set back, a day at most.
const LOOKS: usize = 1500;

/// The first instant after `after` at which the expression comes true in the zone. A time of day that the clocks
/// leave out is the first instant behind the gap; of one that comes twice it is the first.
pub(super) fn next_after(cron: &Cron, zone: &TimeZone, after: Timestamp) -> Option<Timestamp> {
    let mut civil = after.to_zoned(zone.clone()).datetime();
    for _ in 0..LOOKS {
        civil = cron.find_next_occurrence(&civil, false).ok()?;
        let at = instant(zone, civil)?;
        if at > after {
            return Some(at);
        }
    }
    None
}

fn instant(zone: &TimeZone, civil: DateTime) -> Option<Timestamp> {
    let ambiguous = zone.to_ambiguous_timestamp(civil);
    match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Fold { .. } => ambiguous.earlier().ok(),
        AmbiguousOffset::Gap { after, .. } => {
            // By the clock as it will be, this instant lies before the clocks are set.
            let before_the_gap = after.to_timestamp(civil).ok()?;
            let gap = zone.following(before_the_gap).next()?;
            Some(gap.timestamp())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(expression: &str, zone: &str, after: &str) -> String {
        let zone = TimeZone::get(zone).unwrap();
        let at = next_after(&parse(expression).unwrap(), &zone, after.parse().unwrap());
        at.unwrap().to_string()
    }

    #[test]
    fn it_comes_true_in_its_own_zone() {
        assert_eq!(
            next("0 0 1 * *", "Pacific/Auckland", "2027-01-31T10:59:59Z"),
            "2027-01-31T11:00:00Z"
        );
        assert_eq!(
            next("0 0 1 * *", "Pacific/Auckland", "2027-01-31T11:00:00Z"),
            "2027-02-28T11:00:00Z"
        );
        assert_eq!(
            next("30 9 * * MON-FRI", "America/New_York", "2027-05-14T20:00:00Z"),
            "2027-05-17T13:30:00Z"
        );
    }

    #[test]
    fn a_time_that_is_left_out_is_the_first_instant_behind_the_gap() {
        // Clocks go from 02:00 to 03:00 at 01:00 UTC.
        assert_eq!(
            next("30 2 * * *", "Europe/Berlin", "2027-03-28T00:59:58Z"),
            "2027-03-28T01:00:00Z"
        );
        // Several that are left out are one.
        assert_eq!(
            next("*/15 2 * * *", "Europe/Berlin", "2027-03-28T01:00:00Z"),
            "2027-03-29T00:00:00Z"
        );
        // Midnight itself is left out.
        assert_eq!(
            next("0 0 * * *", "Africa/Cairo", "2027-04-29T12:00:00Z"),
            "2027-04-29T22:00:00Z"
        );
    }

    #[test]
    fn of_a_time_that_comes_twice_the_first_counts() {
        assert_eq!(
            next("30 2 * * *", "Europe/Berlin", "2027-10-30T23:00:00Z"),
            "2027-10-31T00:30:00Z"
        );
        assert_eq!(
            next("30 2 * * *", "Europe/Berlin", "2027-10-31T00:30:00Z"),
            "2027-11-01T01:30:00Z"
        );
    }

    #[test]
    fn what_is_no_expression_or_never_comes_true_is_refused() {
        for expression in ["", "* * * *", "* * * * * *", "61 * * * *", "x y z a b", "@reboot"] {
            assert!(
                matches!(parse(expression), Err(Error::Expression(_))),
                "{expression}"
            );
        }
        assert!(matches!(parse("0 0 30 2 *"), Err(Error::Never(_))));
        assert!(parse("0 0 29 2 *").is_ok());
        assert!(check_zone("Europe/Atlantis").is_err());
    }
}
