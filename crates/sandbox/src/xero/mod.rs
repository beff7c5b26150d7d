//! The Xero face: identity, connections and the Accounting API, as <https://developer.xero.com/documentation> has them.
//!
//! - identity: `/xero/identity/…` (`login.xero.com` and `identity.xero.com` in one)
//! - connections: `/xero/connections`
//! - accounting: `/xero/api.xro/2.0/…`
//! - bank feeds: `/xero/bankfeeds.xro/1.0/…`

/// The Accounting API.
mod accounting;
/// Amounts as they are sent.
mod amount;
/// The Bank Feeds API.
mod bank_feeds;
/// Who is asking for which organisation, under which limits and faults.
mod call;
/// Dates as Xero writes and reads them.
mod dates;
/// Error bodies.
mod errors;
/// `where` and `order`.
mod filter;
/// What was answered to an idempotency key.
mod keys;
/// The rate limits and their headers.
mod limits;
/// Amounts as JSON numbers.
mod number;
/// OAuth 2: consent page, tokens, revocation, connections.
mod oauth;
/// Its reports.
mod reports;

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Path, Request, State as Handed};
use axum::response::Response;
use axum::routing::{any, delete, get, post};

use crate::{Sandbox, ids};

pub use oauth::Grants;

/// Everything under `/xero`.
pub fn router(sandbox: Arc<Sandbox>) -> axum::Router {
    axum::Router::new()
        .route(
            "/xero/identity/connect/authorize",
            get(oauth::show_consent).post(oauth::decide),
        )
        .route("/xero/identity/connect/token", post(oauth::issue_token))
        .route("/xero/identity/connect/revocation", post(oauth::revoke_token))
        .route(
            "/xero/identity/.well-known/openid-configuration",
            get(oauth::discover),
        )
        .route("/xero/connections", get(oauth::list_connections))
        .route("/xero/connections/{id}", delete(oauth::delete_connection))
        // The official Python client writes it with a capital.
        .route("/xero/Connections", get(oauth::list_connections))
        .route("/xero/Connections/{id}", delete(oauth::delete_connection))
        .route("/xero/api.xro/2.0/{*path}", any(accounting))
        .route("/xero/bankfeeds.xro/1.0/{*path}", any(bank_feeds))
        .with_state(sandbox)
}

async fn accounting(
    Handed(sandbox): Handed<Arc<Sandbox>>,
    Path(path): Path<String>,
    request: Request,
) -> Response {
    call::answer(&accounting::API, sandbox, &path, request).await
}

async fn bank_feeds(
    Handed(sandbox): Handed<Arc<Sandbox>>,
    Path(path): Path<String>,
    request: Request,
) -> Response {
    call::answer(&bank_feeds::API, sandbox, &path, request).await
}

/// What the face remembers besides the ledgers: grants, tokens, connections; and what is counted or cached for a while.
#[derive(Default)]
pub struct State {
    grants: Mutex<Grants>,
    limits: Arc<limits::Limits>,
    selections: accounting::Selections,
    keys: Mutex<keys::Keys>,
    lagging: Mutex<accounting::Lagging>,
}

impl State {
    /// What a restart has to keep.
    pub fn snapshot(&self) -> serde_json::Value {
        serde_json::to_value(&*self.grants()).unwrap_or(serde_json::Value::Null)
    }

    /// Take over what [`State::snapshot`] gave.
    pub fn restore(&self, saved: serde_json::Value) -> Result<(), serde_json::Error> {
        *self.grants() = serde_json::from_value(saved)?;
        Ok(())
    }

    /// What was answered to idempotency keys. Taken before a ledger is.
    fn keys(&self) -> MutexGuard<'_, keys::Keys> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is written and not found yet.
    fn lagging(&self) -> MutexGuard<'_, accounting::Lagging> {
        self.lagging.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn grants(&self) -> MutexGuard<'_, Grants> {
        self.grants.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").finish_non_exhaustive()
    }
}
