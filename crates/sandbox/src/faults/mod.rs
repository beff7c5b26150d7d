//! What goes wrong on demand, and how answers are spoiled.

mod spoil;

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Organisation, Sandbox, clock::pause};

/// The faults of one organisation, in the order in which they were asked for.
#[derive(Debug, Default)]
pub struct Faults {
    planned: Mutex<Vec<Planned>>,
}

/// A fault as the control API takes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    pub kind: Kind,
    /// Of the requests that it could strike, how many it does: 0 to 1.
    #[serde(default = "always")]
    pub rate: f64,
    /// How often it strikes at most; without end if missing.
    #[serde(default)]
    pub count: Option<u64>,
    /// Only requests for this standard data type, such as `invoices`; `tokens` are the refreshes of tokens, which no
    /// other fault but a lost rotation strikes.
    #[serde(default)]
    pub data_type: Option<String>,
    /// How many of the requests that it could strike are spared first.
    #[serde(default)]
    pub after: u64,
    /// For `slow`: how long each call takes; for `late_commit`: how late it is, and for `search_lag`: how long what was
    /// written is not found, by the world's clock.
    #[serde(default)]
    pub ms: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Too many requests, in the platform's words.
    #[serde(rename = "429")]
    TooManyRequests,
    /// The platform fails before it does anything.
    #[serde(rename = "5xx_before")]
    FailBefore,
    /// The platform does it, and answers that it failed.
    #[serde(rename = "5xx_after_commit")]
    FailAfterCommit,
    /// The platform answers that it failed, and does it later: 2 s of the world's clock unless `ms` says otherwise.
    LateCommit,
    /// The connection is cut in the middle of the answer.
    Reset,
    /// The answer ends early.
    Truncated,
    /// The answer is not what its content type says.
    Malformed,
    /// A page for people instead of an answer for programs.
    Html,
    /// 2 s a call unless `ms` says otherwise.
    Slow,
    /// The grant is refused, as if the customer had cut access.
    Revoked,
    /// This data type is not allowed.
    Forbidden,
    /// Lists leave rows out. The face does it.
    ShortList,
    /// A refresh token is rotated, and the answer gets lost. The face does it.
    RotationReplyLost,
    /// An idempotency key is ignored. The face does it.
    KeyIgnored,
    /// An idempotency key is forgotten. The face does it.
    KeyExpired,
    /// What was written is not found for 5 s unless `ms` says otherwise. The face does it.
    SearchLag,
}

/// What a face has to put into its platform's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    TooManyRequests,
    Unavailable,
    Revoked,
    Forbidden,
}

/// An answer, and the fault that struck it.
#[derive(Debug)]
pub struct Answer {
    pub response: Response,
    pub fault: Option<&'static str>,
}

/// Answer one call for `organisation` by `run`, with its latency and the faults planned for it. `data_types` are the standard data types
/// that the call could be about; `shape` puts a failure into the platform's words.
pub async fn around<Run, Running>(
    sandbox: &Arc<Sandbox>,
    organisation: &Organisation,
    data_types: &[&str],
    shape: impl Fn(Failure) -> Response,
    run: Run,
) -> Answer
where
    Run: FnOnce() -> Running,
    Running: Future<Output = Response> + Send + 'static,
{
    let latency = organisation.latency();
    if !latency.is_zero() {
        pause(latency).await;
    }
    match organisation.faults.strike(&Kind::ON_ANY_CALL, data_types) {
        Some(fault) => suffer(sandbox, &fault, shape, run).await,
        None => Answer {
            response: run().await,
            fault: None,
        },
    }
}

/// Answer one call by `run` under a fault that struck it.
pub async fn suffer<Run, Running>(
    sandbox: &Arc<Sandbox>,
    fault: &Fault,
    shape: impl Fn(Failure) -> Response,
    run: Run,
) -> Answer
where
    Run: FnOnce() -> Running,
    Running: Future<Output = Response> + Send + 'static,
{
    let response = match fault.kind {
        Kind::TooManyRequests => shape(Failure::TooManyRequests),
        Kind::FailBefore => shape(Failure::Unavailable),
        Kind::FailAfterCommit => {
            let _done = run().await;
            shape(Failure::Unavailable)
        }
        Kind::LateCommit => {
            let running = run();
            let due = sandbox.clock.now().saturating_add(fault.lasting(LATE_BY));
            let due = due.unwrap_or(Timestamp::MAX);
            let sandbox = sandbox.clone();
            tokio::spawn(async move {
                sandbox.clock.wait_until(due).await;
                let _done = running.await;
            });
            shape(Failure::Unavailable)
        }
        Kind::Revoked => shape(Failure::Revoked),
        Kind::Forbidden => shape(Failure::Forbidden),
        Kind::Slow => {
            pause(fault.lasting(Duration::from_secs(2))).await;
            run().await
        }
        Kind::Reset => spoil::reset(run().await).await,
        Kind::Truncated => spoil::truncated(run().await).await,
        Kind::Malformed => spoil::malformed(run().await).await,
        Kind::Html => spoil::html(),
        Kind::ShortList | Kind::RotationReplyLost | Kind::KeyIgnored | Kind::KeyExpired | Kind::SearchLag => {
            run().await
        }
    };
    Answer {
        response,
        fault: Some(fault.kind.name()),
    }
}

/// How long after its answer a late commit happens.
const LATE_BY: Duration = Duration::from_secs(2);

impl Fault {
    /// How long what it does lasts, where nothing else is said of it.
    pub fn lasting(&self, unless_told: Duration) -> Duration {
        self.ms.map_or(unless_told, Duration::from_millis)
    }
}

impl Kind {
    pub(crate) const ON_ANY_CALL: [Self; 11] = [
        Self::TooManyRequests,
        Self::FailBefore,
        Self::FailAfterCommit,
        Self::LateCommit,
        Self::Reset,
        Self::Truncated,
        Self::Malformed,
        Self::Html,
        Self::Slow,
        Self::Revoked,
        Self::Forbidden,
    ];

    /// As the control API spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::TooManyRequests => "429",
            Self::FailBefore => "5xx_before",
            Self::FailAfterCommit => "5xx_after_commit",
            Self::LateCommit => "late_commit",
            Self::Reset => "reset",
            Self::Truncated => "truncated",
            Self::Malformed => "malformed",
            Self::Html => "html",
            Self::Slow => "slow",
            Self::Revoked => "revoked",
            Self::Forbidden => "forbidden",
            Self::ShortList => "short_list",
            Self::RotationReplyLost => "rotation_reply_lost",
            Self::KeyIgnored => "key_ignored",
            Self::KeyExpired => "key_expired",
            Self::SearchLag => "search_lag",
        }
    }
}

impl Faults {
    pub fn plan(&self, fault: Fault) {
        let chance = crate::generate::random::Random::new(0x5eed ^ fault.after, fault.kind.name());
        self.lock().push(Planned {
            fault,
            seen: 0,
            struck: 0,
            chance,
        });
    }

    pub fn clear(&self) {
        self.lock().clear();
    }

    /// What is planned, and how often each has struck.
    pub fn planned(&self) -> Vec<(Fault, u64)> {
        self.lock()
            .iter()
            .map(|planned| (planned.fault.clone(), planned.struck))
            .collect()
    }

    /// The fault, of one of `kinds`, that strikes this request for one of `data_types`. Asking counts as a request.
    pub fn strike(&self, kinds: &[Kind], data_types: &[&str]) -> Option<Fault> {
        self.lock()
            .iter_mut()
            .find_map(|planned| planned.strike(kinds, data_types))
    }

    /// As [`Faults::strike`], but only those that name the data type.
    pub fn strike_named(&self, kinds: &[Kind], data_type: &str) -> Option<Fault> {
        self.lock()
            .iter_mut()
            .filter(|planned| planned.fault.data_type.as_deref() == Some(data_type))
            .find_map(|planned| planned.strike(kinds, &[data_type]))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Planned>> {
        self.planned.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug)]
struct Planned {
    fault: Fault,
    seen: u64,
    struck: u64,
    chance: crate::generate::random::Random,
}

impl Planned {
    fn strike(&mut self, kinds: &[Kind], data_types: &[&str]) -> Option<Fault> {
        let fault = &self.fault;
        if !kinds.contains(&fault.kind) {
            return None;
        }
        if fault
            .data_type
            .as_ref()
            .is_some_and(|wanted| !data_types.contains(&wanted.as_str()))
        {
            return None;
        }
        if fault.count.is_some_and(|count| self.struck >= count) {
            return None;
        }
        self.seen += 1;
        if self.seen <= fault.after || !self.chance.happens(fault.rate) {
            return None;
        }
        self.struck += 1;
        Some(fault.clone())
    }
}

/// The data type of a fault that strikes refreshes.
pub const TOKENS: &str = "tokens";

fn always() -> f64 {
    1.0
}
