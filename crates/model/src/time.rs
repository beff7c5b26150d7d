use std::fmt;
use std::str::FromStr;

use futures::future::BoxFuture;
use jiff::civil;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use jiff::Timestamp;
pub use jiff::civil::Date;

/// The time, and waiting for it. Everybody asks here, so that tests and sandboxes can move time.
pub trait Clock: Send + Sync {
    /// Virtual time: real time plus the offset of the test world.
    fn now(&self) -> Timestamp;

    /// Resolves once `now()` is `at` or later, also when time is moved.
    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'_, ()>;

    /// How far virtual time is ahead of real time, in microseconds: 0 but in a test world.
    fn offset_micros(&self) -> i64 {
        0
    }

    /// Real time: of leases and heartbeats, which must not jump when a test world's clock does.
    fn real_now(&self) -> Timestamp {
        from_micros(micros(self.now()) - self.offset_micros())
    }
}

/// The store's form of an instant: microseconds since 1970 in UTC.
pub fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// The instant of a stored number of microseconds; one that no calendar has is 1970.
pub fn from_micros(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// An instant as the answers print it: UTC, seven fractional digits, `Z` (Codat prints .NET ticks).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Instant(pub Timestamp);

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = jiff::tz::Offset::UTC.to_datetime(self.0);
        write_seconds(f, at)?;
        write!(f, ".{:06}0Z", at.subsec_nanosecond() / 1000)
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map(Self).map_err(serde::de::Error::custom)
    }
}

/// A calendar date, with a time of day that has no zone: printed `YYYY-MM-DDTHH:MM:SS`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct LocalDateTime(pub civil::DateTime);

impl From<Date> for LocalDateTime {
    fn from(date: Date) -> Self {
        Self(date.at(0, 0, 0, 0))
    }
}

impl FromStr for LocalDateTime {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl fmt::Display for LocalDateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_seconds(f, self.0)
    }
}

/// `YYYY-MM-DDTHH:MM:SS`. Every record has several of them: digit by digit is much cheaper than by a format.
fn write_seconds(f: &mut fmt::Formatter<'_>, at: civil::DateTime) -> fmt::Result {
    if at.year() < 0 {
        return write!(f, "{}", at.strftime("%Y-%m-%dT%H:%M:%S"));
    }
    let mut text = *b"0000-00-00T00:00:00";
    let parts = [
        (0, i32::from(at.year()) / 100),
        (2, i32::from(at.year()) % 100),
        (5, at.month().into()),
        (8, at.day().into()),
        (11, at.hour().into()),
        (14, at.minute().into()),
        (17, at.second().into()),
    ];
    for (place, number) in parts {
        let number = u8::try_from(number).unwrap_or_default();
        text[place] += number / 10;
        text[place + 1] += number % 10;
    }
    f.write_str(std::str::from_utf8(&text).unwrap_or_default())
}

impl Serialize for LocalDateTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LocalDateTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::{Instant, LocalDateTime};

    #[test]
    fn dates_and_instants_are_printed_as_they_are_read() {
        for text in [
            "2026-02-19T00:00:00",
            "1969-12-31T23:59:59",
            "0001-01-01T00:00:00",
            "9999-12-31T10:20:30",
        ] {
            assert_eq!(text.parse::<LocalDateTime>().unwrap().to_string(), text);
        }
        for (text, printed) in [
            ("2026-02-19T01:02:03.004005Z", "2026-02-19T01:02:03.0040050Z"),
            ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.9999990Z"),
            ("2026-02-19T01:02:03+01:00", "2026-02-19T00:02:03.0000000Z"),
        ] {
            assert_eq!(Instant(text.parse().unwrap()).to_string(), printed);
        }
    }
}
