use ledgerline_model::{AppId, EndpointId, Timestamp};
use ledgerline_store::Tx;
use ledgerline_store::jobs::{self, Job, NewJob};

use super::ATTEMPT;
use crate::Engine;

/// See that the endpoint's deliveries are looked at from `at` on. One waiting job per endpoint is enough for
/// all of them.
pub async fn wake(
    engine: &Engine,
    tx: &mut Tx,
    app: AppId,
    endpoint: EndpointId,
    at: Timestamp,
) -> ledgerline_store::Result<()> {
    let key = key(endpoint);
    jobs::hasten(tx, app, &key, at).await?;
    if !jobs::waits(tx, app, &key, at).await? {
        let job = NewJob {
            app,
            kind: ATTEMPT,
            payload: format!("\"{endpoint}\""),
            concurrency_key: Some(key),
            run_at: at,
        };
        jobs::enqueue(tx, job).await?;
    }
    engine.work.notify_one();
    Ok(())
}

/// End a job of the endpoint that has nothing to do before `at`: it comes back then, or leaves that to one
/// that was queued while it ran.
pub(super) async fn come_back(
    tx: &mut Tx,
    job: &Job,
    endpoint: EndpointId,
    at: Timestamp,
) -> ledgerline_store::Result<()> {
    let key = key(endpoint);
    if jobs::waits(tx, job.app, &key, Timestamp::MAX).await? {
        jobs::hasten(tx, job.app, &key, at).await?;
        jobs::done(tx, job.id, job.fence).await
    } else {
        jobs::postpone(tx, job.id, job.fence, at, 0).await
    }
}

fn key(endpoint: EndpointId) -> String {
    format!("{ATTEMPT}:{endpoint}")
}
