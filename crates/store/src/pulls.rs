use std::collections::HashSet;

use ledgerline_model::run::{Cause, Pull, PullState};
use ledgerline_model::{AppId, CompanyId, ConnectionId, DataType, PublicationId, PullId, RunId, Timestamp};

use crate::db::{Row, Value, json, rows_of, sql};
use crate::{Error, Result, Tx};

/// Insert Pulls that begin; those whose type has an active one of the connection already are left out. The ids of the
/// others.
pub async fn insert_all(tx: &mut Tx, pulls: &[Pull]) -> Result<HashSet<PullId>> {
    if pulls.is_empty() {
        return Ok(HashSet::new());
    }
    let rows = rows_of(pulls.len(), 0, 12, |own| format!("({})", own.join(", ")));
    let mut statement = sql(format!(
        "insert into pull (app_id, pull_id, run_id, company_id, connection_id, data_type, state, publication_id,
                           first_load, requested_at, feeds_left, history_window)
         values {rows}
         on conflict do nothing
         returning pull_id"
    ));
    for pull in pulls {
        statement = statement
            .bind(pull.app)
            .bind(pull.id)
            .bind(pull.run)
            .bind(pull.company)
            .bind(pull.connection)
            .bind(pull.data_type.key())
            .bind(pull.state.key())
            .bind(pull.publication)
            .bind(pull.first_load)
            .bind(pull.requested_at)
            .bind(pull.feeds_left)
            .bind(json(&pull.window, "history_window")?);
    }
    let inserted = statement.all(tx).await?;
    inserted
        .iter()
        .map(|row| row.uuid("pull_id").map(PullId))
        .collect()
}

/// Note that these Pulls, which are active, are being read and not held up any more.
pub async fn fetching(tx: &mut Tx, pulls: &[Pull]) -> Result<()> {
    let held_up = |pull: &&Pull| pull.state != PullState::Fetching || pull.paused_until.is_some();
    let held_up: Vec<&Pull> = pulls.iter().filter(held_up).collect();
    let Some(first) = held_up.first() else {
        return Ok(());
    };
    let ids = rows_of(held_up.len(), 1, 1, |own| own[0].clone());
    sql(format!(
        "update pull set state = 'Fetching', paused_until = null where app_id = $1 and pull_id in ({ids})"
    ))
    .bind(first.app)
    .bind_all(held_up.iter().map(|pull| Value::from(pull.id)))
    .run(tx)
    .await?;
    Ok(())
}

pub async fn find(tx: &mut Tx, app: AppId, id: PullId) -> Result<Option<Pull>> {
    sql("select * from pull where app_id = $1 and pull_id = $2")
        .bind(app)
        .bind(id)
        .first(tx)
        .await?
        .map(|row| of_row(&row))
        .transpose()
}

/// The Pull, locked until the end of the transaction.
pub async fn lock(tx: &mut Tx, app: AppId, id: PullId) -> Result<Option<Pull>> {
    let for_update = tx.dialect().for_update();
    sql(format!(
        "select * from pull where app_id = $1 and pull_id = $2{for_update}"
    ))
    .bind(app)
    .bind(id)
    .first(tx)
    .await?
    .map(|row| of_row(&row))
    .transpose()
}

/// The active Pulls of a Run, locked in the order of their ids until the end of the transaction.
pub async fn lock_active_of_run(tx: &mut Tx, app: AppId, run: RunId) -> Result<Vec<Pull>> {
    let for_update = tx.dialect().for_update();
    sql(format!(
        "select * from pull
         where app_id = $1 and run_id = $2 and state in ('Queued', 'Fetching', 'Processing')
         order by pull_id{for_update}"
    ))
    .bind(app)
    .bind(run)
    .all(tx)
    .await?
    .iter()
    .map(of_row)
    .collect()
}

/// The active Pulls of a connection, locked in the order of their ids until the end of the transaction.
pub async fn lock_active_of_connection(
    tx: &mut Tx,
    app: AppId,
    connection: ConnectionId,
) -> Result<Vec<Pull>> {
    let for_update = tx.dialect().for_update();
    sql(format!(
        "select * from pull
         where app_id = $1 and connection_id = $2 and state in ('Queued', 'Fetching', 'Processing')
         order by pull_id{for_update}"
    ))
    .bind(app)
    .bind(connection)
    .all(tx)
    .await?
    .iter()
    .map(of_row)
    .collect()
}

/// The Pulls of a Run for which something is still staged, or that found issues with a publication that has not
/// been made. In SQLite a cross join keeps the order in which it is written.
pub async fn with_leftovers(tx: &mut Tx, app: AppId, run: RunId) -> Result<Vec<PullId>> {
    sql("select pull_id from pull
         where app_id = $1 and run_id = $2 and (
             exists (select 1 from pull_change c where c.app_id = $1 and c.pull_id = pull.pull_id)
             or exists (select 1 from issue_change c where c.app_id = $1 and c.pull_id = pull.pull_id)
             or exists (
                 select 1 from publication p
                 cross join validation_issue i
                 where p.app_id = $1 and p.publication_id = pull.publication_id and p.seq is null
                     and i.app_id = $1 and i.publication_id = p.publication_id
             )
         )")
    .bind(app)
    .bind(run)
    .all(tx)
    .await?
    .iter()
    .map(|row| row.uuid("pull_id").map(PullId))
    .collect()
}

pub async fn of_run(tx: &mut Tx, app: AppId, run: RunId) -> Result<Vec<Pull>> {
    sql("select * from pull where app_id = $1 and run_id = $2 order by data_type")
        .bind(app)
        .bind(run)
        .all(tx)
        .await?
        .iter()
        .map(of_row)
        .collect()
}

/// The active Pull of a data type of a connection.
pub async fn active(
    tx: &mut Tx,
    app: AppId,
    connection: ConnectionId,
    data_type: DataType,
) -> Result<Option<Pull>> {
    sql("select * from pull
         where app_id = $1 and connection_id = $2 and data_type = $3
           and state in ('Queued', 'Fetching', 'Processing')")
    .bind(app)
    .bind(connection)
    .bind(data_type.key())
    .first(tx)
    .await?
    .map(|row| of_row(&row))
    .transpose()
}

/// The Pulls of a company, newest first.
pub async fn list(tx: &mut Tx, app: AppId, company: CompanyId, offset: i64, limit: i64) -> Result<Vec<Pull>> {
    sql("select * from pull
         where app_id = $1 and company_id = $2
         order by requested_at desc, pull_id desc
         limit $3 offset $4")
    .bind(app)
    .bind(company)
    .bind(limit)
    .bind(offset)
    .all(tx)
    .await?
    .iter()
    .map(of_row)
    .collect()
}

pub async fn count(tx: &mut Tx, app: AppId, company: CompanyId) -> Result<i64> {
    sql("select count(*) as pulls from pull where app_id = $1 and company_id = $2")
        .bind(app)
        .bind(company)
        .first(tx)
        .await?
        .map_or(Ok(0), |row| row.int("pulls"))
}

/// Every Pull of a company, newest first; `visit` ends it with `false`.
pub async fn each(
    tx: &mut Tx,
    app: AppId,
    company: CompanyId,
    mut visit: impl FnMut(Pull) -> Result<bool>,
) -> Result<()> {
    sql("select * from pull
         where app_id = $1 and company_id = $2
         order by requested_at desc, pull_id desc")
    .bind(app)
    .bind(company)
    .each(tx, |row| visit(of_row(&row)?))
    .await
}

/// Write where the Pull stands: its state, counters, pause and message.
pub async fn save(tx: &mut Tx, pull: &Pull) -> Result<()> {
    sql("update pull
         set state = $3, finished_at = $4, feeds_left = $5, read_count = $6, expected_count = $7,
             changed_count = $8, deleted_count = $9, quarantined_count = $10, first_asked_seq = $11,
             paused_until = $12, message = $13, cause = $14, failed_attempts = $15,
             gone_count = $16
         where app_id = $1 and pull_id = $2")
    .bind(pull.app)
    .bind(pull.id)
    .bind(pull.state.key())
    .bind(pull.state.finished_at())
    .bind(pull.feeds_left)
    .bind(pull.read)
    .bind(pull.expected)
    .bind(pull.changed)
    .bind(pull.deleted)
    .bind(pull.quarantined)
    .bind(pull.first_asked_seq)
    .bind(pull.paused_until)
    .bind(pull.message.as_deref())
    .bind(pull.cause.map(Cause::key))
    .bind(pull.failed_attempts)
    .bind(pull.gone)
    .run(tx)
    .await?;
    Ok(())
}

pub(crate) fn of_row(row: &Row) -> Result<Pull> {
    let data_type = row.text("data_type")?;
    Ok(Pull {
        app: AppId(row.uuid("app_id")?),
        id: PullId(row.uuid("pull_id")?),
        run: RunId(row.uuid("run_id")?),
        company: CompanyId(row.uuid("company_id")?),
        connection: ConnectionId(row.uuid("connection_id")?),
        data_type: data_type
            .parse()
            .map_err(|_| Error::Corrupt { column: "data_type" })?,
        state: state_of(row.text("state")?, row.opt_at("finished_at")?)?,
        publication: PublicationId(row.uuid("publication_id")?),
        first_load: row.bool("first_load")?,
        window: row.opt_json("history_window")?.unwrap_or_default(),
        requested_at: row.at("requested_at")?,
        first_asked_seq: row.opt_int("first_asked_seq")?,
        feeds_left: row.int("feeds_left")?,
        read: row.int("read_count")?,
        gone: row.int("gone_count")?,
        expected: row.opt_int("expected_count")?,
        changed: row.int("changed_count")?,
        deleted: row.int("deleted_count")?,
        quarantined: row.int("quarantined_count")?,
        paused_until: row.opt_at("paused_until")?,
        message: row.opt_text("message")?,
        cause: row.opt_text("cause")?.and_then(|key| Cause::from_key(&key)),
        failed_attempts: row.opt_int("failed_attempts")?,
    })
}

pub(crate) fn state_of(key: String, finished_at: Option<Timestamp>) -> Result<PullState> {
    PullState::from_key(&key, finished_at).ok_or(Error::Corrupt { column: "state" })
}
