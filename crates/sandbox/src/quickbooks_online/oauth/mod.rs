//! OAuth 2 as Intuit does it: a grant is of one company, whose number comes with the callback alone.

/// The page on which the customer consents.
mod consent;
/// Where everything is, and who consented.
mod discovery;
mod grants;
mod revocation;
mod token;

use http::{HeaderMap, StatusCode, header};
use serde_json::json;

pub(super) use consent::{decide, show_consent};
pub(super) use discovery::{discover, keys, user_info};
pub(super) use grants::Grants;
pub(super) use revocation::revoke_token;
pub(super) use token::issue_token;

use super::errors::{Denied, json_response};
use crate::{Organisation, Sandbox};

/// The one app that is registered with the simulator.
const CLIENT_ID: &str = "sandbox-client";
const CLIENT_SECRET: &str = "sandbox-secret";

/// What asks for the books.
const ACCOUNTING: &str = "com.intuit.quickbooks.accounting";

/// Whether the request may see the company.
pub(super) fn admit(
    sandbox: &Sandbox,
    headers: &HeaderMap,
    organisation: &Organisation,
) -> Result<(), Denied> {
    let token = bearer(headers).ok_or(Denied::BadToken)?;
    let grants = sandbox.quickbooks_online.grants();
    let grant = grants.of_access_token(token, sandbox.clock.now())?;
    if grant.organisation != organisation.id {
        return Err(Denied::WrongCompany);
    }
    if grant.access_epoch != organisation.access_epoch() {
        return Err(Denied::BadToken);
    }
    let allowed = grant.scope.split_whitespace().any(|scope| scope == ACCOUNTING);
    if allowed {
        Ok(())
    } else {
        Err(Denied::WrongCompany)
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
}

/// An OAuth error.
fn refuse(status: StatusCode, code: &'static str, description: &'static str) -> axum::response::Response {
    json_response(
        status,
        &json!({ "error_description": description, "error": code }),
    )
}

/// Our own address, as the caller knows it.
fn issuer(headers: &HeaderMap) -> String {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or("localhost");
    format!("http://{host}/quickbooks_online")
}
