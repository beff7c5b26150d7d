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
        write!(f, "{}", self.0.strftime("%Y-%m-%dT%H:%M:%S.%6f"))?;
        f.write_str("0Z")
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
        write!(f, "{}", self.0.strftime("%Y-%m-%dT%H:%M:%S"))
    }
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
