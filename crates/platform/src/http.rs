//! The way out: one client with time limits, a cap on what it will read, and no redirects.

/// Answers as they come, unpacked and measured.
mod body;
/// Over the network, by `reqwest`.
mod network;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use ledgerline_model::Timestamp;

pub use network::{Network, Patience};

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
    last: Arc<Mutex<Option<Glimpse>>>,
}

/// The beginning of an answer: if it could not be read, somebody wants to know what came.
#[derive(Clone)]
pub struct Glimpse {
    pub status: ::http::StatusCode,
    pub content_type: Option<String>,
    /// At most [`GLIMPSE`] bytes.
    pub body: Bytes,
    /// Bytes of the whole body.
    pub length: usize,
}

/// So many bytes of an answer are remembered.
pub const GLIMPSE: usize = 16 * 1024;

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
            last: Arc::default(),
        }
    }

    /// The same way out, through a gate.
    pub fn through(&self, gate: Arc<dyn Gate>) -> Self {
        Self {
            transport: self.transport.clone(),
            gate: Some(gate),
            last: Arc::default(),
        }
    }

    /// The last answer that came this way.
    pub fn last(&self) -> Option<Glimpse> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
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
        let answer = Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        };
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Glimpse::of(&answer));
        Ok(answer)
    }
}

impl Glimpse {
    fn of(answer: &Answer) -> Self {
        let seen = answer.body.get(..GLIMPSE).unwrap_or(&answer.body);
        Self {
            status: answer.status,
            content_type: answer.header("content-type").map(str::to_owned),
            // A copy: the whole answer is not kept for its sake.
            body: Bytes::copy_from_slice(seen),
            length: answer.body.len(),
        }
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether it says to be JSON in UTF-8, or does not say what it is: a page for people is no answer for
    /// programs, whatever its status.
    pub fn is_json(&self) -> bool {
        let Some(kind) = self.header("content-type") else {
            return !self.headers.contains_key("content-type");
        };
        let mut parts = kind.split(';').map(|part| part.trim().to_ascii_lowercase());
        let essence = parts.next().unwrap_or_default();
        let is_json =
            matches!(essence.as_str(), "application/json" | "text/json") || essence.ends_with("+json");
        let charset =
            parts.find_map(|part| Some(part.strip_prefix("charset=")?.trim_matches('"').to_owned()));
        is_json && charset.is_none_or(|charset| matches!(charset.as_str(), "utf-8" | "utf8"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_json_in_utf_8_is_json() {
        let answer = |kind: Option<&str>| {
            let mut headers = ::http::HeaderMap::new();
            if let Some(kind) = kind {
                headers.insert("content-type", kind.parse().unwrap());
            }
            Answer {
                status: ::http::StatusCode::OK,
                headers,
                body: Bytes::new(),
            }
        };
        for good in [
            "application/json",
            "application/json; charset=utf-8",
            "Application/JSON;charset=\"UTF-8\"",
            "text/json",
            "application/problem+json",
        ] {
            assert!(answer(Some(good)).is_json(), "{good}");
        }
        for bad in [
            "text/html",
            "text/html; charset=utf-8",
            "application/xml",
            "application/json; charset=utf-16",
            "application/json; charset=iso-8859-1",
            "",
        ] {
            assert!(!answer(Some(bad)).is_json(), "{bad}");
        }
        assert!(answer(None).is_json());
    }
}
