use std::sync::Arc;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, Method, header};
use jiff::Timestamp;
use uuid::Uuid;

use super::errors::Error;
use super::limits::{Exceeded, Pass};
use super::oauth;
use crate::faults::{self, Failure};
use crate::requests;
use crate::{Limits, Organisation, Sandbox};

/// The largest body that is read, in bytes: a file of 10 MB fits.
const LARGEST_BODY: usize = 11 * 1024 * 1024;

/// One of Xero's APIs for organisations.
pub(super) struct Api {
    /// Its path, such as `/api.xro/2.0`.
    pub(super) base: &'static str,
    /// What one of the token's scopes has to begin with.
    pub(super) scope: &'static str,
    /// The standard data types that a call could be about, by its path and query.
    pub(super) data_types: fn(&[String], &str) -> &'static [&'static str],
    pub(super) serve: fn(&Method, &Call<'_>, &[u8]) -> Result<Response, Error>,
}

/// One call, after it was let in.
pub(super) struct Call<'a> {
    pub(super) sandbox: &'a Sandbox,
    pub(super) organisation: &'a Organisation,
    /// Below the API's base.
    pub(super) path: &'a [String],
    pub(super) query: &'a str,
    pub(super) headers: &'a HeaderMap,
    pub(super) data_types: &'a [&'static str],
    pub(super) now: Timestamp,
}

/// The fault that an endpoint struck itself with, among the extensions of its answer.
#[derive(Clone, Copy)]
pub(super) struct Spoiled(pub(super) &'static str);

/// Answer a call: token, organisation, limits, faults, then the endpoint itself.
pub(super) async fn answer(
    api: &'static Api,
    sandbox: Arc<Sandbox>,
    path: &str,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let organisation = match admit(api, &sandbox, &head.headers) {
        Ok(organisation) => organisation,
        Err(error) => return error.into_response(),
    };
    let Ok(body) = axum::body::to_bytes(body, LARGEST_BODY).await else {
        return Error::TooLarge.into_response();
    };
    let path: Vec<String> = path
        .split('/')
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect();
    let query = head.uri.query().unwrap_or_default().to_owned();
    let data_types = (api.data_types)(&path, &query);

    let (response, fault) = match limited(&sandbox, &organisation) {
        Err(exceeded) => (exceeded.into_response(), None),
        Ok(pass) => {
            let asked = Asked {
                api,
                sandbox: sandbox.clone(),
                organisation: organisation.clone(),
                method: head.method.clone(),
                path: path.clone(),
                query: query.clone(),
                headers: head.headers.clone(),
                data_types,
                body,
            };
            let running = move || async move { run(&asked) };
            let answered = faults::around(&sandbox, &organisation, data_types, fail, running).await;
            let mut response = answered.response;
            pass.write_headers(response.headers_mut());
            let own = response.extensions().get::<Spoiled>().map(|spoiled| spoiled.0);
            (response, answered.fault.or(own))
        }
    };
    let text = |name: &str| {
        head.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned)
    };
    organisation.requests.record(requests::Request {
        at: sandbox.clock.now(),
        method: head.method.to_string(),
        path: format!("{}/{}", api.base, path.join("/")),
        query,
        status: if fault == Some("reset") {
            0
        } else {
            response.status().as_u16()
        },
        if_modified_since: text("if-modified-since"),
        idempotency_key: text("idempotency-key"),
        fault,
    });
    organisation.answered(sandbox.clock.now());
    response
}

/// The organisation that the token and the tenant header lead to.
fn admit(api: &Api, sandbox: &Sandbox, headers: &HeaderMap) -> Result<Arc<Organisation>, Error> {
    let claims = oauth::authenticate(sandbox, headers)?;
    if !claims.scope.iter().any(|scope| scope.starts_with(api.scope)) {
        return Err(Error::MissingScope);
    }
    let tenant = headers
        .get("xero-tenant-id")
        .and_then(|value| value.to_str().ok());
    let tenant = tenant
        .and_then(|text| Uuid::try_parse(text).ok())
        .ok_or(Error::WrongTenant)?;
    let organisation = sandbox.organisation(tenant).ok_or(Error::WrongTenant)?;
    if !oauth::is_connected(sandbox, claims.xero_userid, &organisation) {
        return Err(Error::WrongTenant);
    }
    Ok(organisation)
}

fn limited(sandbox: &Sandbox, organisation: &Organisation) -> Result<Pass, Exceeded> {
    match organisation.about.limits {
        Limits::Off => Ok(sandbox.xero.limits.wave_through()),
        Limits::Real => {
            let now = sandbox.clock.now();
            let entered = sandbox.xero.limits.enter(organisation.id, now);
            if let Err(exceeded) = &entered {
                let rule = format!("limit.{}", exceeded.problem());
                organisation
                    .requests
                    .violate(now, &rule, "a call above the limit");
            }
            entered
        }
    }
}

/// What a planned fault looks like at Xero.
fn fail(failure: Failure) -> Response {
    match failure {
        Failure::TooManyRequests => Exceeded::planned().into_response(),
        Failure::Unavailable => Error::Unavailable.into_response(),
        Failure::Revoked => Error::WrongTenant.into_response(),
        Failure::Forbidden => Error::MissingScope.into_response(),
    }
}

/// A call on its own: it may be answered after its connection is gone.
struct Asked {
    api: &'static Api,
    sandbox: Arc<Sandbox>,
    organisation: Arc<Organisation>,
    method: Method,
    path: Vec<String>,
    query: String,
    headers: HeaderMap,
    data_types: &'static [&'static str],
    body: Bytes,
}

fn run(asked: &Asked) -> Response {
    if !accepts_json(&asked.headers) {
        return Error::NotAcceptable.into_response();
    }
    let call = Call {
        sandbox: &asked.sandbox,
        organisation: &asked.organisation,
        path: &asked.path,
        query: &asked.query,
        headers: &asked.headers,
        data_types: asked.data_types,
        now: asked.sandbox.clock.now(),
    };
    let served = (asked.api.serve)(&asked.method, &call, &asked.body);
    served.unwrap_or_else(IntoResponse::into_response)
}

/// Xero answers in XML unless told; this simulator has JSON only, and gives it to whoever takes it.
fn accepts_json(headers: &HeaderMap) -> bool {
    let mut accepts = headers.get_all(header::ACCEPT).iter().peekable();
    accepts.peek().is_none()
        || accepts.any(|value| {
            value.to_str().is_ok_and(|text| {
                text.split(',').any(|kind| {
                    let kind = kind.split(';').next().unwrap_or_default().trim();
                    matches!(kind, "*/*" | "application/*" | "application/json" | "")
                })
            })
        })
}
