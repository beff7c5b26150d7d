use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use percent_encoding::percent_decode_str;
use serde_json::json;

use super::grants::{ACCESS_LIFE_S, HARD_LIFE_S, InvalidGrant, REFRESH_LIFE_S, Tokens};
use super::{CLIENT_ID, CLIENT_SECRET, refuse};
use crate::faults::{self, Failure, Kind, TOKENS};
use crate::quickbooks_online::errors::json_response;
use crate::{Organisation, Sandbox, ids, requests};

/// Trade a code or a refresh token for an access token.
pub(in crate::quickbooks_online) async fn issue_token(
    State(sandbox): State<Arc<Sandbox>>,
    headers: HeaderMap,
    body: String,
) -> Response {
    if !is_client(&headers) {
        return refuse(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            "Client authentication failed",
        );
    }
    let form = Form::read(&body);
    match form.get("grant_type") {
        Some("authorization_code") => redeem_code(&sandbox, &headers, &form),
        Some("refresh_token") => refresh(&sandbox, &headers, &form).await,
        Some(_) => refuse(
            StatusCode::BAD_REQUEST,
            "unsupported_grant_type",
            "The grant type is not supported",
        ),
        None => refuse(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            "grant_type is missing",
        ),
    }
}

fn redeem_code(sandbox: &Sandbox, headers: &HeaderMap, form: &Form) -> Response {
    let (Some(code), Some(redirect_uri)) = (form.get("code"), form.get("redirect_uri")) else {
        return refuse(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            "code or redirect_uri is missing",
        );
    };
    let now = sandbox.clock.now();
    let redeemed = sandbox.quickbooks_online.grants().redeem(code, redirect_uri, now);
    sandbox.keep();
    match redeemed {
        Ok(tokens) => answer(sandbox, headers, &tokens),
        Err(InvalidGrant) => invalid_grant(),
    }
}

async fn refresh(sandbox: &Arc<Sandbox>, headers: &HeaderMap, form: &Form) -> Response {
    let Some(token) = form.get("refresh_token") else {
        return refuse(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            "refresh_token is missing",
        );
    };
    let concerned = sandbox
        .quickbooks_online
        .grants()
        .organisation_of_refresh_token(token)
        .and_then(|organisation| sandbox.organisation(organisation));
    let planned = concerned
        .as_ref()
        .and_then(|organisation| organisation.faults.strike_named(&Kind::ON_ANY_CALL, TOKENS));
    let run = {
        let (sandbox, headers, token) = (sandbox.clone(), headers.clone(), token.to_owned());
        let concerned = concerned.clone();
        move || async move { renew(&sandbox, &headers, &token, concerned.as_deref()) }
    };
    let answer = match &planned {
        Some(fault) => faults::suffer(sandbox, fault, fail, run).await,
        None => faults::Answer {
            response: run().await,
            fault: None,
        },
    };
    let own = answer.response.extensions().get::<Lost>().is_some();
    let fault = answer.fault.or(own.then(|| Kind::RotationReplyLost.name()));
    if let Some(organisation) = concerned {
        organisation.requests.record(requests::Request {
            at: sandbox.clock.now(),
            method: "POST".to_owned(),
            path: "/oauth2/v1/tokens/bearer".to_owned(),
            // Which token it was, without telling the token.
            query: format!("refresh_token={}", &ids::hex_digest(token.as_bytes())[..12]),
            status: match fault {
                Some("rotation_reply_lost" | "reset") => 0,
                _ => answer.response.status().as_u16(),
            },
            if_modified_since: None,
            idempotency_key: None,
            fault,
        });
    }
    answer.response
}

/// What a planned fault looks like at Intuit's token endpoint.
fn fail(failure: Failure) -> Response {
    match failure {
        Failure::TooManyRequests => StatusCode::TOO_MANY_REQUESTS.into_response(),
        Failure::Unavailable => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Failure::Revoked => invalid_grant(),
        Failure::Forbidden => refuse(
            StatusCode::UNAUTHORIZED,
            "unauthorized_client",
            "The client may not do this",
        ),
    }
}

fn renew(sandbox: &Sandbox, headers: &HeaderMap, token: &str, concerned: Option<&Organisation>) -> Response {
    let now = sandbox.clock.now();
    let epoch_of = |organisation| Some(sandbox.organisation(organisation)?.access_epoch());
    let refreshed = sandbox.quickbooks_online.grants().refresh(token, epoch_of, now);
    sandbox.keep();
    match refreshed {
        Ok(tokens) => {
            let lost = tokens.rotated
                && concerned.is_some_and(|organisation| {
                    let fault = organisation.faults.strike(&[Kind::RotationReplyLost], &[TOKENS]);
                    fault.is_some()
                });
            if lost {
                reply_lost()
            } else {
                answer(sandbox, headers, &tokens)
            }
        }
        Err(InvalidGrant) => {
            if let Some(organisation) = concerned {
                let detail = "a refresh token that is dead was used";
                organisation.requests.violate(now, "refresh_token.dead", detail);
            }
            invalid_grant()
        }
    }
}

fn answer(sandbox: &Sandbox, headers: &HeaderMap, tokens: &Tokens) -> Response {
    let now = sandbox.clock.now();
    let mut answer = json!({
        "token_type": "bearer",
        "access_token": tokens.access,
        "refresh_token": tokens.refresh,
        "expires_in": ACCESS_LIFE_S,
        "x_refresh_token_expires_in": REFRESH_LIFE_S,
    });
    let wants_hard_limit = headers
        .get("x-include-refresh-token-hard-expires-in")
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true"));
    if wants_hard_limit {
        let left = HARD_LIFE_S - now.duration_since(tokens.consented_at).as_secs();
        answer["x_refresh_token_hard_expires_in"] = left.into();
    }
    let mut response = json_response(StatusCode::OK, &answer);
    let headers = response.headers_mut();
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("no-cache, no-store"),
    );
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

fn invalid_grant() -> Response {
    refuse(StatusCode::BAD_REQUEST, "invalid_grant", "Token invalid")
}

/// Marks an answer that gets lost.
#[derive(Clone, Copy)]
struct Lost;

/// An answer of which nothing arrives.
fn reply_lost() -> Response {
    let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    let pieces: [Result<bytes::Bytes, std::io::Error>; 1] = [Err(broken)];
    let body = Body::from_stream(futures::stream::iter(pieces));
    let mut response = (StatusCode::OK, body).into_response();
    response.extensions_mut().insert(Lost);
    response
}

/// Whether the Basic header shows the one client.
pub(super) fn is_client(headers: &HeaderMap) -> bool {
    let pair = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
        .and_then(|(_, pair)| STANDARD.decode(pair.trim()).ok())
        .and_then(|pair| String::from_utf8(pair).ok());
    let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    pair.as_deref()
        .and_then(|pair| pair.split_once(':'))
        .is_some_and(|(id, secret)| plain(id) == CLIENT_ID && plain(secret) == CLIENT_SECRET)
}

/// A form's fields; the first of a name counts.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    pub(super) fn read(body: &str) -> Self {
        Self(
            url::form_urlencoded::parse(body.as_bytes())
                .into_owned()
                .collect(),
        )
    }

    /// What the field holds, unless that is nothing.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(found, value)| found == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }
}
