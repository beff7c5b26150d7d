//! The QuickBooks Online face: OAuth 2 and the accounting API v3, as <https://developer.intuit.com/app/developer/qbo/docs> has them.
//!
//! - consent: `/quickbooks_online/connect/oauth2`; tokens: `/quickbooks_online/oauth2/v1/tokens/bearer` and `/quickbooks_online/v2/oauth2/tokens/revoke`
//! - accounting: `/quickbooks_online/v3/company/{realmId}/…`
//!
//! What it does not have: several documents in one payment, unapplied payments, discount, group and description lines, voided payments and sales receipts,
//! one receivables account per currency, reports on a cash basis, id tokens (the user info endpoint is there). A request for one of these is refused, and the refusal says so.

/// Several requests in one.
mod batch;
/// One call for a company: token, realm, limits, faults, then the endpoint itself; and its record.
mod call;
/// What was changed and deleted lately.
mod cdc;
/// The endpoints of a company.
mod dispatch;
/// Faults, as its answers hold them.
mod errors;
/// Objects and amounts of answers.
mod json;
/// The rate limits, which no header tells.
mod limits;
/// Who consented to what.
mod oauth;
/// The query language.
mod query;
/// Records of the books as its entities.
mod records;
/// Its reports.
mod reports;
/// Instants, in the company's zone.
mod times;
/// Files for documents.
mod upload;
/// What is written to the books.
mod write;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::routing::{any, get, post};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Organisation, Sandbox};

/// Everything under `/quickbooks_online`.
pub fn router(sandbox: Arc<Sandbox>) -> axum::Router {
    axum::Router::new()
        .route(
            "/quickbooks_online/connect/oauth2",
            get(oauth::show_consent).post(oauth::decide),
        )
        .route(
            "/quickbooks_online/oauth2/v1/tokens/bearer",
            post(oauth::issue_token),
        )
        .route(
            "/quickbooks_online/v2/oauth2/tokens/revoke",
            post(oauth::revoke_token),
        )
        .route(
            "/quickbooks_online/v1/openid_connect/userinfo",
            get(oauth::user_info),
        )
        .route(
            "/quickbooks_online/.well-known/openid_configuration",
            get(oauth::discover),
        )
        .route(
            "/quickbooks_online/.well-known/openid_sandbox_configuration",
            get(oauth::discover),
        )
        .route("/quickbooks_online/op/v1/jwks", get(oauth::keys))
        .route("/quickbooks_online/v3/company/{realm}/{*path}", any(call::answer))
        .with_state(sandbox)
}

/// What the face remembers besides the ledgers: grants, tokens, answers to writes; and what is counted for a while.
#[derive(Default)]
pub struct State {
    grants: Mutex<oauth::Grants>,
    answers: Mutex<Answers>,
    limits: Arc<limits::Limits>,
}

/// The first answer of each write that named itself, by organisation and `requestid`.
type Answers = HashMap<(Uuid, String), Kept>;

/// An answer that is given again.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    at: Timestamp,
    body: serde_json::Value,
}

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct Saved {
    grants: oauth::Grants,
    answers: Vec<(Uuid, String, Kept)>,
}

impl State {
    /// What a restart has to keep.
    pub fn snapshot(&self) -> serde_json::Value {
        let answers = self.answers().clone().into_iter();
        let saved = Saved {
            grants: self.grants().clone(),
            answers: answers
                .map(|((organisation, name), kept)| (organisation, name, kept))
                .collect(),
        };
        serde_json::to_value(saved).unwrap_or(serde_json::Value::Null)
    }

    /// Take over what [`State::snapshot`] gave; a state of before this face was there has nothing.
    pub fn restore(&self, saved: serde_json::Value) -> Result<(), serde_json::Error> {
        if saved.is_null() {
            return Ok(());
        }
        let saved: Saved = serde_json::from_value(saved)?;
        *self.grants() = saved.grants;
        *self.answers() = saved
            .answers
            .into_iter()
            .map(|(organisation, name, kept)| ((organisation, name), kept))
            .collect();
        Ok(())
    }

    fn grants(&self) -> MutexGuard<'_, oauth::Grants> {
        self.grants.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answers(&self) -> MutexGuard<'_, Answers> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").finish_non_exhaustive()
    }
}

/// The companies of this platform.
fn companies(sandbox: &Sandbox) -> Vec<Arc<Organisation>> {
    sandbox
        .organisations()
        .into_iter()
        .filter(|organisation| organisation.about.platform == "quickbooks_online")
        .collect()
}

/// The company with this realm id.
fn company(sandbox: &Sandbox, realm: &str) -> Option<Arc<Organisation>> {
    companies(sandbox)
        .into_iter()
        .find(|organisation| organisation.ledger().facts.realm_id() == realm)
}
