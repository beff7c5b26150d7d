use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use percent_encoding::percent_decode_str;
use serde_json::json;

use super::grants::{Client, Consent, InvalidGrant};
use super::{CLIENT_ID, CLIENT_SECRET, access_token, issuer, refuse};
use crate::faults::{self, Failure, Kind, TOKENS};
use crate::{Organisation, Sandbox, requests};

/// Trade a code or a refresh token for an access token.
pub(in crate::xero) async fn issue_token(
    State(sandbox): State<Arc<Sandbox>>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let form = Form::read(&body);
    let Some(client) = client(&headers, &form) else {
        return refuse("invalid_client");
    };
    match form.get("grant_type") {
        Some("authorization_code") => redeem_code(&sandbox, &headers, &form, &client),
        Some("refresh_token") => refresh(&sandbox, &headers, &form, client).await,
        Some(_) => refuse("unsupported_grant_type"),
        None => refuse("invalid_request"),
    }
}

fn redeem_code(sandbox: &Sandbox, headers: &HeaderMap, form: &Form, client: &Client) -> Response {
    let (Some(code), Some(redirect_uri)) = (form.get("code"), form.get("redirect_uri")) else {
        return refuse("invalid_request");
    };
    let now = sandbox.clock.now();
    let mut grants = sandbox.xero.grants();
    sandbox.keep();
    let redeemed = grants.redeem(code, client, redirect_uri, form.get("code_verifier"), now);
    let Ok(consent) = redeemed else {
        return refuse("invalid_grant");
    };
    let offline = consent
        .scope
        .split_whitespace()
        .any(|scope| scope == "offline_access");
    let refresh_token = offline.then(|| grants.new_refresh_token(&consent, now));
    let serial = grants.serial();
    drop(grants);
    tokens(headers, client, &consent, refresh_token, &serial, now)
}

async fn refresh(sandbox: &Arc<Sandbox>, headers: &HeaderMap, form: &Form, client: Client) -> Response {
    let Some(token) = form.get("refresh_token") else {
        return refuse("invalid_request");
    };
    let concerned: Vec<Arc<Organisation>> = sandbox
        .xero
        .grants()
        .organisations_of_refresh_token(token)
        .into_iter()
        .filter_map(|organisation| sandbox.organisation(organisation))
        .collect();
    let planned = concerned
        .iter()
        .find_map(|organisation| organisation.faults.strike_named(&Kind::ON_ANY_CALL, TOKENS));
    let run = {
        let (sandbox, headers, token) = (sandbox.clone(), headers.clone(), token.to_owned());
        let concerned = concerned.clone();
        move || async move { rotate(&sandbox, &headers, &token, &client, &concerned) }
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
    for organisation in &concerned {
        organisation.requests.record(requests::Request {
            at: sandbox.clock.now(),
            method: "POST".to_owned(),
            path: "/identity/connect/token".to_owned(),
            // Which token it was, without telling the token.
            query: format!("refresh_token={}", fingerprint(token)),
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

/// What a planned fault looks like at Xero's identity server.
fn fail(failure: Failure) -> Response {
    match failure {
        Failure::TooManyRequests => {
            let mut response = StatusCode::TOO_MANY_REQUESTS.into_response();
            let headers = response.headers_mut();
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            response
        }
        Failure::Unavailable => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Failure::Revoked => refuse("invalid_grant"),
        Failure::Forbidden => refuse("unauthorized_client"),
    }
}

/// Trade the token for its successor.
fn rotate(
    sandbox: &Sandbox,
    headers: &HeaderMap,
    token: &str,
    client: &Client,
    concerned: &[Arc<Organisation>],
) -> Response {
    let now = sandbox.clock.now();
    let violate = |rule: &str, detail: &str| {
        for organisation in concerned {
            organisation.requests.violate(now, rule, detail);
        }
    };
    let mut grants = sandbox.xero.grants();
    let refreshed = grants.refresh(token, client, now);
    let serial = grants.serial();
    drop(grants);
    sandbox.keep();
    match refreshed {
        Ok(refreshed) => {
            if refreshed.is_superseded {
                violate(
                    "refresh_token.superseded",
                    "a refresh token was used although one that came after it had been used already",
                );
            }
            let lost = concerned.iter().any(|organisation| {
                organisation
                    .faults
                    .strike(&[Kind::RotationReplyLost], &[TOKENS])
                    .is_some()
            });
            if lost {
                return reply_lost();
            }
            tokens(
                headers,
                client,
                &refreshed.consent,
                Some(refreshed.successor),
                &serial,
                now,
            )
        }
        Err(InvalidGrant) => {
            violate("refresh_token.dead", "a refresh token that is dead was used");
            refuse("invalid_grant")
        }
    }
}

/// Tells one token from another.
fn fingerprint(token: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(token.as_bytes())
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn tokens(
    headers: &HeaderMap,
    client: &Client,
    consent: &Consent,
    refresh_token: Option<String>,
    serial: &str,
    now: jiff::Timestamp,
) -> Response {
    let issuer = issuer(headers);
    let mut answer = json!({
        "access_token": access_token::issue(consent, &client.id, &issuer, serial, now),
        "expires_in": access_token::LIFE_S,
        "token_type": "Bearer",
        "scope": consent.scope,
    });
    if let Some(refresh_token) = refresh_token {
        answer["refresh_token"] = refresh_token.into();
    }
    if consent.scope.split_whitespace().any(|scope| scope == "openid") {
        answer["id_token"] = access_token::issue_id_token(consent, &client.id, &issuer, now).into();
    }
    let mut response = axum::Json(answer).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

/// Marks an answer that was lost after the token had been rotated.
#[derive(Clone, Copy)]
struct Lost;

/// An answer of which nothing arrives.
fn reply_lost() -> Response {
    let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    let pieces: [Result<bytes::Bytes, std::io::Error>; 1] = [Err(broken)];
    let mut response = (StatusCode::OK, Body::from_stream(futures::stream::iter(pieces))).into_response();
    response.extensions_mut().insert(Lost);
    response
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

    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Who the client is, by Basic header or by the form; an id alone is a client without a secret.
pub(super) fn client(headers: &HeaderMap, form: &Form) -> Option<Client> {
    let basic = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
        .map(|(_, pair)| pair.trim());
    let (id, secret) = match basic {
        Some(pair) => {
            let pair = String::from_utf8(STANDARD.decode(pair).ok()?).ok()?;
            let (id, secret) = pair.split_once(':')?;
            let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
            (plain(id), Some(plain(secret)))
        }
        None => (
            form.get("client_id")?.to_owned(),
            form.get("client_secret").map(str::to_owned),
        ),
    };
    let known = id == CLIENT_ID && secret.as_deref().is_none_or(|secret| secret == CLIENT_SECRET);
    known.then(|| Client {
        id,
        has_secret: secret.is_some(),
    })
}
