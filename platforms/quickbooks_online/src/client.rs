//! One request to the API: <https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/account>

use std::time::Duration;

use bytes::Bytes;
use ledgerline_model::Secret;
use ledgerline_platform::http::{Answer, MaxBody};
use ledgerline_platform::pass_through::{Call, MAX_ANSWER, Passed};
use ledgerline_platform::{Cx, Endpoints, Error, NeedsReauth, Read, Sent};
use serde::Deserialize;
use url::Url;

/// The version of the API's answers that the mappings are for.
const MINOR_VERSION: &str = "75";

/// What the vendor asks to wait after a 429: no header says it.
const WAIT: Duration = Duration::from_secs(60);

/// `GET {path}?{query}` for one company: the body of a 200 without a fault, or why there is none.
pub(crate) async fn get(
    cx: &Cx,
    access_token: &Secret,
    realm: &str,
    path: &str,
    query: &[(&str, &str)],
) -> Result<Answer, Error> {
    let mut url = address(&cx.endpoints, "api_url", &format!("/v3/company/{realm}{path}"))?;
    url.query_pairs_mut()
        .extend_pairs(query)
        .append_pair("minorversion", MINOR_VERSION);
    let request = http::Request::get(url.as_str());
    let answer = send(cx, access_token, request, Bytes::new()).await?;
    judged(answer, path.trim_start_matches('/'))
}

/// A body that is sent with a `POST`.
pub(crate) struct Sending {
    pub content_type: String,
    pub body: Bytes,
}

/// `POST {path}?{query}` for one company: the body of a 200 without a fault, or why there is none.
///
/// What a write means is told more closely than what a read does: with a status of 4xx nothing was taken, but for 408
/// and 409, where an earlier request of the same name may still be under way.
pub(crate) async fn post(
    cx: &Cx,
    access_token: &Secret,
    realm: &str,
    path: &str,
    query: &[(String, String)],
    sending: Sending,
) -> Result<Answer, Error> {
    let mut url = address(&cx.endpoints, "api_url", &format!("/v3/company/{realm}{path}"))?;
    url.query_pairs_mut()
        .append_pair("minorversion", MINOR_VERSION)
        .extend_pairs(query);
    let request = http::Request::post(url.as_str()).header("content-type", sending.content_type);
    let answer = send(cx, access_token, request, sending.body).await?;
    let what = path.trim_start_matches('/');
    let status = answer.status.as_u16();
    match judged(answer, what) {
        Err(Error::Malformed { .. }) if matches!(status, 408 | 409) => Err(Error::Unavailable {
            sent: Sent::Maybe,
            reason: format!("QuickBooks answered {status} for {what}"),
        }),
        Err(Error::Malformed { .. }) if (402..500).contains(&status) => Err(Error::Rejected {
            code: status.to_string(),
            message: format!("QuickBooks answered {status} for {what}"),
            field: None,
        }),
        judged => judged,
    }
}

async fn send(
    cx: &Cx,
    access_token: &Secret,
    request: http::request::Builder,
    body: Bytes,
) -> Result<Answer, Error> {
    let request = request
        .header("authorization", format!("Bearer {}", access_token.expose()))
        .header("accept", "application/json")
        .body(body)
        .map_err(|_| Error::Unavailable {
            sent: Sent::Never,
            reason: "the request is not valid".into(),
        })?;
    cx.http.send(request).await
}

fn judged(answer: Answer, what: &str) -> Result<Answer, Error> {
    let fault = serde_json::from_slice::<Faulty>(&answer.body)
        .ok()
        .and_then(Faulty::first);
    if answer.status == http::StatusCode::OK && fault.is_none() {
        if !answer.is_json() {
            return Err(Error::Malformed {
                reason: format!("what came for {what} is no JSON in UTF-8"),
            });
        }
        return Ok(answer);
    }
    Err(refusal(
        answer.status.as_u16(),
        answer.retry_after(),
        fault.unwrap_or_default(),
        what,
    ))
}

/// What a fault among the items of an answer means.
pub(crate) fn item_refusal(fault: Fault, what: &str) -> Error {
    refusal(200, None, fault, what)
}

/// A query.
pub(crate) async fn ask(cx: &Cx, read: &Read<'_>, text: &str) -> Result<Answer, Error> {
    let realm = &read.organisation.id;
    get(cx, read.access_token, realm, "/query", &[("query", text)]).await
}

/// [`ask`] for a whole small list that several feeds need: once a Run.
pub(crate) async fn ask_once(cx: &Cx, read: &Read<'_>, text: &str) -> Result<Answer, Error> {
    cx.memo
        .answer(&*cx.clock, &key(read, text), ask(cx, read, text))
        .await
}

/// What [`ask_once`] brought was of no use: ask again next time.
pub(crate) fn forget(cx: &Cx, read: &Read<'_>, text: &str) {
    cx.memo.forget(&key(read, text));
}

fn key(read: &Read<'_>, text: &str) -> String {
    format!("{} {text}", read.organisation.id)
}

/// A request of the app's own making: its path is relative to this company of the API.
pub(crate) async fn pass_through(cx: &Cx, call: &Call<'_>) -> Result<Passed, Error> {
    let base = address(
        &cx.endpoints,
        "api_url",
        &format!("/v3/company/{}", call.organisation.id),
    )?;
    let unsendable = || Error::Unavailable {
        sent: Sent::Never,
        reason: "the request is not valid".into(),
    };
    let url = call.request.url(&base).map_err(|_| unsendable())?;
    let mut request = http::Request::builder()
        .method(call.request.method.clone())
        .uri(url.as_str())
        .header("accept", "application/json")
        .body(call.request.body.clone())
        .map_err(|_| unsendable())?;
    for (name, value) in &call.request.headers {
        request.headers_mut().insert(name, value.clone());
    }
    let token = format!("Bearer {}", call.access_token.expose());
    let token = http::HeaderValue::from_str(&token).map_err(|_| unsendable())?;
    request.headers_mut().insert("authorization", token);
    request.extensions_mut().insert(MaxBody(MAX_ANSWER));
    let answer = cx.http.send(request).await?;
    Ok(Passed {
        token_expired: answer.status == http::StatusCode::UNAUTHORIZED,
        answer,
    })
}

pub(crate) fn address(endpoints: &Endpoints, host: &str, path: &str) -> Result<Url, Error> {
    endpoints.url(host, path).map_err(|_| Error::Unavailable {
        sent: Sent::Never,
        reason: format!("`{host}` of QuickBooks Online is not configured"),
    })
}

/// What an answer that is no 200, or one with a fault in it, means. `what` is the endpoint, for people.
///
/// | status | code | meaning |
/// |---|---|---|
/// | 401 | any | the token has to be refreshed; a dead grant shows in the refresh |
/// | 403 | 3100 | the company was disconnected |
/// | 403 | any other | this type only |
/// | any | 5020, 6190 | this type only: no permission, or the subscription has lapsed |
/// | 429 or 403 | 3001 | a limit |
/// | 200 | 10000 | the platform failed, and says so late |
fn refusal(status: u16, retry_after: Option<Duration>, fault: Fault, what: &str) -> Error {
    let code = fault.code.unwrap_or_default();
    match (status, code.trim_start_matches('0')) {
        (429, _) | (_, "3001") => Error::RateLimited {
            retry_after: retry_after.or(Some(WAIT)),
        },
        (401, _) => Error::TokenExpired,
        (403, "3100") => Error::NeedsReauth(
            NeedsReauth::Connection,
            "QuickBooks answered 403: the company is no longer connected".into(),
        ),
        (403, _) | (_, "5020" | "6190") => Error::Forbidden { what: what.into() },
        (500.., _) | (_, "10000") => Error::Unavailable {
            sent: Sent::Maybe,
            reason: format!("QuickBooks answered {status} for {what}"),
        },
        (200 | 400, _) => Error::Rejected {
            code,
            message: fault.detail.or(fault.message).unwrap_or_default(),
            field: fault.element.filter(|element| !element.is_empty()),
        },
        _ => Error::Malformed {
            reason: format!("QuickBooks answered {status} for {what}"),
        },
    }
}

/// The two envelopes of refusals.
#[derive(Deserialize)]
pub(crate) struct Faulty {
    #[serde(alias = "Fault")]
    fault: Option<Faults>,
}

#[derive(Deserialize)]
struct Faults {
    #[serde(alias = "Error", default)]
    error: Vec<Fault>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Fault {
    code: Option<String>,
    #[serde(alias = "Message")]
    message: Option<String>,
    #[serde(alias = "Detail")]
    detail: Option<String>,
    element: Option<String>,
}

impl Faulty {
    pub(crate) fn first(self) -> Option<Fault> {
        Some(self.fault?.error.into_iter().next().unwrap_or_default())
    }
}
