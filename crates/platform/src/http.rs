//! The way out: one client with time limits, a cap on what it will read, and no redirects.

/// Over the network, by `reqwest`.
mod network;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use ledgerline_model::Timestamp;

pub use network::Network;

use crate::{Error, Sent};

/// Answers are read up to this many decoded bytes.
pub const MAX_BODY: usize = 64 * 1024 * 1024;

/// An extension of a request: its answer is read up to so many bytes, and refused beyond.
#[derive(Clone, Copy, Debug)]
pub struct MaxBody(pub usize);

/// A cloneable handle on the way out.
#[derive(Clone)]
pub struct Http {
    transport: Arc<dyn Transport>,
    gate: Option<Arc<dyn Gate>>,
}

/// Who lets requests out one by one, and sees their answers: the budgets of a platform.
#[async_trait]
pub trait Gate: Send + Sync {
    /// Let one request out, or say why not.
    async fn enter(&self) -> Result<(), Error>;

    /// The request that was let out has ended; `None`: without an answer.
    async fn leave(&self, answer: Option<&Answer>);
}

/// How requests travel: over the network, or within the process for tests.
#[async_trait]
pub trait Transport: Send + Sync {
    async fn send(&self, request: ::http::Request<Bytes>) -> Result<::http::Response<Bytes>, Failure>;
}

/// No answer.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub struct Failure {
    pub sent: Sent,
    /// For people and logs; holds neither URL nor credentials.
    pub reason: String,
}

/// An answer, read to its end.
#[derive(Clone)]
pub struct Answer {
    pub status: ::http::StatusCode,
    pub headers: ::http::HeaderMap,
    pub body: Bytes,
}

impl Http {
    pub fn new(transport: Arc<dyn Transport>) -> Self {
        Self {
            transport,
            gate: None,
        }
    }

    /// The same way out, through a gate.
    pub fn through(&self, gate: Arc<dyn Gate>) -> Self {
        Self {
            transport: self.transport.clone(),
            gate: Some(gate),
        }
    }

    /// One request, one answer. Retrying is the caller's decision: only it knows what a repetition means.
    pub async fn send(&self, request: ::http::Request<Bytes>) -> Result<Answer, Error> {
        let Some(gate) = &self.gate else {
            return self.ask(request).await;
        };
        gate.enter().await?;
        let answer = self.ask(request).await;
        gate.leave(answer.as_ref().ok()).await;
        answer
    }

    async fn ask(&self, request: ::http::Request<Bytes>) -> Result<Answer, Error> {
        let answer = self
            .transport
            .send(request)
            .await
            .map_err(|failure| Error::Unavailable {
                sent: failure.sent,
                reason: failure.reason,
            })?;
        let (parts, body) = answer.into_parts();
        Ok(Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        })
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The sender's clock, from the `Date` header (RFC 9110 §6.6.1).
    pub fn date(&self) -> Option<Timestamp> {
        let zoned = jiff::fmt::rfc2822::parse(self.header("date")?).ok()?;
        Some(zoned.timestamp())
    }

    /// `Retry-After` (RFC 9110 §10.2.3): seconds, or an HTTP date against the sender's own `Date`.
    pub fn retry_after(&self) -> Option<Duration> {
        let value = self.header("retry-after")?.trim();
        if let Ok(seconds) = value.parse::<u64>() {
            return Some(Duration::from_secs(seconds));
        }
        let at = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
        let seconds = at.as_second().saturating_sub(self.date()?.as_second());
        Some(Duration::from_secs(u64::try_from(seconds).unwrap_or_default()))
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Http")
    }
}
