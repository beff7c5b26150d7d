use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicI64, Ordering};
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

/// Until when a job is certain to be its holder's, as far as that one knows: in real time, moved by each heartbeat.
///
/// It is for what no fence can undo. The clock goes on while a process or its machine is stopped.
pub(crate) struct Lease(AtomicI64);

impl Lease {
    pub(crate) fn until(until: Timestamp) -> Self {
        Self(AtomicI64::new(micros(until)))
    }

    /// Somebody else may hold the job.
    pub(crate) fn is_over(&self, real_now: Timestamp) -> bool {
        self.0.load(Ordering::SeqCst) <= micros(real_now)
    }

    fn keep(&self, until: Timestamp) {
        self.0.fetch_max(micros(until), Ordering::SeqCst);
    }
}

/// Take a job that is due; where some are `lost`, it may be one of those.
///
/// On SQLite a power cut may undo that it was taken: whoever has taken it was on the same machine, and is gone as well.
pub(crate) async fn take(engine: &Engine, lost: bool) -> Result<Option<(Job, Lease)>, Error> {
    let real_now = engine.real_now();
    let until = later(real_now, engine.config.job_lease);
    let mut tx = engine.store.write_page().await?;
    if lost {
        jobs::release_expired(&mut tx, real_now).await?;
    }
    let job = jobs::lease(&mut tx, KINDS, engine.now(), until).await?;
    tx.commit().await?;
    Ok(job.map(|job| (job, Lease::until(until))))
}

/// Run a job that was taken, and keep its lease meanwhile; what fails goes back to the queue.
pub(crate) async fn run(engine: &Engine, job: &Job, lease: &Lease) {
    let outcome = tokio::select! {
        outcome = AssertUnwindSafe(dispatch(engine, job, lease)).catch_unwind() => outcome,
        () = beat(engine, job, lease) => return,
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
async fn beat(engine: &Engine, job: &Job, lease: &Lease) {
    loop {
        engine
            .clock
            .sleep_until(later(engine.now(), engine.config.job_lease / BEATS_IN_A_LEASE))
            .await;
        match renew(engine, job, lease).await {
            Ok(()) => {}
            Err(error) if error.is_lost_lease() => return,
            // The lease outlives several beats; the fence decides in the end.
            Err(error) => warn!(job.id = %job.id, error = %chain(&error), "A heartbeat failed"),
        }
    }
}

async fn renew(engine: &Engine, job: &Job, lease: &Lease) -> Result<(), Error> {
    let until = later(engine.real_now(), engine.config.job_lease);
    let mut tx = engine.store.write().await?;
    jobs::heartbeat(&mut tx, job.id, job.fence, until).await?;
    tx.commit().await?;
    lease.keep(until);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_is_over_when_its_last_beat_is_so_long_ago() {
        let at = |seconds: i64| from_micros(1_800_000_000_000_000 + seconds * 1_000_000);
        let lease = Lease::until(at(60));
        for (real_now, is_over) in [(0, false), (59, false), (60, true), (3600, true)] {
            assert_eq!(lease.is_over(at(real_now)), is_over, "{real_now}");
        }
        lease.keep(at(70));
        assert!(!lease.is_over(at(69)));
        // A beat that began earlier and ended later takes nothing away.
        lease.keep(at(65));
        assert!(!lease.is_over(at(69)) && lease.is_over(at(70)));
    }
}
