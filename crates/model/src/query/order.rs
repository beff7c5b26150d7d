use std::cmp::Ordering;

use super::{Error, Found, Kind, Moment, Properties, Schema, Value, fold};
use crate::{Decimal, Timestamp};

/// By which one property a list is ordered. What lacks the property comes first, or last if descending; ties
/// are broken by id, ascending.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Order {
    /// In the schema's spelling.
    pub property: &'static str,
    pub kind: Kind,
    pub descending: bool,
}

/// What of a thing decides its place.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Key {
    Missing,
    Flag(bool),
    Number(Decimal),
    Date(Timestamp),
    /// Case-folded.
    Text(String),
}

impl Order {
    /// `totalAmount` or `-totalAmount`.
    pub fn parse(text: &str, schema: &Schema) -> Result<Self, Error> {
        let text = text.trim();
        let (descending, name) = match text.strip_prefix('-') {
            Some(name) => (true, name.trim()),
            None => (false, text),
        };
        let (property, kind) = schema.resolve(name)?;
        Ok(Self {
            property,
            kind,
            descending,
        })
    }

    /// The key of a thing.
    pub fn key(&self, thing: &dyn Properties) -> Key {
        let value = match thing.property(self.property) {
            Found::One(value) => value,
            Found::Missing | Found::Many(_) => return Key::Missing,
        };
        match (self.kind, value) {
            (Kind::Text, Value::Text(text)) => Key::Text(fold(&text)),
            (Kind::Number, Value::Number(number)) => Key::Number(number),
            (Kind::Date, Value::Date(moment)) => Key::Date(moment.in_utc()),
            (Kind::Date, Value::Text(text)) => {
                Moment::parse(&text).map_or(Key::Missing, |moment| Key::Date(moment.in_utc()))
            }
            (Kind::Flag, Value::Flag(flag)) => Key::Flag(flag),
            (Kind::Text | Kind::Number | Kind::Date | Kind::Flag, _) => Key::Missing,
        }
    }

    /// Which of two keys comes first.
    pub fn compare(&self, one: &Key, other: &Key) -> Ordering {
        if self.descending {
            other.cmp(one)
        } else {
            one.cmp(other)
        }
    }
}

impl Key {
    /// About how many bytes of memory it takes beyond its own.
    pub fn heap_bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.capacity(),
            Self::Missing | Self::Flag(_) | Self::Number(_) | Self::Date(_) => 0,
        }
    }
}
