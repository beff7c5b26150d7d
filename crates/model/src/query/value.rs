use std::borrow::Cow;
use std::cmp::Ordering;

use caseless::Caseless;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::{Decimal, Timestamp};

/// Something whose properties can be asked about.
pub trait Properties {
    /// What the property at this dotted path, in the schema's spelling, holds.
    fn property(&self, path: &str) -> Found<'_>;
}

/// What a property holds.
#[derive(Clone, Debug)]
pub enum Found<'a> {
    /// It is absent or null.
    Missing,
    One(Value<'a>),
    /// The property of each member of a list: a company's connections. `!=` holds if it holds for all of them
    /// (also for none), every other operator if it holds for one.
    Many(Vec<Value<'a>>),
}

/// One value. Dates may be given as text.
#[derive(Clone, Debug)]
pub enum Value<'a> {
    Text(Cow<'a, str>),
    Number(Decimal),
    Date(Moment),
    Flag(bool),
}

impl<'a> Found<'a> {
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::One(Value::Text(text.into()))
    }

    pub fn opt_text(text: Option<impl Into<Cow<'a, str>>>) -> Self {
        text.map_or(Self::Missing, Self::text)
    }

    pub fn at(at: Timestamp) -> Self {
        Self::One(Value::Date(at.into()))
    }

    pub fn opt_at(at: Option<Timestamp>) -> Self {
        at.map_or(Self::Missing, Self::at)
    }

    pub fn flag(flag: bool) -> Self {
        Self::One(Value::Flag(flag))
    }
}

/// A point in time: an instant, or a date or time of day that has no zone and stays so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Moment {
    /// As written, without the offset.
    civil: DateTime,
    /// Where an offset or `Z` was given.
    instant: Option<Timestamp>,
}

impl Moment {
    /// `2027-03-28`, `2027-03-28T01:30:00`, `2027-03-28T01:30:00.1234567Z` or with an offset.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(instant) = text.parse::<Timestamp>() {
            let civil = text.trim_end_matches(['Z', 'z']).parse().ok()?;
            return Some(Self {
                civil,
                instant: Some(instant),
            });
        }
        Some(Self {
            civil: text.parse().ok()?,
            instant: None,
        })
    }

    /// The instant that it is, or would be in UTC.
    pub fn in_utc(self) -> Timestamp {
        self.instant.unwrap_or_else(|| {
            TimeZone::UTC
                .to_timestamp(self.civil)
                .unwrap_or(Timestamp::UNIX_EPOCH)
        })
    }

    /// How a stored moment compares with the one of a query: an instant as an instant, where a query without
    /// an offset means UTC; one without a zone by what the calendar and the clock on the wall say.
    pub fn compare(self, query: Self) -> Ordering {
        match self.instant {
            Some(instant) => instant.cmp(&query.in_utc()),
            None => self.civil.cmp(&query.civil),
        }
    }
}

impl From<Timestamp> for Moment {
    fn from(instant: Timestamp) -> Self {
        Self {
            civil: TimeZone::UTC.to_datetime(instant),
            instant: Some(instant),
        }
    }
}

/// The case fold by which texts are compared (Unicode, default folding).
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        text.chars().default_case_fold().collect()
    }
}
