use std::collections::BTreeMap;

use axum::Extension;
use http::StatusCode;
use ledgerline_engine::pass_through::{self, Error as EngineError};
use ledgerline_model::Timestamp;
use ledgerline_model::app::Scope;
use ledgerline_model::connection::Connection;
use ledgerline_platform::http::Answer;
use ledgerline_platform::pass_through::{RESPONSE_HEADERS, Request};
use ledgerline_platform::{Limits, Sent};
use serde::Serialize;
use serde_json::value::RawValue;
use tracing::Instrument;
use utoipa::ToSchema;

use super::errors::Error;
use super::owned::LinkConnectionOf;
use crate::audit::{self, Actor};
use crate::auth::App;
use crate::body::Json;
use crate::correlation::CorrelationId;

/// What the body says, as a request to the platform.
mod request;
/// What the platform answered, as JSON.
mod response;

pub use request::PassThroughRequest;

/// Room for 5 MB of `data` with what stands around it and its escapes.
const MAX_REQUEST: usize = 8 * 1024 * 1024;

/// What the platform answered.
#[derive(Serialize, ToSchema)]
pub struct PassThroughResponse {
    method: String,
    path: String,
    /// The platform's own status: its refusals are answers, too.
    status: u16,
    /// The platform's own JSON, as it was sent; a number that many readers would round stands in quotes. With
    /// `TEXT` a text, with `BASE64_GZIP` the bytes.
    #[schema(value_type = Option<Object>)]
    response: Box<RawValue>,
    response_headers: BTreeMap<String, String>,
    /// `JSON`, `TEXT` or `BASE64_GZIP`.
    response_type: &'static str,
    /// Null: the platform has no limits.
    rate_limit: Option<RateLimit>,
    /// Under which the server's log knows the request.
    request_id: String,
}

/// What the platform says of its limits, or what is left of them by our own count where it does not say.
#[derive(Serialize, ToSchema)]
pub struct RateLimit {
    /// How many requests are left of the limit that is used up most.
    remaining: Option<u64>,
    /// When the platform takes requests again; only with its 429.
    #[schema(value_type = Option<String>, format = DateTime)]
    reset_at: Option<Timestamp>,
}

/// Ask the platform itself, with the customer's consent and within its limits.
///
/// The path is relative to the platform's API of this organisation (Xero: the Accounting API 2.0) and cannot leave it.
/// Whatever the platform answers, refusals included, stands in a 200; redirects are not followed.
/// A `GET` needs the scope `link:pass_through:read`, everything else `link:pass_through:write`; a key for which no
/// scopes were named has both.
#[utoipa::path(
    post, path = "/link/customers/{customer_id}/link_connections/{link_connection_id}/pass_through", tag = "Link",
    request_body = PassThroughRequest,
    responses(
        (status = 200, body = PassThroughResponse),
        (status = 403, body = super::errors::Refusal, description = "The key lacks the scope."),
        (status = 409, body = super::errors::Refusal, description = "The link connection is not active."),
        (status = 429, body = super::errors::Refusal, description = "The budget of the platform's requests is used up; `Retry-After` says for how long."),
        (status = 502, body = super::errors::Refusal, description = "No usable answer of the platform came.")
    )
)]
pub async fn pass_through(
    of: LinkConnectionOf,
    Extension(id): Extension<CorrelationId>,
    Json(body): Json<PassThroughRequest, MAX_REQUEST>,
) -> Result<axum::Json<PassThroughResponse>, Error> {
    let LinkConnectionOf { app, connection, .. } = of;
    let request = body.request()?;
    let scope = match request.method.is_safe() {
        true => Scope::PassThroughRead,
        false => Scope::PassThroughWrite,
    };
    if !app.key.may(scope) {
        return Err(Error::out_of_scope(scope));
    }
    let wants_bytes = body.wants_bytes()?;
    // A task of its own: a caller that hangs up meanwhile leaves no request behind that is not in the audit log.
    let asked = ask(app.clone(), connection.clone(), request.clone()).in_current_span();
    let answer = tokio::spawn(asked)
        .await
        .map_err(|error| Error::internal(&error))??;
    let room = pass_through::room(&app.engine, &connection).await;
    let room = room.map_err(|error| refusal(&app, error))?;
    let about = app
        .engine
        .registry
        .find(&connection.platform)
        .map(|entry| entry.about());
    let limits = about.map_or(&Limits::NONE, |about| &about.limits);
    let (response_type, response) =
        response::of(&answer, wants_bytes).map_err(|error| Error::internal(&error))?;
    Ok(axum::Json(PassThroughResponse {
        method: request.method.to_string(),
        path: request.path.to_string(),
        status: answer.status.as_u16(),
        response,
        response_headers: told_headers(&answer, limits),
        response_type,
        rate_limit: rate_limit(&answer, limits, room, app.engine.now()),
        request_id: id.0,
    }))
}

/// Ask the platform, and note in the audit log what came of it.
async fn ask(app: App, connection: Connection, request: Request) -> Result<Answer, Error> {
    let answer = pass_through::pass_through(&app.engine, &connection, &request).await;
    let asked = format!("{} {}", request.method, request.path);
    let result = match &answer {
        Ok(answer) => format!("{asked}: {}", answer.status.as_u16()),
        Err(error) => format!("{asked}: {error}"),
    };
    let mut tx = app.engine.store.write().await?;
    let (actor, action) = (Actor::from(&app), "connection.passed_through");
    audit::note(&app.engine, &mut tx, &actor, action, connection.id, &result).await?;
    tx.commit().await?;
    answer.map_err(|error| refusal(&app, error))
}

fn refusal(app: &App, error: EngineError) -> Error {
    match error {
        EngineError::NotLinked => Error::conflict("The link connection is not active"),
        EngineError::Unsupported => Error::conflict("The platform offers no pass-through"),
        EngineError::Wait(until) => {
            let seconds = until
                .as_second()
                .saturating_sub(app.engine.now().as_second())
                .max(1);
            Error::too_many(
                "The limits of the platform are used up for now",
                u32::try_from(seconds).unwrap_or(u32::MAX),
            )
        }
        EngineError::Unavailable { sent, reason } => {
            let fate = match sent {
                Sent::Never => "the request was not sent",
                Sent::Maybe => "the request may have taken effect",
            };
            Error::new(
                StatusCode::BAD_GATEWAY,
                format!("The platform did not answer: {reason}; {fate}"),
            )
        }
        EngineError::TooLarge => Error::new(StatusCode::BAD_GATEWAY, error.to_string()),
        EngineError::Store(error) => error.into(),
    }
}

fn told_headers(answer: &Answer, limits: &Limits) -> BTreeMap<String, String> {
    let names = RESPONSE_HEADERS.into_iter().chain(limit_headers(limits));
    names
        .filter_map(|name| Some((name.to_owned(), answer.header(name)?.to_owned())))
        .collect()
}

fn limit_headers(limits: &Limits) -> impl Iterator<Item = &'static str> {
    let quotas = limits.organisation.iter().chain(limits.app);
    quotas.filter_map(|quota| quota.remaining)
}

/// As the platform tells it, else by our own count, which is `room`.
fn rate_limit(answer: &Answer, limits: &Limits, room: Option<u32>, now: Timestamp) -> Option<RateLimit> {
    let left = limit_headers(limits).filter_map(|name| answer.header(name)?.trim().parse::<u64>().ok());
    let remaining = left.min().or(room.map(u64::from));
    let reset_at = match answer.status {
        StatusCode::TOO_MANY_REQUESTS => answer.retry_after().and_then(|wait| now.checked_add(wait).ok()),
        _ => None,
    };
    (remaining.is_some() || reset_at.is_some()).then_some(RateLimit { remaining, reset_at })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::HeaderMap;
    use ledgerline_platform::Quota;

    use super::*;

    const LIMITS: Limits = Limits {
        organisation: &[Quota {
            calls: 60,
            seconds: 60,
            remaining: Some("x-left"),
        }],
        ..Limits::NONE
    };

    fn told(headers: &[(&'static str, &'static str)], status: u16, room: Option<u32>) -> Option<RateLimit> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        let answer = Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: map,
            body: Bytes::new(),
        };
        rate_limit(&answer, &LIMITS, room, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn what_is_left_is_as_the_platform_says_else_by_our_own_count() {
        let remaining = |limit: Option<RateLimit>| limit.and_then(|limit| limit.remaining);
        assert_eq!(remaining(told(&[("x-left", "41")], 200, Some(7))), Some(41));
        assert_eq!(remaining(told(&[], 200, Some(7))), Some(7));
        assert_eq!(remaining(told(&[("x-left", "many")], 200, Some(7))), Some(7));
        assert!(told(&[], 200, None).is_none());
        let refused = told(&[("retry-after", "30")], 429, Some(0)).unwrap();
        assert_eq!(refused.reset_at, Some("1970-01-01T00:00:30Z".parse().unwrap()));
        assert_eq!(refused.remaining, Some(0));
    }
}
