//! One request to the Accounting API: <https://developer.xero.com/documentation/api/accounting/overview>

use bytes::Bytes;
use ledgerline_model::Timestamp;
use ledgerline_platform::http::{Answer, MaxBody};
use ledgerline_platform::pass_through::{Call, MAX_ANSWER, Passed};
use ledgerline_platform::{Cx, Error, NeedsReauth, Read, Sent};
use serde::Deserialize;

/// `GET {path}?{query}` for one organisation: the body of a 200, or why there is none.
///
/// Xero answers in XML unless told otherwise.
pub(crate) async fn get(
    cx: &Cx,
    read: &Read<'_>,
    path: &str,
    query: &[(&str, &str)],
) -> Result<Answer, Error> {
    get_modified(cx, read, path, query, None).await
}

/// [`get`] of what changed at or after `since`, to the second.
pub(crate) async fn get_modified(
    cx: &Cx,
    read: &Read<'_>,
    path: &str,
    query: &[(&str, &str)],
    since: Option<Timestamp>,
) -> Result<Answer, Error> {
    let mut url = cx.endpoints.url("api_url", path).map_err(|_| not_configured())?;
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    let mut request = http::Request::get(url.as_str())
        .header("authorization", format!("Bearer {}", read.access_token.expose()))
        .header("xero-tenant-id", read.organisation.id.as_str())
        .header("accept", "application/json");
    if let Some(since) = since {
        request = request.header(
            "if-modified-since",
            since.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        );
    }
    let request = request.body(Bytes::new()).map_err(|_| unsendable())?;
    let answer = cx.http.send(request).await?;
    if answer.status != http::StatusCode::OK {
        return Err(refusal(&answer, path.trim_start_matches('/')));
    }
    if !answer.is_json() {
        return Err(Error::Malformed {
            reason: format!(
                "what came for {} is no JSON in UTF-8",
                path.trim_start_matches('/')
            ),
        });
    }
    Ok(answer)
}

/// [`get`] of a whole small listing that several feeds need: asked for once a Run. `check` says whether the
/// answer can be read at all; one that cannot is not remembered.
pub(crate) async fn get_once(
    cx: &Cx,
    read: &Read<'_>,
    path: &str,
    check: impl Fn(&[u8]) -> Result<(), Error>,
) -> Result<Answer, Error> {
    let ask = async {
        let answer = get(cx, read, path, &[]).await?;
        check(&answer.body)?;
        Ok(answer)
    };
    cx.memo.answer(&*cx.clock, &key(read, path), ask).await
}

/// What [`get_once`] brought was of no use: ask again next time.
pub(crate) fn forget(cx: &Cx, read: &Read<'_>, path: &str) {
    cx.memo.forget(&key(read, path));
}

fn key(read: &Read<'_>, path: &str) -> String {
    format!("{} {path}", read.organisation.id)
}

/// A request of the app's own making: its path is relative to the Accounting API of this organisation.
///
/// Xero answers in XML unless told otherwise.
pub(crate) async fn pass_through(cx: &Cx, call: &Call<'_>) -> Result<Passed, Error> {
    let base = cx.endpoints.url("api_url", "").map_err(|_| not_configured())?;
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
    let own = [
        ("authorization", format!("Bearer {}", call.access_token.expose())),
        ("xero-tenant-id", call.organisation.id.clone()),
    ];
    for (name, value) in own {
        let value = http::HeaderValue::from_str(&value).map_err(|_| unsendable())?;
        request.headers_mut().insert(name, value);
    }
    request.extensions_mut().insert(MaxBody(MAX_ANSWER));
    let answer = cx.http.send(request).await?;
    let expired = matches!(refusal(&answer, "pass-through"), Error::TokenExpired);
    Ok(Passed {
        token_expired: answer.status == http::StatusCode::UNAUTHORIZED && expired,
        answer,
    })
}

/// What an answer that is no 200 means. `what` is the endpoint, for people.
///
/// | status | detail | meaning |
/// |---|---|---|
/// | 401 | `AuthorizationUnsuccessful` | the scope was never granted: this type only |
/// | 401 | any other | the token has to be refreshed; a dead grant shows in the refresh |
/// | 403 | `AuthenticationUnsuccessful` | the organisation was disconnected |
/// | 403 | any other | this type only |
pub(crate) fn refusal(answer: &Answer, what: &str) -> Error {
    let status = answer.status.as_u16();
    let problem = serde_json::from_slice::<Problem>(&answer.body).unwrap_or_default();
    let detail = problem.detail.as_deref().unwrap_or_default();
    match status {
        401 if detail.contains("AuthorizationUnsuccessful") => Error::Forbidden { what: what.into() },
        401 => Error::TokenExpired,
        403 if detail.contains("AuthenticationUnsuccessful") => Error::NeedsReauth(
            NeedsReauth::Connection,
            "Xero answered 403: the organisation is no longer connected".into(),
        ),
        403 => Error::Forbidden { what: what.into() },
        429 => Error::RateLimited {
            retry_after: answer.retry_after(),
        },
        400 | 412 => Error::Rejected {
            code: problem
                .number
                .map_or_else(|| status.to_string(), |number| number.to_string()),
            message: problem.message(),
            field: None,
        },
        500.. => Error::Unavailable {
            sent: Sent::Maybe,
            reason: format!("Xero answered {status} for {what}"),
        },
        _ => Error::Malformed {
            reason: format!("Xero answered {status} for {what}"),
        },
    }
}

pub(crate) fn unsendable() -> Error {
    Error::Unavailable {
        sent: Sent::Never,
        reason: "the request is not valid".into(),
    }
}

fn not_configured() -> Error {
    Error::Unavailable {
        sent: Sent::Never,
        reason: "`api_url` of Xero is not configured".into(),
    }
}

/// Xero's two shapes of an error: problem JSON in either case, and the validation exception.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Problem {
    #[serde(alias = "Detail")]
    detail: Option<String>,
    #[serde(rename = "ErrorNumber")]
    number: Option<i64>,
    #[serde(rename = "Message")]
    message: Option<String>,
    #[serde(rename = "Elements")]
    elements: Vec<Element>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Element {
    #[serde(rename = "ValidationErrors")]
    validation_errors: Vec<ValidationError>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ValidationError {
    #[serde(rename = "Message")]
    message: String,
}

impl Problem {
    /// The messages of the elements where there are some: the outer one only says that there are.
    fn message(self) -> String {
        let messages = self
            .elements
            .into_iter()
            .flat_map(|element| element.validation_errors)
            .map(|error| error.message)
            .collect::<Vec<_>>();
        if messages.is_empty() {
            self.message.or(self.detail).unwrap_or_default()
        } else {
            messages.join("; ")
        }
    }
}
