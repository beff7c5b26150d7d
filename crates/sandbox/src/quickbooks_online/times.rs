use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit};

use crate::ledger::Ledger;

pub(super) fn zone(ledger: &Ledger) -> TimeZone {
    TimeZone::get(&ledger.facts.time_zone).unwrap_or(TimeZone::UTC)
}

/// `2026-05-05T03:07:20-07:00`: whole seconds, with the offset of that day.
pub(super) fn stamp(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone())
        .strftime("%Y-%m-%dT%H:%M:%S%:z")
        .to_string()
}

/// `2026-05-05T03:19:47.456-07:00`: when an answer was given.
pub(super) fn answered(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone())
        .strftime("%Y-%m-%dT%H:%M:%S%.3f%:z")
        .to_string()
}

pub(super) fn today(at: Timestamp, ledger: &Ledger) -> Date {
    at.to_zoned(zone(ledger)).date()
}

/// What records can be compared by: they know whole seconds only.
pub(super) fn whole_second(at: Timestamp) -> Timestamp {
    at.round(
        jiff::TimestampRound::new()
            .smallest(Unit::Second)
            .mode(jiff::RoundMode::Floor),
    )
    .unwrap_or(at)
}

/// An instant as clients write it: with an offset, without one (the company's zone), or as a date alone.
pub(super) fn parse(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let local = match text.parse::<DateTime>() {
        Ok(local) => local,
        Err(_) => text.parse::<Date>().ok()?.into(),
    };
    local.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offset_is_that_of_the_day() {
        let zone = TimeZone::get("America/Los_Angeles").unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(
            stamp(at("2026-01-05T10:00:00.9Z"), &zone),
            "2026-01-05T02:00:00-08:00"
        );
        assert_eq!(
            answered(at("2026-07-05T10:00:00.456Z"), &zone),
            "2026-07-05T03:00:00.456-07:00"
        );
        for (text, instant) in [
            ("2026-01-05T02:00:00-08:00", "2026-01-05T10:00:00Z"),
            ("2026-01-05T10:00:00Z", "2026-01-05T10:00:00Z"),
            ("2026-01-05T02:00:00", "2026-01-05T10:00:00Z"),
            ("2026-01-05", "2026-01-05T08:00:00Z"),
        ] {
            assert_eq!(parse(text, &zone), Some(at(instant)), "{text}");
        }
        assert_eq!(parse("yesterday", &zone), None);
        assert_eq!(
            whole_second(at("2026-01-05T10:00:00.9Z")),
            at("2026-01-05T10:00:00Z")
        );
    }
}
