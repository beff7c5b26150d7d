use ledgerline_model::{AppId, GrantId, Timestamp};

use crate::db::sql;
use crate::{Result, Tx};

/// A refresh that was begun. One that is left over after a crash says that the platform may have taken the
/// refresh token of that generation for used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Attempt {
    /// Of the tokens that were presented.
    pub generation: i64,
    pub started_at: Timestamp,
}

pub async fn attempt(tx: &mut Tx, app: AppId, id: GrantId) -> Result<Option<Attempt>> {
    let row = sql("select generation, started_at from refresh_attempt where app_id = $1 and grant_id = $2")
        .bind(app)
        .bind(id)
        .first(tx)
        .await?;
    row.map(|row| {
        Ok(Attempt {
            generation: row.int("generation")?,
            started_at: row.at("started_at")?,
        })
    })
    .transpose()
}

/// Commit it before the platform is asked.
pub async fn note_attempt(tx: &mut Tx, app: AppId, id: GrantId, attempt: Attempt) -> Result<()> {
    sql(
        "insert into refresh_attempt (app_id, grant_id, generation, started_at) values ($1, $2, $3, $4)
         on conflict (app_id, grant_id) do update
         set generation = excluded.generation, started_at = excluded.started_at",
    )
    .bind(app)
    .bind(id)
    .bind(attempt.generation)
    .bind(attempt.started_at)
    .run(tx)
    .await?;
    Ok(())
}

/// In the transaction that stores the answer.
pub async fn clear_attempt(tx: &mut Tx, app: AppId, id: GrantId) -> Result<()> {
    sql("delete from refresh_attempt where app_id = $1 and grant_id = $2")
        .bind(app)
        .bind(id)
        .run(tx)
        .await?;
    Ok(())
}
