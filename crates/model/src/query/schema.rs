use std::fmt;

use super::Error;

/// Which properties of a thing a query may name, by type; each list is separated by spaces. What is not
/// listed does not exist: arrays are not, since the language has no way to ask about them.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    /// What the thing is called when a property of it does not exist.
    pub noun: &'static str,
    pub text: &'static str,
    pub number: &'static str,
    /// Instants, and dates and times without a zone.
    pub date: &'static str,
    pub flag: &'static str,
}

/// The type of a property.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Text,
    Number,
    Date,
    Flag,
}

impl Schema {
    /// The property of that name, whatever its case: in the schema's spelling, and its type.
    pub fn resolve(&self, property: &str) -> Result<(&'static str, Kind), Error> {
        self.properties()
            .find(|(name, _)| name.eq_ignore_ascii_case(property))
            .ok_or_else(|| Error::UnknownProperty {
                property: property.to_owned(),
                noun: self.noun,
            })
    }

    /// All properties and their types.
    pub fn properties(&self) -> impl Iterator<Item = (&'static str, Kind)> {
        let of = |names: &'static str, kind| names.split_ascii_whitespace().map(move |name| (name, kind));
        of(self.text, Kind::Text)
            .chain(of(self.number, Kind::Number))
            .chain(of(self.date, Kind::Date))
            .chain(of(self.flag, Kind::Flag))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Date => "date",
            Self::Flag => "boolean",
        })
    }
}
