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
use crate::faults::Kind;
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
        Some("refresh_token") => refresh(&sandbox, &headers, &form, &client),
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

fn refresh(sandbox: &Sandbox, headers: &HeaderMap, form: &Form, client: &Client) -> Response {
    let Some(token) = form.get("refresh_token") else {
        return refuse("invalid_request");
    };
    let now = sandbox.clock.now();
    let mut grants = sandbox.xero.grants();
    let concerned: Vec<Arc<Organisation>> = grants
        .organisations_of_refresh_token(token)
        .into_iter()
        .filter_map(|organisation| sandbox.organisation(organisation))
        .collect();
    let refreshed = grants.refresh(token, client, now);
    let serial = grants.serial();
    drop(grants);
    sandbox.keep();
    let mut fault = None;
    let response = match refreshed {
        Ok((consent, successor)) => {
            let response = tokens(headers, client, &consent, Some(successor), &serial, now);
            fault = concerned
                .iter()
                .find_map(|organisation| organisation.faults.strike(&[Kind::RotationReplyLost], &[]));
            if fault.is_some() { lost() } else { response }
        }
        Err(InvalidGrant) => {
            for organisation in &concerned {
                organisation.requests.violate(
                    now,
                    "refresh_token.dead",
                    "a refresh token that is dead was used",
                );
            }
            refuse("invalid_grant")
        }
    };
    for organisation in &concerned {
        organisation.requests.record(requests::Request {
            at: now,
            method: "POST".to_owned(),
            path: "/identity/connect/token".to_owned(),
            query: String::new(),
            status: if fault.is_some() {
                0
            } else {
                response.status().as_u16()
            },
            if_modified_since: None,
            idempotency_key: None,
            fault: fault.as_ref().map(|fault| fault.kind.name()),
        });
    }
    response
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

/// An answer of which nothing arrives.
fn lost() -> Response {
    let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    let pieces: [Result<bytes::Bytes, std::io::Error>; 1] = [Err(broken)];
    (StatusCode::OK, Body::from_stream(futures::stream::iter(pieces))).into_response()
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
