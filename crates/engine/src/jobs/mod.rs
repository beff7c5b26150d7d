//! Work that is done later: leased by one worker at a time, fenced, repeated until it is done.

/// How long to wait before trying again.
pub(crate) mod backoff;
/// Which function runs a job of which kind.
mod dispatch;
/// One leased job: run it, keep its lease, put it back if it fails.
pub(crate) mod lease;
/// Leasing jobs one after the other, until told to stop or nothing is due.
mod worker;

use ledgerline_model::{AppId, Timestamp};
use ledgerline_store::Tx;
use ledgerline_store::jobs::NewJob;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use ledgerline_store::jobs::Job;
pub use worker::{run_due, run_one, run_worker};

/// Read a feed of a connection: see [`crate::pull`].
pub const FEED_READ: &str = "feed.read";
/// Publish what a Pull has read.
pub const PULL_COMPLETE: &str = "pull.complete";
/// Close a Run whose Pulls have ended.
pub const RUN_CLOSE: &str = "run.close";
/// Delete what the Pulls of an ended Run had staged.
pub const STAGED_CLEAN: &str = "staged.clean";
/// Write a company's expenses: see [`crate::push`].
pub const PUSH_RUN: &str = "push.run";
/// Delete what is left of deleted companies and connections.
pub const COMPANY_PURGE: &str = ledgerline_store::purge::JOB;

/// Every kind that this binary can run.
pub const KINDS: &[&str] = &[
    FEED_READ,
    PULL_COMPLETE,
    RUN_CLOSE,
    STAGED_CLEAN,
    PUSH_RUN,
    COMPANY_PURGE,
    crate::events::FAN_OUT,
    crate::deliver::ATTEMPT,
    crate::grants::CUT,
    crate::schedule::DUE,
    crate::schedule::REPLAN,
    crate::schedule::KEEP_ALIVE,
];

/// Why a job did not get to its end; it is tried again.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the store failed")]
    Store(#[from] ledgerline_store::Error),
    #[error("the payload of a `{kind}` job cannot be read")]
    Payload {
        kind: String,
        #[source]
        cause: serde_json::Error,
    },
    #[error("no worker of this version knows `{0}` jobs")]
    UnknownKind(String),
    #[error("{0}")]
    Failed(String),
}

impl Error {
    /// Somebody else runs the job by now: nothing is to be done about it.
    pub const fn is_lost_lease(&self) -> bool {
        matches!(self, Self::Store(ledgerline_store::Error::LostLease))
    }
}

/// Queue a job within the caller's transaction.
pub async fn enqueue(
    tx: &mut Tx,
    app: AppId,
    kind: &str,
    payload: &impl Serialize,
    concurrency_key: Option<String>,
    run_at: Timestamp,
) -> Result<(), Error> {
    let job = new(app, kind, payload, concurrency_key, run_at)?;
    ledgerline_store::jobs::enqueue(tx, job).await?;
    Ok(())
}

/// A job as the store queues it.
pub(crate) fn new<'a>(
    app: AppId,
    kind: &'a str,
    payload: &impl Serialize,
    concurrency_key: Option<String>,
    run_at: Timestamp,
) -> Result<NewJob<'a>, Error> {
    let payload = serde_json::to_string(payload).map_err(|cause| Error::Payload {
        kind: kind.to_owned(),
        cause,
    })?;
    Ok(NewJob {
        app,
        kind,
        payload,
        concurrency_key,
        run_at,
    })
}

/// What a job is about.
pub fn payload<T: DeserializeOwned>(job: &Job) -> Result<T, Error> {
    serde_json::from_str(&job.payload).map_err(|cause| Error::Payload {
        kind: job.kind.clone(),
        cause,
    })
}
