//! Telling the app: signed POSTs, repeated until they are heard.

/// The attempts of one endpoint.
mod attempt;
/// Deliveries that a receiver knows by the app's own `Authorization`.
mod authorization;
/// Deliveries over the network.
mod network;
/// How far webhooks may reach.
mod reach;
/// The schedule of repetitions: a pure function of what happened.
mod schedule;
/// Signatures by the Standard Webhooks specification.
mod signature;
/// Against scripted receivers, on both stores.
#[cfg(test)]
mod tests;
/// Seeing that an endpoint's deliveries are looked at.
mod wake;

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

pub use attempt::attempt;
pub use network::Network;
pub use reach::{Reach, Refusal};
pub use signature::mint;
pub use wake::wake;

/// Kind of the job that makes an endpoint's attempts.
pub const ATTEMPT: &str = "delivery.attempt";

/// How deliveries travel: over the network, or within the process for tests.
#[async_trait]
pub trait Transport: Send + Sync {
    /// The error says why no answer came.
    async fn post(&self, reach: Reach, request: http::Request<Bytes>) -> Result<Received, String>;
}

/// What a receiver answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Received {
    pub status: http::StatusCode,
    pub retry_after: Option<Duration>,
}
