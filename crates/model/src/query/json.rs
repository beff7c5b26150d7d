use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Found, Properties, Value};

/// The members of a JSON object, each still as text: asking for one parses only that one, and numbers never
/// become floats.
pub struct Json<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Json<'a> {
    /// `None` if the text is no JSON object.
    pub fn of(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    fn find(&self, path: &str) -> Option<Value<'a>> {
        let (name, rest) = match path.split_once('.') {
            Some((name, rest)) => (name, Some(rest)),
            None => (path, None),
        };
        let (_, raw) = self.0.iter().find(|(member, _)| member == name)?;
        match rest {
            Some(rest) => Json::of(raw.get())?.find(rest),
            None => scalar(raw.get()),
        }
    }
}

impl Properties for Json<'_> {
    fn property(&self, path: &str) -> Found<'_> {
        self.find(path).map_or(Found::Missing, Found::One)
    }
}

fn scalar(raw: &str) -> Option<Value<'_>> {
    match raw.as_bytes().first()? {
        b'"' => serde_json::from_str(raw).ok().map(|Text(text)| Value::Text(text)),
        b't' => Some(Value::Flag(true)),
        b'f' => Some(Value::Flag(false)),
        b'-' | b'0'..=b'9' => raw.parse().ok().map(Value::Number),
        _ => None,
    }
}

#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Json<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Json<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::with_capacity(24);
                while let Some((Text(name), raw)) = map.next_entry::<Text<'de>, &'de RawValue>()? {
                    members.push((name, raw));
                }
                Ok(Json(members))
            }
        }

        deserializer.deserialize_map(Members)
    }
}
