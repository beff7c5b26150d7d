use std::collections::BTreeMap;

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::errors::Error;

/// A query string whose names match whatever their case; of a name that comes twice the first counts.
#[derive(Clone, Default, Debug)]
pub struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// The value, unless it is absent or empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        let value = self.0.get(&name.to_ascii_lowercase())?.trim();
        (!value.is_empty()).then_some(value)
    }

    /// `true` or `false`; absent: `false`.
    pub fn flag(&self, name: &str) -> Result<bool, Error> {
        match self.text(name) {
            None => Ok(false),
            Some(text) if text.eq_ignore_ascii_case("true") => Ok(true),
            Some(text) if text.eq_ignore_ascii_case("false") => Ok(false),
            Some(_) => Err(Error::bad_request(format!(
                "The parameter `{name}` has to be `true` or `false`."
            ))),
        }
    }

    /// A whole number of that range.
    pub fn number(&self, name: &str, range: std::ops::RangeInclusive<u32>) -> Result<Option<u32>, Error> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        match text.parse() {
            Ok(number) if range.contains(&number) => Ok(Some(number)),
            _ => Err(Error::bad_request(format!(
                "The parameter `{name}` has to be a whole number from {} to {}.",
                range.start(),
                range.end()
            ))),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let mut parameters = BTreeMap::new();
        let query = parts.uri.query().unwrap_or_default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            parameters
                .entry(name.to_ascii_lowercase())
                .or_insert_with(|| value.into_owned());
        }
        Ok(Self(parameters))
    }
}
