//! Requests of the app's own making. Where they may lead is decided here, for every platform alike: below the
//! connection's base address, with few headers, and with what the connector adds.

/// Where a request may lead.
mod path;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use ledgerline_model::Secret;
use ledgerline_model::connection::Organisation;
use url::Url;

use crate::http::Answer;

pub use path::{RelativePath, Unfit};

/// Answers are taken up to this many bytes.
pub const MAX_ANSWER: usize = 10 * 1024 * 1024;
/// Bodies are sent up to this many bytes.
pub const MAX_BODY: usize = 5 * 1024 * 1024;

/// A request with whose consent it is made.
pub struct Call<'a> {
    pub access_token: &'a Secret,
    pub organisation: &'a Organisation,
    pub request: &'a Request,
}

/// What the app wants to ask.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: Method,
    pub path: RelativePath,
    pub query: Vec<(String, String)>,
    /// Out of [`REQUEST_HEADERS`], and the body's `Content-Type`.
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// What the platform answered, whatever it is.
pub struct Passed {
    pub answer: Answer,
    /// The platform no longer accepts the access token: another one may help.
    pub token_expired: bool,
}

/// The methods that pass.
pub const METHODS: [Method; 5] = [
    Method::GET,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
];

/// The headers of a request that pass, in lower case. None of them says who asks or whom.
pub const REQUEST_HEADERS: [&str; 6] = [
    "accept",
    "accept-language",
    "idempotency-key",
    "if-match",
    "if-modified-since",
    "if-none-match",
];

/// The headers of an answer that pass, beside those that the platform's limits are told in.
pub const RESPONSE_HEADERS: [&str; 7] = [
    "content-language",
    "content-type",
    "date",
    "etag",
    "last-modified",
    "retry-after",
    "x-rate-limit-problem",
];

/// A header of the app's own; `None` if it does not pass, or its value is none.
pub fn header(name: &str, value: &str) -> Option<(HeaderName, HeaderValue)> {
    let name = name.to_ascii_lowercase();
    if !REQUEST_HEADERS.contains(&name.as_str()) {
        return None;
    }
    Some((name.parse().ok()?, HeaderValue::from_str(value).ok()?))
}

impl Request {
    /// The address below `base`; fails if it would be anywhere else, which a [`RelativePath`] does not allow.
    pub fn url(&self, base: &Url) -> Result<Url, Unfit> {
        let root = base.path().trim_end_matches('/');
        let path = format!("{root}{}", self.path);
        let mut url = base.clone();
        url.set_query(None);
        url.set_fragment(None);
        url.set_path(&path);
        // The parser normalises; what it changes was not what was checked.
        if url.path() != path || url.origin() != base.origin() || !url.username().is_empty() {
            return Err(Unfit::Outside);
        }
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        Ok(url)
    }
}
