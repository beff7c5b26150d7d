//! The two ways Xero writes a date, and the three ways its clients write `If-Modified-Since`.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};

/// An instant as `/Date(1776682521070+0000)/`: milliseconds since 1970, UTC; the offset part is decoration.
#[derive(Clone, Copy)]
pub(super) struct Instant(pub(super) Timestamp);

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("/Date({}+0000)/", self.0.as_millisecond()))
    }
}

/// A calendar date as `/Date(1771459200000+0000)/`: its midnight, read as UTC.
#[derive(Clone, Copy)]
pub(super) struct Day(pub(super) Date);

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!(
            "/Date({}+0000)/",
            midnight(self.0).as_millisecond()
        ))
    }
}

/// A calendar date as `2026-02-19T00:00:00`, the `…DateString` twin.
#[derive(Clone, Copy)]
pub(super) struct DayString(pub(super) Date);

impl Serialize for DayString {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{}T00:00:00", self.0))
    }
}

/// The instant at which a calendar date begins in UTC.
pub(super) fn midnight(date: Date) -> Timestamp {
    date.to_zoned(TimeZone::UTC)
        .map(|zoned| zoned.timestamp())
        .unwrap_or(Timestamp::UNIX_EPOCH)
}

/// What `If-Modified-Since` means: RFC 3339, RFC 3339 without a zone (UTC, as many clients send it), or RFC 1123.
pub(super) fn parse_modified_since(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    if let Ok(local) = text.parse::<DateTime>() {
        return local.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    }
    rfc2822::parse(text).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modified_since_is_understood_in_every_spelling() {
        let wanted: Timestamp = "2026-01-05T10:11:12Z".parse().unwrap();
        for spelling in [
            "2026-01-05T10:11:12Z",
            "2026-01-05T10:11:12",
            "2026-01-05T12:11:12+02:00",
            "Mon, 05 Jan 2026 10:11:12 GMT",
        ] {
            assert_eq!(parse_modified_since(spelling), Some(wanted), "{spelling}");
        }
        assert_eq!(parse_modified_since("yesterday"), None);
    }

    #[test]
    fn a_date_is_written_twice() {
        let date: Date = "2026-02-19".parse().unwrap();
        assert_eq!(
            serde_json::to_string(&Day(date)).unwrap(),
            r#""/Date(1771459200000+0000)/""#
        );
        assert_eq!(
            serde_json::to_string(&DayString(date)).unwrap(),
            r#""2026-02-19T00:00:00""#
        );
    }
}
