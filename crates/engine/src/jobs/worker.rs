use std::sync::Arc;
use std::time::Duration;

use ledgerline_model::Timestamp;
use ledgerline_store::Dialect;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::error;

use super::lease::{self, Lease, chain, later};
use super::{Error, Job};
use crate::Engine;

/// How often a worker looks for jobs that other processes have queued.
const LOOK: Duration = Duration::from_secs(1);

/// Run jobs, as many at a time as the configuration says, until `shutdown`.
pub async fn run_worker(engine: Arc<Engine>, shutdown: CancellationToken) {
    if engine.store.dialect() == Dialect::Sqlite
        && let Err(error) = take_over(&engine).await
    {
        error!(error = %chain(&error), "What the last process held stays leased until its leases end");
    }
    // One lane looks at a time: those that were woken for one job do not all try to take it.
    let turn = Arc::new(Mutex::new(None));
    let mut lanes = JoinSet::new();
    for _ in 0..engine.config.workers.max(1) {
        let engine = engine.clone();
        let turn = turn.clone();
        let shutdown = shutdown.clone();
        lanes.spawn(async move {
            while !shutdown.is_cancelled() {
                run_one_or_wait(&engine, &turn, &shutdown).await;
            }
        });
    }
    lanes.join_all().await;
}

/// An embedded store has one worker process: what is leased at its start was held by one that is gone.
async fn take_over(engine: &Engine) -> Result<(), Error> {
    let mut tx = engine.store.write().await?;
    ledgerline_store::jobs::release_expired(&mut tx, Timestamp::MAX).await?;
    tx.commit().await?;
    Ok(())
}

/// Run everything that is due now to its end, also what that makes due; how many jobs that were.
pub async fn run_due(engine: &Engine) -> Result<usize, Error> {
    let mut count = 0;
    while run_one(engine).await? {
        count += 1;
    }
    Ok(count)
}

/// Run one job that is due, if there is one.
pub async fn run_one(engine: &Engine) -> Result<bool, Error> {
    let Some((job, lease)) = lease::take(engine, true).await? else {
        return Ok(false);
    };
    lease::run(engine, &job, &lease).await;
    Ok(true)
}

async fn run_one_or_wait(engine: &Engine, turn: &Mutex<Option<Nothing>>, shutdown: &CancellationToken) {
    let rung = engine.work.notified();
    tokio::pin!(rung);
    // What is queued from here on is not missed.
    rung.as_mut().enable();
    let looked = {
        let mut nothing = turn.lock().await;
        next(engine, &mut nothing).await
    };
    match looked {
        Ok(Next::Run(job, lease)) => {
            tokio::select! {
                () = lease::run(engine, &job, &lease) => engine.work.notify_waiters(),
                () = shutdown.cancelled() => hand_back(engine, &job).await,
            }
            return;
        }
        Ok(Next::Nothing) => {}
        Err(error) => error!(error = %chain(&error), "The queue cannot be read"),
    }
    tokio::select! {
        () = rung => {}
        () = engine.clock.sleep_until(later(engine.now(), LOOK)) => {}
        () = shutdown.cancelled() => {}
    }
}

enum Next {
    Run(Job, Lease),
    Nothing,
}

/// A lane has found nothing to do, and nothing was queued here since.
struct Nothing {
    rings: u64,
    at: Timestamp,
}

impl Nothing {
    /// The other lanes need not look as well.
    fn holds(&self, rings: u64, now: Timestamp) -> bool {
        self.rings == rings && (self.at..later(self.at, LOOK)).contains(&now)
    }
}

/// Looks before it takes: an idle server writes nothing.
async fn next(engine: &Engine, nothing: &mut Option<Nothing>) -> Result<Next, Error> {
    let (rings, now) = (engine.work.rings(), engine.now());
    if nothing.as_ref().is_some_and(|nothing| nothing.holds(rings, now)) {
        return Ok(Next::Nothing);
    }
    let mut tx = engine.store.glance().await?;
    let look = ledgerline_store::jobs::look(&mut tx, now, engine.real_now()).await?;
    drop(tx);
    let job = match look.is_due || look.is_lost {
        true => lease::take(engine, look.is_lost).await?,
        false => None,
    };
    *nothing = job.is_none().then_some(Nothing { rings, at: now });
    Ok(job.map_or(Next::Nothing, |(job, lease)| Next::Run(job, lease)))
}

/// What was under way is undone by now; another worker may go on at once.
async fn hand_back(engine: &Engine, job: &Job) {
    let handed = async {
        let mut tx = engine.store.write().await?;
        ledgerline_store::jobs::postpone(&mut tx, job.id, job.fence, engine.now(), job.attempts).await?;
        tx.commit().await
    };
    if let Err(error) = handed.await {
        error!(error = %chain(&error), job.id = %job.id, "The job stays leased until its lease ends");
    }
}
