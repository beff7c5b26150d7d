//! What was asked of an organisation, and which rules were broken.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use jiff::Timestamp;
use serde::Serialize;

/// How many of the latest requests are kept; the count goes on.
const KEPT: usize = 20_000;

#[derive(Debug, Default)]
pub struct Requests {
    log: Mutex<Log>,
}

/// One request, as it was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    pub at: Timestamp,
    pub method: String,
    pub path: String,
    pub query: String,
    /// 0 if the connection was cut instead.
    pub status: u16,
    pub if_modified_since: Option<String>,
    pub idempotency_key: Option<String>,
    /// The fault that struck, if one did.
    pub fault: Option<&'static str>,
}

impl Request {
    /// One that is not about the books, and meets no faults.
    pub fn plain(at: Timestamp, method: &str, path: String, status: http::StatusCode) -> Self {
        Self {
            at,
            method: method.to_owned(),
            path,
            query: String::new(),
            status: status.as_u16(),
            if_modified_since: None,
            idempotency_key: None,
            fault: None,
        }
    }
}

/// A rule of the platform that was broken: a limit exceeded, a dead refresh token used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Violation {
    pub at: Timestamp,
    /// Such as `limit.minute` or `refresh_token.dead`.
    pub rule: String,
    pub detail: String,
}

/// What the control API shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    pub requests: Vec<Request>,
    pub violations: Vec<Violation>,
    pub total: u64,
}

#[derive(Debug, Default)]
struct Log {
    requests: VecDeque<Request>,
    violations: VecDeque<Violation>,
    total: u64,
}

impl Requests {
    pub fn record(&self, request: Request) {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.total += 1;
        if log.requests.len() == KEPT {
            log.requests.pop_front();
        }
        log.requests.push_back(request);
    }

    pub fn violate(&self, at: Timestamp, rule: &str, detail: impl Into<String>) {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        if log.violations.len() == KEPT {
            log.violations.pop_front();
        }
        log.violations.push_back(Violation {
            at,
            rule: rule.to_owned(),
            detail: detail.into(),
        });
    }

    pub fn snapshot(&self) -> Snapshot {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        Snapshot {
            requests: log.requests.iter().cloned().collect(),
            violations: log.violations.iter().cloned().collect(),
            total: log.total,
        }
    }
}
