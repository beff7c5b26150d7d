//! OAuth 2 as Xero does it.

mod access_token;
/// Which organisations the app may read.
mod connections;
/// The page on which the customer consents.
mod consent;
/// Where everything is.
mod discovery;
mod grants;
mod revocation;
mod token;

use http::{HeaderMap, StatusCode, header};
use serde_json::json;
use uuid::Uuid;

pub(super) use access_token::Claims;
pub(super) use connections::{delete_connection, list_connections};
pub(super) use consent::{decide, show_consent};
pub(super) use discovery::discover;
pub use grants::Grants;
pub(super) use revocation::revoke_token;
pub(super) use token::issue_token;

use super::errors::Error;
use crate::{Organisation, Sandbox};

/// The one app that is registered with the simulator.
const CLIENT_ID: &str = "sandbox-client";
const CLIENT_SECRET: &str = "sandbox-secret";

/// Whose token this request carries.
pub(super) fn authenticate(sandbox: &Sandbox, headers: &HeaderMap) -> Result<Claims, Error> {
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or(Error::BadToken)?;
    access_token::read(token, sandbox.clock.now())
}

/// Whether the user's consent for the organisation still stands.
pub(super) fn is_connected(sandbox: &Sandbox, user: Uuid, organisation: &Organisation) -> bool {
    sandbox
        .xero
        .grants()
        .connections_of(user)
        .any(|connection| connection.stands_for(organisation))
}

/// An OAuth error, as RFC 6749 writes it.
fn refuse(code: &'static str) -> axum::response::Response {
    super::errors::json_response(
        StatusCode::BAD_REQUEST,
        "application/json",
        &json!({ "error": code }),
    )
}

/// Our own address, as the caller knows it.
fn issuer(headers: &HeaderMap) -> String {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or("localhost");
    format!("http://{host}/xero/identity")
}
