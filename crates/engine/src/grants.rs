//! Consents and their tokens: kept fresh, renewed, lost and cut.

/// An access token that works, refreshed by one at a time.
mod access;
/// Cutting at the platform what was cut here.
mod cut;
/// The platform says that consent is gone.
mod lost;
/// A customer consented: the grant is made or renewed.
mod receive;
/// What to do with a grant: pure decisions.
mod state;
/// Against scripted platforms, on both stores.
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use ledgerline_model::grant::Grant;
use ledgerline_platform::{Cx, Platform};

use crate::{Engine, budget};

pub(crate) use access::token_at_hand;
pub use access::{access_token, force_refresh_after_401};
pub(crate) use cut::cut_later;
pub use cut::{CUT, cut};
pub use lost::{connection_lost, lost};
pub(crate) use receive::receive;

/// Why there is no access token.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such consent")]
    NotFound,
    #[error("the customer has to link again: {0}")]
    NeedsReauth(String),
    /// Being cut, or cut already.
    #[error("the consent was cut")]
    Cut,
    /// It may work later; nothing was lost.
    #[error("the platform gives no token now: {reason}")]
    Unavailable {
        reason: String,
        retry_after: Option<Duration>,
    },
    #[error("{0}")]
    NotConfigured(&'static str),
    #[error(transparent)]
    Store(#[from] ledgerline_store::Error),
}

/// The grant's platform, and what may be used to ask it for tokens.
async fn way_out(engine: &Engine, grant: &Grant) -> Result<(Arc<dyn Platform>, Cx), Error> {
    let entry = engine
        .registry
        .find(&grant.platform)
        .ok_or(Error::NotConfigured("the platform is not configured"))?;
    let endpoints = entry
        .endpoints(grant.environment)
        .ok_or(Error::NotConfigured("no sandbox is configured"))?;
    match budget::for_consent(engine, entry.about(), grant.environment, endpoints).await {
        Ok(cx) => Ok((entry.platform.clone(), cx)),
        Err(budget::Error::Wait(until)) => Err(Error::Unavailable {
            reason: "the platform's limit for our app is used up".into(),
            retry_after: Some(budget::wait(engine.now(), until)),
        }),
        Err(budget::Error::NotConfigured) => Err(Error::NotConfigured("the platform is not configured")),
        Err(budget::Error::Store(error)) => Err(error.into()),
    }
}

/// Wait for another holder of a lease. Leases are real, so this wait is, too.
#[expect(
    clippy::disallowed_methods,
    reason = "leases count in real time, which a test's clock does not move"
)]
async fn wait_for_lease() {
    tokio::time::sleep(Duration::from_millis(100)).await;
}
