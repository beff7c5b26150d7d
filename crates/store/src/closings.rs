//! How Runs are closed: whether they are sets, how far the closing pass has come, and what it found.

use ledgerline_model::consistency::Consistency;
use ledgerline_model::{AppId, ConnectionId, DataType, PublicationId, PullId, RunId};

use crate::db::{Row, json, sql};
use crate::{Error, Result, Tx};

/// What is kept of a Run besides its Pulls.
#[derive(Clone, Debug)]
pub struct Closing {
    /// It was asked for every type that the company fetches.
    pub is_set: bool,
    /// Types that were asked for and left out, since they were being read already.
    pub left_out: i64,
    /// How far the closing pass has come, in the engine's words.
    pub state: Option<String>,
    /// The publication at which its types are read as one set; `None` until it has been closed.
    pub publication: Option<PublicationId>,
    /// `None` until it has been closed.
    pub consistency: Option<Consistency>,
}

/// The Run was asked for every type that the company fetches, and so many of them were left out.
pub async fn mark_set(tx: &mut Tx, app: AppId, run: RunId, left_out: i64) -> Result<()> {
    sql("update run set is_set = true, left_out = $3 where app_id = $1 and run_id = $2")
        .bind(app)
        .bind(run)
        .bind(left_out)
        .run(tx)
        .await?;
    Ok(())
}

pub async fn find(tx: &mut Tx, app: AppId, run: RunId) -> Result<Option<Closing>> {
    sql(
        "select is_set, left_out, closing, closing_publication_id, consistency from run
         where app_id = $1 and run_id = $2",
    )
    .bind(app)
    .bind(run)
    .first(tx)
    .await?
    .map(|row| of_row(&row))
    .transpose()
}

/// Write how far the closing pass has come.
pub async fn save_state(tx: &mut Tx, app: AppId, run: RunId, state: &str) -> Result<()> {
    sql("update run set closing = $3 where app_id = $1 and run_id = $2")
        .bind(app)
        .bind(run)
        .bind(state)
        .run(tx)
        .await?;
    Ok(())
}

/// The Run is closed. Its types are read as one set at `publication`; `None`: at the last one that it made.
pub async fn close(
    tx: &mut Tx,
    app: AppId,
    run: RunId,
    publication: Option<PublicationId>,
    consistency: &Consistency,
) -> Result<()> {
    sql("update run
         set closing = null, consistency = $4, closing_publication_id = coalesce($3, (
             select publication_id from publication
             where app_id = $1 and run_id = $2 and seq is not null order by seq desc limit 1
         ))
         where app_id = $1 and run_id = $2")
    .bind(app)
    .bind(run)
    .bind(publication)
    .bind(json(consistency, "consistency")?)
    .run(tx)
    .await?;
    Ok(())
}

/// How far each data type of a connection agrees with the others: as the Run of its last successful Pull found,
/// once that Run has been closed.
pub async fn of_connection(
    tx: &mut Tx,
    app: AppId,
    connection: ConnectionId,
) -> Result<Vec<(DataType, Consistency)>> {
    sql("select data_type, consistency from (
             select s.data_type, (
                 select r.consistency from pull p
                 join run r on r.app_id = $1 and r.run_id = p.run_id
                 where p.app_id = $1 and p.pull_id = s.success_pull_id
             ) as consistency
             from data_status s
             where s.app_id = $1 and s.connection_id = $2
         ) as found
         where consistency is not null")
    .bind(app)
    .bind(connection)
    .all(tx)
    .await?
    .iter()
    .map(|row| {
        let data_type = row.text("data_type")?.parse();
        Ok((
            data_type.map_err(|_| Error::Corrupt { column: "data_type" })?,
            row.json("consistency")?,
        ))
    })
    .collect()
}

/// How far the types of each of these Runs agree; those that have not been closed are left out.
pub async fn of_runs(tx: &mut Tx, app: AppId, runs: &[RunId]) -> Result<Vec<(RunId, Consistency)>> {
    let mut found = Vec::new();
    for some in runs.chunks(AT_ONCE) {
        let places: Vec<String> = (2..some.len() + 2).map(|place| format!("${place}")).collect();
        let rows = sql(format!(
            "select run_id, consistency from run
             where app_id = $1 and run_id in ({}) and consistency is not null",
            places.join(", ")
        ))
        .bind(app)
        .bind_all(some.iter().map(|run| (*run).into()))
        .all(tx)
        .await?;
        for row in rows {
            found.push((RunId(row.uuid("run_id")?), row.json("consistency")?));
        }
    }
    Ok(found)
}

/// Runs that are looked up at a time.
const AT_ONCE: usize = 500;

/// How far the types of the Run that made a Pull agree.
pub async fn of_pull(tx: &mut Tx, app: AppId, pull: PullId) -> Result<Option<Consistency>> {
    let row = sql("select r.consistency from pull p
         join run r on r.app_id = p.app_id and r.run_id = p.run_id
         where p.app_id = $1 and p.pull_id = $2 and r.consistency is not null")
    .bind(app)
    .bind(pull)
    .first(tx)
    .await?;
    row.map(|row| row.json("consistency")).transpose()
}

fn of_row(row: &Row) -> Result<Closing> {
    let consistency = match row.opt_text("consistency")? {
        Some(_) => Some(row.json("consistency")?),
        None => None,
    };
    Ok(Closing {
        is_set: row.bool("is_set")?,
        left_out: row.int("left_out")?,
        state: row.opt_text("closing")?,
        publication: row.opt_uuid("closing_publication_id")?.map(PublicationId),
        consistency,
    })
}
