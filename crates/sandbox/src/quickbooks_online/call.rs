use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde_json::{Value, json};

use super::dispatch::{data_types, dispatch};
use super::errors::{Denied, Fault, json_response};
use super::limits::Pass;
use super::{company, oauth, times};
use crate::faults::{self, Failure};
use crate::{Limits, Organisation, Sandbox, ids, requests};

/// The largest body that is taken, in bytes: a file of 100 MB and what is around it.
const MOST_BYTES: usize = 110 << 20;

/// One call, after it was let in.
#[derive(Clone)]
pub(super) struct Call {
    pub(super) sandbox: Arc<Sandbox>,
    pub(super) organisation: Arc<Organisation>,
    pub(super) method: Method,
    /// Below the company, in small letters.
    pub(super) path: Vec<String>,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) data_types: &'static [&'static str],
}

impl Call {
    /// What a parameter of the query holds, unless that is nothing.
    pub(super) fn parameter(&self, wanted: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(name, value)| name.eq_ignore_ascii_case(wanted) && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// The name that the client gave a write, under which it may be sent again.
    pub(super) fn request_id(&self) -> Option<&str> {
        self.parameter("requestid")
    }
}

/// What a call came to.
pub(super) struct Answered {
    pub(super) body: Value,
    /// The fault that an endpoint struck itself with.
    pub(super) fault: Option<&'static str>,
}

impl From<Value> for Answered {
    fn from(body: Value) -> Self {
        Self { body, fault: None }
    }
}

/// Answer a call below `v3/company/{realm}`: token, company, limits, faults, then the endpoint itself.
pub(super) async fn answer(
    State(sandbox): State<Arc<Sandbox>>,
    Path((realm, path)): Path<(String, String)>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let mut response = match company(&sandbox, &realm) {
        None => unknown_company(&sandbox, &head.headers).into_response(),
        Some(organisation) => match oauth::admit(&sandbox, &head.headers, &organisation) {
            Err(denied) => denied.into_response(),
            Ok(()) => match to_bytes(body, MOST_BYTES).await {
                Err(_) => fault_response(
                    &sandbox,
                    &organisation,
                    &Fault::system(StatusCode::PAYLOAD_TOO_LARGE),
                ),
                Ok(body) => {
                    let path = path
                        .split('/')
                        .filter(|part| !part.is_empty())
                        .map(str::to_lowercase)
                        .collect();
                    let query = url::form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes());
                    let mut call = Call {
                        sandbox,
                        organisation,
                        method: head.method,
                        path,
                        query: query.into_owned().collect(),
                        headers: head.headers,
                        body,
                        data_types: &[],
                    };
                    call.data_types = data_types(&call);
                    admitted(call, head.uri.query().unwrap_or_default()).await
                }
            },
        },
    };
    // Every answer has a number that the vendor can be asked about.
    if let Ok(id) = HeaderValue::from_str(&ids::next().to_string()) {
        response
            .headers_mut()
            .insert(HeaderName::from_static("intuit_tid"), id);
    }
    response
}

async fn admitted(call: Call, query: &str) -> Response {
    let (response, fault) = match limited(&call) {
        Err(limit) => {
            let now = call.sandbox.clock.now();
            let rule = format!("limit.{limit}");
            call.organisation
                .requests
                .violate(now, &rule, "a call above the limit");
            (
                fault_response(&call.sandbox, &call.organisation, &Fault::throttled()),
                None,
            )
        }
        Ok(_pass) => {
            let running = call.clone();
            let shape = |failure| shape(&call, failure);
            let answered = faults::around(
                &call.sandbox,
                &call.organisation,
                call.data_types,
                shape,
                move || async move { run(&running) },
            )
            .await;
            let own = answered
                .response
                .extensions()
                .get::<Spoiled>()
                .map(|spoiled| spoiled.0);
            (answered.response, answered.fault.or(own))
        }
    };
    call.organisation.requests.record(requests::Request {
        at: call.sandbox.clock.now(),
        method: call.method.to_string(),
        path: format!("/v3/company/{}", call.path.join("/")),
        query: match (call.path.first().map(String::as_str), call.method == Method::POST) {
            // What it asks stands in the body there.
            (Some("query"), true) => String::from_utf8_lossy(&call.body).into_owned(),
            (Some(_) | None, _) => query.to_owned(),
        },
        status: if fault == Some("reset") {
            0
        } else {
            response.status().as_u16()
        },
        if_modified_since: call.parameter("changedSince").map(str::to_owned),
        idempotency_key: call.request_id().map(str::to_owned),
        fault,
    });
    call.organisation.answered(call.sandbox.clock.now());
    response
}

/// A company that is not here: whose token is good has no access to it, any other has no good token.
fn unknown_company(sandbox: &Sandbox, headers: &HeaderMap) -> Denied {
    let companies = super::companies(sandbox);
    let let_in = companies
        .iter()
        .any(|organisation| oauth::admit(sandbox, headers, organisation).is_ok());
    if let_in {
        Denied::WrongCompany
    } else {
        Denied::BadToken
    }
}

/// The limits hold for as long as the pass lives.
fn limited(call: &Call) -> Result<Option<Pass>, &'static str> {
    match call.organisation.about.limits {
        Limits::Off => Ok(None),
        Limits::Real => {
            let is_batch = call.path.first().is_some_and(|name| name == "batch");
            let now = call.sandbox.clock.now();
            let limits = &call.sandbox.quickbooks_online.limits;
            limits.enter(call.organisation.id, is_batch, now).map(Some)
        }
    }
}

/// What a planned fault looks like here.
fn shape(call: &Call, failure: Failure) -> Response {
    let fault = match failure {
        Failure::TooManyRequests => Fault::throttled(),
        Failure::Unavailable => Fault::system(StatusCode::INTERNAL_SERVER_ERROR),
        Failure::Forbidden => Fault::permission(),
        Failure::Revoked => return Denied::WrongCompany.into_response(),
    };
    fault_response(&call.sandbox, &call.organisation, &fault)
}

/// The fault that an endpoint struck itself with.
#[derive(Clone, Copy)]
struct Spoiled(&'static str);

fn run(call: &Call) -> Response {
    match dispatch(call) {
        Ok(answered) => {
            let mut body = answered.body;
            // A report tells its time in its own header.
            if body.get("Header").is_none() {
                body["time"] = time(&call.sandbox, &call.organisation);
            }
            let mut response = json_response(StatusCode::OK, &body);
            if let Some(fault) = answered.fault {
                response.extensions_mut().insert(Spoiled(fault));
            }
            response
        }
        Err(fault) => fault_response(&call.sandbox, &call.organisation, &fault),
    }
}

fn fault_response(sandbox: &Sandbox, organisation: &Organisation, fault: &Fault) -> Response {
    let body = json!({ "Fault": fault.json(), "time": time(sandbox, organisation) });
    json_response(fault.status, &body)
}

pub(super) fn time(sandbox: &Sandbox, organisation: &Organisation) -> Value {
    let zone = times::zone(&organisation.ledger());
    times::answered(sandbox.clock.now(), &zone).into()
}
