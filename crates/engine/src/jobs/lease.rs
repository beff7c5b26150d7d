use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt;
use ledgerline_model::{Timestamp, from_micros, micros};
use ledgerline_store::jobs;
use tracing::{debug, error, warn};

use super::dispatch::dispatch;
use super::{Error, Job, KINDS, backoff};
use crate::Engine;

/// So many heartbeats may be missed before the lease ends.
const BEATS_IN_A_LEASE: u32 = 6;

/// Take a job that is due.
pub(super) async fn take(engine: &Engine) -> Result<Option<Job>, Error> {
    let real_now = engine.real_now();
    let mut tx = engine.store.write().await?;
    let job = jobs::lease(
        &mut tx,
        KINDS,
        engine.now(),
        real_now,
        later(real_now, engine.config.job_lease),
    )
    .await?;
    tx.commit().await?;
    Ok(job)
}

/// Run a job that was taken, and keep its lease meanwhile; what fails goes back to the queue.
pub(super) async fn run(engine: &Engine, job: &Job) {
    let outcome = tokio::select! {
        outcome = AssertUnwindSafe(dispatch(engine, job)).catch_unwind() => outcome,
        () = beat(engine, job) => return,
    };
    let error = match outcome {
        Ok(Ok(())) => return,
        Ok(Err(error)) if error.is_lost_lease() => {
            debug!(job.id = %job.id, job.kind, "Somebody else has taken the job over");
            return;
        }
        Ok(Err(error)) => error,
        Err(_panic) => Error::Failed("a bug ended it".into()),
    };
    error!(job.id = %job.id, job.kind, job.attempts, error = %chain(&error), "A `{}` job failed", job.kind);
    if let Err(error) = put_back(engine, job).await {
        warn!(job.id = %job.id, error = %chain(&error), "The failed job stays leased until its lease ends");
    }
}

async fn put_back(engine: &Engine, job: &Job) -> Result<(), Error> {
    let attempts = job.attempts + 1;
    let run_at = later(engine.now(), backoff::after(attempts, jitter(engine)));
    let mut tx = engine.store.write().await?;
    jobs::postpone(&mut tx, job.id, job.fence, run_at, attempts).await?;
    tx.commit().await?;
    Ok(())
}

/// Returns only when the lease is lost.
async fn beat(engine: &Engine, job: &Job) {
    loop {
        engine
            .clock
            .sleep_until(later(engine.now(), engine.config.job_lease / BEATS_IN_A_LEASE))
            .await;
        match renew(engine, job).await {
            Ok(()) => {}
            Err(error) if error.is_lost_lease() => return,
            // The lease outlives several beats; the fence decides in the end.
            Err(error) => warn!(job.id = %job.id, error = %chain(&error), "A heartbeat failed"),
        }
    }
}

async fn renew(engine: &Engine, job: &Job) -> Result<(), Error> {
    let mut tx = engine.store.write().await?;
    jobs::heartbeat(
        &mut tx,
        job.id,
        job.fence,
        later(engine.real_now(), engine.config.job_lease),
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// A number from 0 to 1.
pub(crate) fn jitter(engine: &Engine) -> f64 {
    let mut byte = [0];
    engine.ids.fill(&mut byte);
    f64::from(byte[0]) / 255.0
}

pub(crate) fn later(at: Timestamp, by: Duration) -> Timestamp {
    from_micros(micros(at).saturating_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX)))
}

/// An error with all its causes, on one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
