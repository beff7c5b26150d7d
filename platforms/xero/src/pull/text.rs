use std::borrow::Cow;
use std::fmt;

use ledgerline_model::records::Text;
use serde::de::{Deserializer, Error, Visitor};

/// Text of the wire: borrowed from the page unless it holds escapes. (Serde borrows a `Cow` only outside of
/// an `Option`.)
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Str<'a>(pub Cow<'a, str>);

impl<'a> Str<'a> {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'a> From<Str<'a>> for Text<'a> {
    fn from(text: Str<'a>) -> Self {
        text.0
    }
}

/// Xero leaves a text out, or sends it empty, and means the same.
pub(super) fn filled(text: Option<Str<'_>>) -> Option<Text<'_>> {
    text.map(|text| text.0).filter(|text| !text.is_empty())
}

/// The filled ones, joined.
pub(super) fn joined<'a, const N: usize>(parts: [Option<Str<'a>>; N], separator: &str) -> Option<Text<'a>> {
    let mut parts = parts.into_iter().filter_map(filled);
    let first = parts.next()?;
    Some(parts.fold(first, |joined, part| {
        Cow::Owned(format!("{joined}{separator}{part}"))
    }))
}

impl<'de: 'a, 'a> serde::Deserialize<'de> for Str<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(StrVisitor)
    }
}

struct StrVisitor;

impl<'de> Visitor<'de> for StrVisitor {
    type Value = Str<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Str(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Str(Cow::Owned(text.to_owned())))
    }
}
