use ledgerline_model::{AppId, JobId, Timestamp};

use crate::db::{rows_of, sql};
use crate::{Result, Tx};

/// Taking a job, keeping it, ending it.
mod lease;

pub use lease::{check_fence, done, heartbeat, lease, postpone, release_expired};

/// What has to be done, from `run_at` on.
#[derive(Clone, Debug)]
pub struct NewJob<'a> {
    pub app: AppId,
    /// `noun.verb`.
    pub kind: &'a str,
    /// JSON; the kind knows what it means.
    pub payload: String,
    /// At most one job with the same key is leased at a time.
    pub concurrency_key: Option<String>,
    /// Virtual time.
    pub run_at: Timestamp,
}

/// A job that the caller holds until its lease ends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Job {
    pub id: JobId,
    pub app: AppId,
    pub kind: String,
    pub payload: String,
    /// How often it was postponed as a failure, or lost with its worker.
    pub attempts: i64,
    /// Raised with each lease: what an older holder commits is refused.
    pub fence: i64,
}

pub async fn enqueue(tx: &mut Tx, job: NewJob<'_>) -> Result<()> {
    enqueue_all(tx, job.app, vec![job]).await
}

/// Queue jobs, all of this app.
pub async fn enqueue_all(tx: &mut Tx, app: AppId, jobs: Vec<NewJob<'_>>) -> Result<()> {
    if jobs.is_empty() {
        return Ok(());
    }
    sql("insert into job_turn (app_id, turn) values ($1, 0) on conflict (app_id) do nothing")
        .bind(app)
        .run(tx)
        .await?;
    let rows = rows_of(jobs.len(), 1, 5, |own| {
        format!("($1, {}, {})", own.join(", "), own[4])
    });
    let mut statement = sql(format!(
        "insert into job (app_id, job_id, kind, payload, concurrency_key, run_at, created_at)
         values {rows}"
    ))
    .bind(app);
    for job in jobs {
        statement = statement
            .bind(JobId(tx.fresh_id(job.run_at)))
            .bind(job.kind)
            .bind(job.payload)
            .bind(job.concurrency_key)
            .bind(job.run_at);
    }
    statement.run(tx).await?;
    Ok(())
}

/// See that one job waits under this concurrency key, due at `run_at`, or none where there is nothing to wait for.
/// One that runs at this moment is left alone.
pub async fn set_timer(
    tx: &mut Tx,
    app: AppId,
    kind: &str,
    concurrency_key: &str,
    payload: &str,
    run_at: Option<Timestamp>,
) -> Result<()> {
    let waiting = sql("delete from job where app_id = $1 and concurrency_key = $2 and lease_until is null");
    waiting.bind(app).bind(concurrency_key).run(tx).await?;
    if let Some(run_at) = run_at {
        let job = NewJob {
            app,
            kind,
            payload: payload.to_owned(),
            concurrency_key: Some(concurrency_key.to_owned()),
            run_at,
        };
        enqueue(tx, job).await?;
    }
    Ok(())
}

/// When the next job may be leased, `now` if one may be already; `None` while there is nothing to wait for
/// but the end of leases.
pub async fn next_due(tx: &mut Tx, now: Timestamp) -> Result<Option<Timestamp>> {
    let row = sql(format!(
        "select run_at from job where lease_until is null and {NOT_HELD} order by run_at limit 1"
    ))
    .first(tx)
    .await?;
    row.map(|row| Ok(row.at("run_at")?.max(now))).transpose()
}

/// What a worker sees that looks before it takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Look {
    /// [`lease`] may find something.
    pub is_due: bool,
    /// The worker of a job is gone: [`release_expired`] gives it back.
    pub is_lost: bool,
}

pub async fn look(tx: &mut Tx, now: Timestamp, real_now: Timestamp) -> Result<Look> {
    let row = sql(format!(
        "select exists (select 1 from job where run_at <= $1 and lease_until is null and {NOT_HELD}) as is_due,
                exists (select 1 from job where lease_until <= $2) as is_lost"
    ))
    .bind(now)
    .bind(real_now)
    .first(tx)
    .await?;
    row.map_or(Ok(Look::default()), |row| {
        Ok(Look {
            is_due: row.bool("is_due")?,
            is_lost: row.bool("is_lost")?,
        })
    })
}

/// How many jobs are due or being run.
pub async fn due_count(tx: &mut Tx, now: Timestamp) -> Result<i64> {
    let row = sql("select count(*) as jobs from job where run_at <= $1")
        .bind(now)
        .first(tx)
        .await?;
    row.map_or(Ok(0), |row| row.int("jobs"))
}

/// Whether a job with this concurrency key is due at `at` and will not be leased before this transaction has
/// ended: it will see what this transaction writes, and needs no second one.
pub async fn is_waiting(tx: &mut Tx, app: AppId, concurrency_key: &str, at: Timestamp) -> Result<bool> {
    let for_share = tx.dialect().for_share();
    let row = sql(format!(
        "select job_id from job
         where app_id = $1 and concurrency_key = $2 and run_at <= $3 and lease_until is null limit 1{for_share}"
    ))
    .bind(app)
    .bind(concurrency_key)
    .bind(at)
    .first(tx)
    .await?;
    Ok(row.is_some())
}

/// Bring the waiting jobs with this concurrency key forward to `run_at`; those that are due earlier stay.
pub async fn hasten(tx: &mut Tx, app: AppId, concurrency_key: &str, run_at: Timestamp) -> Result<u64> {
    sql("update job set run_at = $3
         where app_id = $1 and concurrency_key = $2 and run_at > $3 and lease_until is null")
    .bind(app)
    .bind(concurrency_key)
    .bind(run_at)
    .run(tx)
    .await
}

/// Whether a job with this concurrency key waits that will be taken by `by`. It is not taken before this
/// transaction ends, so that what is written here is seen by it.
pub async fn waits(tx: &mut Tx, app: AppId, concurrency_key: &str, by: Timestamp) -> Result<bool> {
    let for_share = tx.dialect().for_share();
    let row = sql(format!(
        "select job_id from job
         where app_id = $1 and concurrency_key = $2 and run_at <= $3 and lease_until is null
         order by run_at limit 1{for_share}"
    ))
    .bind(app)
    .bind(concurrency_key)
    .bind(by)
    .first(tx)
    .await?;
    Ok(row.is_some())
}

/// No job with the same concurrency key is leased.
const NOT_HELD: &str = "not exists (
    select 1 from job held where held.concurrency_key = job.concurrency_key and held.lease_until is not null)";
