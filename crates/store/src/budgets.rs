use ledgerline_model::{JobId, Timestamp};
use uuid::Uuid;

use crate::Result;
use crate::Tx;
use crate::db::sql;

/// What is known of one budget.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Budget {
    /// JSON; whoever takes from it knows what it means. Empty: nothing was taken yet.
    pub counts: String,
    /// Virtual time. Nothing is asked before it.
    pub paused_until: Option<Timestamp>,
}

/// The budget of a scope, made if there is none; nobody else takes from it until the transaction ends.
pub async fn lock(tx: &mut Tx, scope: &str) -> Result<Budget> {
    sql("insert into budget (scope, counts) values ($1, '') on conflict (scope) do nothing")
        .bind(scope)
        .run(tx)
        .await?;
    let for_update = tx.dialect().for_update();
    read(tx, scope, for_update).await
}

/// The same as it is at this moment, for who takes nothing.
pub async fn look(tx: &mut Tx, scope: &str) -> Result<Budget> {
    read(tx, scope, "").await
}

async fn read(tx: &mut Tx, scope: &str, for_update: &str) -> Result<Budget> {
    let row = sql(format!(
        "select counts, paused_until from budget where scope = $1{for_update}"
    ))
    .bind(scope)
    .first(tx)
    .await?;
    let Some(row) = row else {
        return Ok(Budget::default());
    };
    Ok(Budget {
        counts: row.text("counts")?,
        paused_until: row.opt_at("paused_until")?,
    })
}

pub async fn save(tx: &mut Tx, scope: &str, budget: &Budget) -> Result<()> {
    sql("update budget set counts = $2, paused_until = $3 where scope = $1")
        .bind(scope)
        .bind(budget.counts.as_str())
        .bind(budget.paused_until)
        .run(tx)
        .await?;
    Ok(())
}

/// Until when nothing may be asked in any of these scopes: the latest end of their pauses that is after `now`.
pub async fn paused_until(tx: &mut Tx, scopes: [&str; 2], now: Timestamp) -> Result<Option<Timestamp>> {
    let row = sql("select paused_until from budget
         where scope in ($1, $2) and paused_until > $3 order by paused_until desc limit 1")
    .bind(scopes[0])
    .bind(scopes[1])
    .bind(now)
    .first(tx)
    .await?;
    row.map(|row| row.at("paused_until")).transpose()
}

/// Count a request as under way, unless `at_most` are; it counts until [`end_call`], at most until `until`.
/// The caller has locked the scope's budget.
pub async fn begin_call(
    tx: &mut Tx,
    scope: &str,
    call: Uuid,
    at_most: u32,
    real_now: Timestamp,
    until: Timestamp,
) -> Result<bool> {
    sql("delete from budget_call where scope = $1 and until <= $2")
        .bind(scope)
        .bind(real_now)
        .run(tx)
        .await?;
    let row = sql("select count(*) as calls from budget_call where scope = $1")
        .bind(scope)
        .first(tx)
        .await?;
    let calls = row.map_or(Ok(0), |row| row.int("calls"))?;
    if calls >= i64::from(at_most) {
        return Ok(false);
    }
    sql("insert into budget_call (call_id, scope, until) values ($1, $2, $3)")
        .bind(call)
        .bind(scope)
        .bind(until)
        .run(tx)
        .await?;
    Ok(true)
}

/// It is no single request: the job keeps its place.
pub async fn reserve_call(tx: &mut Tx, call: Uuid, job: JobId) -> Result<()> {
    sql("update budget_call set job_id = $2 where call_id = $1")
        .bind(call)
        .bind(job)
        .run(tx)
        .await?;
    Ok(())
}

/// What an earlier holder of the job had reserved is free: it is gone, or may not ask any more.
pub async fn end_calls_of(tx: &mut Tx, job: JobId) -> Result<()> {
    sql("delete from budget_call where job_id = $1")
        .bind(job)
        .run(tx)
        .await?;
    Ok(())
}

/// It goes on: it counts until then.
pub async fn keep_call(tx: &mut Tx, call: Uuid, until: Timestamp) -> Result<()> {
    sql("update budget_call set until = $2 where call_id = $1")
        .bind(call)
        .bind(until)
        .run(tx)
        .await?;
    Ok(())
}

pub async fn end_call(tx: &mut Tx, call: Uuid) -> Result<()> {
    sql("delete from budget_call where call_id = $1")
        .bind(call)
        .run(tx)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, on_both_stores};

    #[tokio::test]
    async fn a_budget_keeps_what_was_taken_and_its_pause() {
        on_both_stores(async |store| {
            let mut tx = store.write().await.unwrap();
            assert_eq!(lock(&mut tx, "a").await.unwrap(), Budget::default());
            let budget = Budget {
                counts: "{}".into(),
                paused_until: Some(at(60)),
            };
            save(&mut tx, "a", &budget).await.unwrap();
            tx.commit().await.unwrap();
            let mut tx = store.write().await.unwrap();
            assert_eq!(lock(&mut tx, "a").await.unwrap(), budget);
            let paused = |now| (["b", "a"], at(now));
            for (asked, expected) in [(paused(59), Some(at(60))), (paused(60), None)] {
                assert_eq!(paused_until(&mut tx, asked.0, asked.1).await.unwrap(), expected);
            }
        })
        .await;
    }

    #[tokio::test]
    async fn so_many_requests_are_under_way_and_no_more() {
        on_both_stores(async |store| {
            let mut tx = store.write().await.unwrap();
            let mut begin = async |call: u128, now: i64| {
                begin_call(&mut tx, "a", Uuid::from_u128(call), 2, at(now), at(now + 10))
                    .await
                    .unwrap()
            };
            assert!(begin(1, 0).await);
            assert!(begin(2, 0).await);
            assert!(!begin(3, 9).await);
            assert!(begin(4, 10).await, "those of before were given up");
            assert!(begin(5, 10).await);
            assert!(!begin(6, 10).await);
            end_call(&mut tx, Uuid::from_u128(5)).await.unwrap();
            assert!(
                begin_call(&mut tx, "a", Uuid::from_u128(7), 2, at(11), at(21))
                    .await
                    .unwrap()
            );
        })
        .await;
    }
}
