use ledgerline_model::planted::{self, Bug};
use ledgerline_model::{AppId, JobId, Timestamp};

use super::{Job, NOT_HELD};
use crate::db::{Row, Value, sql};
use crate::{Dialect, Error, Result, Tx};

/// Take a job of one of these kinds that is due, for the app that was served least recently; of that app
/// the one that is due longest.
pub async fn lease(tx: &mut Tx, kinds: &[&str], now: Timestamp, until: Timestamp) -> Result<Option<Job>> {
    for app in apps_in_turn(tx, kinds, now).await? {
        for candidate in due(tx, app, kinds, now).await? {
            if let Some(job) = take(tx, candidate, until).await? {
                sql("update job_turn set turn = (select max(turn) + 1 from job_turn) where app_id = $1")
                    .bind(app)
                    .run(tx)
                    .await?;
                return Ok(Some(job));
            }
        }
    }
    Ok(None)
}

/// Give back what workers that are gone held; how many jobs that were.
pub async fn release_expired(tx: &mut Tx, real_now: Timestamp) -> Result<u64> {
    let skip_locked = tx.dialect().skip_locked();
    sql(format!(
        "update job set lease_until = null, attempts = attempts + 1
         where job_id in (select job_id from job where lease_until <= $1{skip_locked})"
    ))
    .bind(real_now)
    .run(tx)
    .await
}

/// Keep it until `until`.
pub async fn heartbeat(tx: &mut Tx, id: JobId, fence: i64, until: Timestamp) -> Result<()> {
    let changed =
        sql("update job set lease_until = $3 where job_id = $1 and fence = $2 and lease_until is not null")
            .bind(id)
            .bind(fence)
            .bind(until)
            .run(tx)
            .await?;
    held(changed)
}

/// Make sure that what this transaction writes is the holder's: nobody else can take the job until it ends.
pub async fn check_fence(tx: &mut Tx, id: JobId, fence: i64) -> Result<()> {
    let for_update = tx.dialect().for_update();
    let row = sql(format!(
        "select job_id from job where job_id = $1 and fence = $2 and lease_until is not null{for_update}"
    ))
    .bind(id)
    .bind(fence)
    .first(tx)
    .await?;
    if is_unfenced() {
        return Ok(());
    }
    row.map(|_| ()).ok_or(Error::LostLease)
}

/// It is done and gone.
pub async fn done(tx: &mut Tx, id: JobId, fence: i64) -> Result<()> {
    let changed = sql("delete from job where job_id = $1 and fence = $2 and lease_until is not null")
        .bind(id)
        .bind(fence)
        .run(tx)
        .await?;
    held(changed)
}

/// Give it back, to be taken again from `run_at` (virtual time) on.
pub async fn postpone(tx: &mut Tx, id: JobId, fence: i64, run_at: Timestamp, attempts: i64) -> Result<()> {
    let changed = sql("update job set lease_until = null, run_at = $3, attempts = $4
         where job_id = $1 and fence = $2 and lease_until is not null")
    .bind(id)
    .bind(fence)
    .bind(run_at)
    .bind(attempts)
    .run(tx)
    .await?;
    held(changed)
}

fn held(changed: u64) -> Result<()> {
    if changed == 0 && !is_unfenced() {
        Err(Error::LostLease)
    } else {
        Ok(())
    }
}

fn is_unfenced() -> bool {
    planted::is(Bug::NoFence) || planted::is(Bug::ScheduleWithoutKey)
}

/// What is looked at before another app gets its turn; the rest is for the next call.
const APPS: i64 = 16;
const CANDIDATES: i64 = 16;

async fn apps_in_turn(tx: &mut Tx, kinds: &[&str], now: Timestamp) -> Result<Vec<AppId>> {
    let of_kinds = of_kinds(kinds, 3);
    sql(format!(
        "select app_id from job_turn
         where exists (
             select 1 from job
             where job.app_id = job_turn.app_id and run_at <= $1 and lease_until is null
                 and {of_kinds} and {NOT_HELD})
         order by turn, app_id limit $2"
    ))
    .bind(now)
    .bind(APPS)
    .bind_all(values(kinds))
    .all(tx)
    .await?
    .iter()
    .map(|row| row.uuid("app_id").map(AppId))
    .collect()
}

async fn due(tx: &mut Tx, app: AppId, kinds: &[&str], now: Timestamp) -> Result<Vec<Row>> {
    let of_kinds = of_kinds(kinds, 4);
    sql(format!(
        "select job_id, concurrency_key from job
         where app_id = $1 and run_at <= $2 and lease_until is null and {of_kinds} and {NOT_HELD}
         order by run_at, job_id limit $3"
    ))
    .bind(app)
    .bind(now)
    .bind(CANDIDATES)
    .bind_all(values(kinds))
    .all(tx)
    .await
}

/// `None` where another worker is quicker: to take the job, or one with the same concurrency key.
async fn take(tx: &mut Tx, candidate: Row, until: Timestamp) -> Result<Option<Job>> {
    let id = JobId(candidate.uuid("job_id")?);
    let key = candidate.opt_text("concurrency_key")?;
    if tx.dialect() == Dialect::Postgres && !alone(tx, id, key.as_deref()).await? {
        return Ok(None);
    }
    let row = sql(format!(
        "update job set lease_until = $2, fence = fence + 1
         where job_id = $1 and lease_until is null and {NOT_HELD}
         returning app_id, kind, payload, attempts, fence"
    ))
    .bind(id)
    .bind(until)
    .first(tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Job {
        id,
        app: AppId(row.uuid("app_id")?),
        kind: row.text("kind")?,
        payload: row.text("payload")?,
        attempts: row.int("attempts")?,
        fence: row.int("fence")?,
    }))
}

/// Keep the other workers of PostgreSQL away from the row and from its concurrency key until the
/// transaction ends. Without the second, two workers could each take a job with the same key, and the
/// unique index would end the transaction of one of them.
async fn alone(tx: &mut Tx, id: JobId, key: Option<&str>) -> Result<bool> {
    let row = sql("select job_id from job where job_id = $1 and lease_until is null for update skip locked")
        .bind(id)
        .first(tx)
        .await?;
    let (Some(_), Some(key)) = (&row, key) else {
        return Ok(row.is_some());
    };
    let row = sql("select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as free")
        .bind(key)
        .first(tx)
        .await?;
    row.map_or(Ok(false), |row| row.bool("free"))
}

fn of_kinds(kinds: &[&str], first: usize) -> String {
    let placeholders: Vec<String> = (first..first + kinds.len())
        .map(|number| format!("${number}"))
        .collect();
    format!("kind in ({})", placeholders.join(", "))
}

fn values(kinds: &[&str]) -> impl Iterator<Item = Value> {
    kinds.iter().map(|kind| Value::from(*kind))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::Store;
    use crate::jobs::{Look, NewJob, due_count, enqueue, is_waiting, look, next_due};
    use crate::testing::{an_app, at, on_both_stores};

    const KINDS: &[&str] = &["feed.read", "grant.cut"];

    async fn add(store: &Store, app: AppId, payload: &str, key: Option<&str>, run_at: i64) {
        let mut tx = store.write().await.unwrap();
        let job = NewJob {
            app,
            kind: "feed.read",
            payload: payload.to_owned(),
            concurrency_key: key.map(str::to_owned),
            run_at: at(run_at),
        };
        enqueue(&mut tx, job).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn take_one(store: &Store, now: i64, real_now: i64) -> Option<Job> {
        let mut tx = store.write().await.unwrap();
        release_expired(&mut tx, at(real_now)).await.unwrap();
        let job = lease(&mut tx, KINDS, at(now), at(real_now + 60)).await.unwrap();
        tx.commit().await.unwrap();
        job
    }

    async fn two_apps(store: &Store) -> (AppId, AppId) {
        let mut tx = store.write().await.unwrap();
        let (one, two) = (an_app(&mut tx, "One").await, an_app(&mut tx, "Two").await);
        tx.commit().await.unwrap();
        (one.id, two.id)
    }

    #[tokio::test]
    async fn apps_take_turns() {
        on_both_stores(async |store| {
            let (one, two) = two_apps(&store).await;
            for number in 1..=3 {
                add(&store, one, "one", None, number).await;
            }
            add(&store, two, "two", None, 3).await;
            add(&store, two, "later", None, 100).await;
            let mut order = Vec::new();
            while let Some(job) = take_one(&store, 10, 0).await {
                order.push(job.payload);
            }
            assert_eq!(order.len(), 4);
            assert!(order[..2].contains(&"two".to_owned()), "{order:?}");
            let mut tx = store.read().await.unwrap();
            assert_eq!(next_due(&mut tx, at(10)).await.unwrap(), Some(at(100)));
            assert_eq!(next_due(&mut tx, at(200)).await.unwrap(), Some(at(200)));
            assert_eq!(due_count(&mut tx, at(10)).await.unwrap(), 4);
        })
        .await;
    }

    #[tokio::test]
    async fn a_lost_lease_cannot_be_used() {
        on_both_stores(async |store| {
            let (one, _) = two_apps(&store).await;
            add(&store, one, "{}", Some("key"), 0).await;
            let first = take_one(&store, 1, 0).await.unwrap();
            assert_eq!(take_one(&store, 1, 59).await, None);
            let mut tx = store.read().await.unwrap();
            assert_eq!(look(&mut tx, at(1), at(59)).await.unwrap(), Look::default());
            let lost = look(&mut tx, at(1), at(60)).await.unwrap();
            assert!(lost.is_lost && !lost.is_due);
            drop(tx);
            let second = take_one(&store, 1, 60).await.unwrap();
            assert_eq!(
                (second.id, second.fence, second.attempts),
                (first.id, first.fence + 1, 1)
            );
            let mut tx = store.write().await.unwrap();
            for result in [
                check_fence(&mut tx, first.id, first.fence).await,
                heartbeat(&mut tx, first.id, first.fence, at(99)).await,
                postpone(&mut tx, first.id, first.fence, at(99), 0).await,
                done(&mut tx, first.id, first.fence).await,
            ] {
                assert!(matches!(result, Err(Error::LostLease)), "{result:?}");
            }
            check_fence(&mut tx, second.id, second.fence).await.unwrap();
            heartbeat(&mut tx, second.id, second.fence, at(200))
                .await
                .unwrap();
            postpone(&mut tx, second.id, second.fence, at(5), 2)
                .await
                .unwrap();
            tx.commit().await.unwrap();
            assert_eq!(take_one(&store, 4, 61).await, None);
            let mut tx = store.read().await.unwrap();
            let due = look(&mut tx, at(5), at(61)).await.unwrap();
            assert!(due.is_due && !due.is_lost);
            drop(tx);
            let third = take_one(&store, 5, 61).await.unwrap();
            assert_eq!(third.attempts, 2);
            let mut tx = store.write().await.unwrap();
            done(&mut tx, third.id, third.fence).await.unwrap();
            assert_eq!(due_count(&mut tx, at(1000)).await.unwrap(), 0);
        })
        .await;
    }

    #[tokio::test]
    async fn one_job_of_a_concurrency_key_runs_at_a_time() {
        on_both_stores(async |store| {
            let (one, two) = two_apps(&store).await;
            add(&store, one, "a", Some("key"), 0).await;
            add(&store, two, "b", Some("key"), 0).await;
            let first = take_one(&store, 1, 0).await.unwrap();
            assert_eq!(take_one(&store, 1, 0).await, None);
            let mut tx = store.write().await.unwrap();
            assert_eq!(next_due(&mut tx, at(1)).await.unwrap(), None);
            done(&mut tx, first.id, first.fence).await.unwrap();
            tx.commit().await.unwrap();
            assert_ne!(take_one(&store, 1, 0).await.unwrap().payload, first.payload);
        })
        .await;
    }

    #[tokio::test]
    async fn a_job_that_somebody_counts_on_is_not_leased_before_they_commit() {
        on_both_stores(async |store| {
            let (one, two) = two_apps(&store).await;
            add(&store, one, "{}", Some("key"), 5).await;
            let mut tx = store.write().await.unwrap();
            assert!(!is_waiting(&mut tx, one, "key", at(4)).await.unwrap());
            assert!(!is_waiting(&mut tx, two, "key", at(5)).await.unwrap());
            assert!(is_waiting(&mut tx, one, "key", at(5)).await.unwrap());
            if store.dialect() == Dialect::Postgres {
                assert_eq!(take_one(&store, 5, 0).await, None);
            }
            tx.commit().await.unwrap();
            assert!(take_one(&store, 5, 0).await.is_some());
            let mut tx = store.write().await.unwrap();
            assert!(!is_waiting(&mut tx, one, "key", at(5)).await.unwrap());
        })
        .await;
    }

    /// Many workers at once: each job is run once, and no two of a key at a time.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_crowd_of_workers_takes_each_job_once() {
        on_both_stores(async |store| {
            let (one, two) = two_apps(&store).await;
            for number in 0..40 {
                let key = format!("key-{}", number % 4);
                let app = if number % 3 == 0 { two } else { one };
                add(&store, app, &number.to_string(), Some(&key), 0).await;
            }
            let workers = (0..6).map(|_| {
                let store = store.clone();
                tokio::spawn(async move {
                    let mut taken = Vec::new();
                    let mut idle = 0;
                    while idle < 200 {
                        match take_one(&store, 1, 0).await {
                            None => {
                                idle += 1;
                                tokio::task::yield_now().await;
                            }
                            Some(job) => {
                                idle = 0;
                                tokio::task::yield_now().await;
                                let mut tx = store.write().await.unwrap();
                                done(&mut tx, job.id, job.fence).await.unwrap();
                                tx.commit().await.unwrap();
                                taken.push(job.payload);
                            }
                        }
                    }
                    taken
                })
            });
            let taken: Vec<String> = futures::future::join_all(workers)
                .await
                .into_iter()
                .flat_map(|worker| worker.unwrap())
                .collect();
            assert_eq!(taken.len(), 40);
            assert_eq!(taken.iter().collect::<BTreeSet<_>>().len(), 40);
        })
        .await;
    }
}
