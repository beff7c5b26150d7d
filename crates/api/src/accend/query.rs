//! Query strings: pages, order, and the filter language.

/// From text to calls.
mod call;
/// From calls to a typed filter.
mod resolve;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use axum::extract::FromRequestParts;
use http::request::Parts;
use ledgerline_model::company::filter::Filter;
use utoipa::IntoParams;

use super::errors::Error;

/// Parse a filter, e.g. `contains_any("link_connections", "all")`.
///
/// ```text
/// filter := call
/// call   := name "(" [ arg { "," arg } ] ")"
/// arg    := call | string | number | true | false | null | "[" [ arg { "," arg } ] "]"
/// ```
pub fn parse_filter(text: &str) -> Result<Filter, Fault> {
    resolve::filter(&call::parse(text)?)
}

/// Where a filter cannot be understood, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// Of the character, from 1.
    pub position: usize,
    pub reason: String,
}

impl Fault {
    fn new(position: usize, reason: impl Into<String>) -> Self {
        Self {
            position,
            reason: reason.into(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "position {}: {}", self.position, self.reason)
    }
}

/// A query string; of a name that comes twice the first counts.
#[derive(Clone, Default, Debug)]
pub struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// The value, unless it is absent or empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        let value = self.0.get(name)?.trim();
        (!value.is_empty()).then_some(value)
    }

    /// A whole number of that range.
    pub fn number(&self, name: &str, range: std::ops::RangeInclusive<u16>) -> Result<Option<u16>, Error> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        match text.parse() {
            Ok(number) if range.contains(&number) => Ok(Some(number)),
            _ => Err(Error::bad_parameter(
                name,
                format!("a whole number from {} to {}", range.start(), range.end()),
            )),
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
                .entry(name.into_owned())
                .or_insert_with(|| value.into_owned());
        }
        Ok(Self(parameters))
    }
}

/// The parameters of the list of customers, for the description.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only its description is used")]
pub struct CustomersParameters {
    /// Only customers that meet this, e.g. `contains_any("link_connections", "all")`: those with an active link
    /// connection.
    filter: Option<String>,
    /// How many at a time.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// `created_at`, `-created_at` or `legal_name`.
    #[param(default = "created_at")]
    order_by: Option<String>,
}

/// The parameters of the list of link connections, for the description.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only its description is used")]
pub struct LinkConnectionsParameters {
    /// `active`, `pending`, `needs_reauth`, `disconnected` or `error`.
    status: Option<String>,
    /// The key of a platform, e.g. `xero`.
    platform: Option<String>,
}
