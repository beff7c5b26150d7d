use bytes::Bytes;
use ledgerline_platform::http::Answer;
use ledgerline_platform::push::Books;
use ledgerline_platform::{Cx, Error, Sent};

use crate::client;

/// A request to one of Xero's two APIs that take writes.
pub(super) struct Call<'a> {
    /// `api_url` or `bank_feeds_url`.
    pub host: &'static str,
    pub method: &'a str,
    pub path: &'a str,
    pub query: &'a [(String, String)],
    /// For `Idempotency-Key`: Xero gives the first answer again to whoever repeats it.
    pub key: Option<&'a str>,
    pub content_type: &'a str,
    pub body: Bytes,
}

pub(super) const ACCOUNTING: &str = "api_url";
pub(super) const BANK_FEEDS: &str = "bank_feeds_url";
pub(super) const JSON: &str = "application/json";

/// Whatever comes back.
pub(super) async fn ask(cx: &Cx, books: &Books<'_>, call: Call<'_>) -> Result<Answer, Error> {
    let url = cx.endpoints.url(call.host, call.path);
    let mut url = url.map_err(|_| client::unsendable())?;
    if !call.query.is_empty() {
        url.query_pairs_mut().extend_pairs(call.query);
    }
    let mut request = http::Request::builder()
        .method(call.method)
        .uri(url.as_str())
        .header("authorization", format!("Bearer {}", books.access_token.expose()))
        .header("xero-tenant-id", books.organisation.id.as_str())
        .header("accept", "application/json");
    if let Some(key) = call.key {
        request = request.header("idempotency-key", key);
    }
    if !call.body.is_empty() {
        request = request.header("content-type", call.content_type);
    }
    let request = request.body(call.body).map_err(|_| client::unsendable())?;
    cx.http.send(request).await
}

/// The answer to a write, if it says that it was taken. `what` is the endpoint, for people.
///
/// | status | meaning |
/// |---|---|
/// | 408, 409 | an earlier request with the same key may still be under way |
/// | other 4xx | it was not taken; see [`client::refusal`] |
/// | everything else | see [`client::refusal`] |
pub(super) fn taken(answer: Answer, what: &str) -> Result<Answer, Error> {
    match answer.status.as_u16() {
        200..=299 if answer.is_json() => Ok(answer),
        200..=299 => Err(Error::Malformed {
            reason: format!("what came for {what} is no JSON in UTF-8"),
        }),
        status @ (408 | 409) => Err(Error::Unavailable {
            sent: Sent::Maybe,
            reason: format!("Xero answered {status} for {what}"),
        }),
        status @ (404 | 405 | 406 | 410 | 411 | 413..=415 | 422) => Err(Error::Rejected {
            code: status.to_string(),
            message: format!("Xero answered {status} for {what}"),
            field: None,
        }),
        _ => Err(client::refusal(&answer, what)),
    }
}
