use ledgerline_model::planted::{self, Bug};
use ledgerline_model::{AppId, ConnectionId, DataType, PublicationId, PullId, RunId, Timestamp, micros};

use crate::db::{Value, rows_of, sql};
use crate::{Dialect, Error, Result, Tx};

/// Begin a publication of what we wrote ourselves, which nobody sees yet: it is of no Pull and no Run.
pub async fn insert_written(
    tx: &mut Tx,
    app: AppId,
    id: PublicationId,
    connection: ConnectionId,
    data_type: DataType,
) -> Result<()> {
    sql("insert into publication (app_id, publication_id, connection_id, data_type) values ($1, $2, $3, $4)")
        .bind(app)
        .bind(id)
        .bind(connection)
        .bind(data_type.key())
        .run(tx)
        .await?;
    Ok(())
}

/// Begin publications of a Run that nobody sees yet, one for each of these data types and Pulls.
pub async fn insert_all(
    tx: &mut Tx,
    app: AppId,
    connection: ConnectionId,
    run: RunId,
    begun: &[(PublicationId, DataType, PullId)],
) -> Result<()> {
    if begun.is_empty() {
        return Ok(());
    }
    let rows = rows_of(begun.len(), 3, 3, |own| {
        format!("($1, {}, $2, {}, {}, $3)", own[0], own[1], own[2])
    });
    let values = begun
        .iter()
        .flat_map(|(id, data_type, pull)| [Value::from(*id), data_type.key().into(), (*pull).into()]);
    sql(format!(
        "insert into publication (app_id, publication_id, connection_id, data_type, pull_id, run_id)
         values {rows}"
    ))
    .bind(app)
    .bind(connection)
    .bind(run)
    .bind_all(values)
    .run(tx)
    .await?;
    Ok(())
}

/// Forget publications that nobody has seen.
pub async fn forget(tx: &mut Tx, app: AppId, ids: &[PublicationId]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let listed: Vec<String> = (2..ids.len() + 2).map(|n| format!("${n}")).collect();
    sql(format!(
        "delete from publication where app_id = $1 and publication_id in ({}) and seq is null",
        listed.join(", ")
    ))
    .bind(app)
    .bind_all(ids.iter().map(|id| Value::from(*id)))
    .run(tx)
    .await?;
    Ok(())
}

/// Make it visible, as the next of the app and later than the one before. The transaction's last
/// statements: the lock on the app's row orders the commits and is held for the commit alone.
pub async fn publish(tx: &mut Tx, app: AppId, id: PublicationId, now: Timestamp) -> Result<()> {
    if planted::is(Bug::NumberWithoutLock) && tx.dialect() == Dialect::Postgres {
        return publish_by_a_sequence(tx, app, id, now).await;
    }
    publish_together(tx, app, &[id], now).await
}

/// Make several visible in one step: as the next of the app, at one and the same instant.
pub async fn publish_together(tx: &mut Tx, app: AppId, ids: &[PublicationId], now: Timestamp) -> Result<()> {
    let count = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    let row = sql("update app
         set seq = seq + $3,
             published_at = case when published_at < $2 then $2 else published_at + 1 end
         where app_id = $1
         returning seq, published_at")
    .bind(app)
    .bind(micros(now))
    .bind(count)
    .first(tx)
    .await?
    .ok_or(Error::Corrupt { column: "app_id" })?;
    let (last, at) = (row.int("seq")?, row.int("published_at")?);
    for (seq, id) in (last - count + 1..).zip(ids) {
        sql("update publication set seq = $3, at = $4 where app_id = $1 and publication_id = $2")
            .bind(app)
            .bind(*id)
            .bind(seq)
            .bind(at)
            .run(tx)
            .await?;
    }
    Ok(())
}

/// A publication of one data type of a connection, as its records are found.
pub(crate) struct Made {
    pub id: PublicationId,
    pub connection: ConnectionId,
    /// It is the first load of its type.
    pub is_first: bool,
}

impl Made {
    /// The condition of the records that it made what they are; `$1` to `$4`: app, publication, connection, data type.
    pub(crate) const fn found(&self) -> &'static str {
        match self.is_first {
            // The index does not have them: they are most of what is stored of their type.
            true => "app_id = $1 and connection_id = $3 and data_type = $4 and publication_id = $2",
            false => {
                "app_id = $1 and publication_id = $2 and not is_first and $3 is not null and $4 is not null"
            }
        }
    }
}

/// Whether the publication `p` is the first load of its type.
pub(crate) const IS_FIRST: &str = "exists (
    select 1 from pull
    where pull.app_id = p.app_id and pull.pull_id = p.pull_id and pull.first_load
        and pull.publication_id = p.publication_id
)";

/// What a Run has made visible of a data type.
pub(crate) async fn of_run(tx: &mut Tx, app: AppId, run: RunId, data_type: DataType) -> Result<Vec<Made>> {
    sql(format!(
        "select p.publication_id, p.connection_id, {IS_FIRST} as is_first from publication p
         where p.app_id = $1 and p.run_id = $2 and p.data_type = $3 and coalesce(p.seq, 0) > 0
         order by p.seq"
    ))
    .bind(app)
    .bind(run)
    .bind(data_type.key())
    .all(tx)
    .await?
    .iter()
    .map(|row| {
        Ok(Made {
            id: PublicationId(row.uuid("publication_id")?),
            connection: ConnectionId(row.uuid("connection_id")?),
            is_first: row.bool("is_first")?,
        })
    })
    .collect()
}

/// Number of the app's last publication.
pub async fn last_seq(tx: &mut Tx, app: AppId) -> Result<i64> {
    sql("select seq from app where app_id = $1")
        .bind(app)
        .first(tx)
        .await?
        .map_or(Ok(0), |row| row.int("seq"))
}

/// Whether the data type was published after the app's publication of this number.
pub async fn any_since(
    tx: &mut Tx,
    app: AppId,
    connection: ConnectionId,
    data_type: DataType,
    seq: i64,
) -> Result<bool> {
    let later = sql("select 1 as one from publication
         where app_id = $1 and seq > $2 and connection_id = $3 and data_type = $4 limit 1");
    let later = later.bind(app).bind(seq).bind(connection).bind(data_type.key());
    Ok(later.first(tx).await?.is_some())
}

/// When the data type was last published at or before an instant.
pub async fn last_of_type(
    tx: &mut Tx,
    app: AppId,
    connection: ConnectionId,
    data_type: DataType,
    at_or_before: Timestamp,
) -> Result<Option<Timestamp>> {
    let row = sql("select max(at) as at from publication
         where app_id = $1 and connection_id = $2 and data_type = $3 and at <= $4")
    .bind(app)
    .bind(connection)
    .bind(data_type.key())
    .bind(at_or_before)
    .first(tx)
    .await?;
    row.map_or(Ok(None), |row| row.opt_at("at"))
}

/// Which Run each data type of a connection was of at an instant: the one that published it last by then. Those that
/// were not published by then are left out.
pub async fn runs_at(
    tx: &mut Tx,
    app: AppId,
    connection: ConnectionId,
    at: Timestamp,
) -> Result<Vec<(DataType, RunId)>> {
    let rows = sql("select s.data_type, (
             select p.run_id from publication p
             where p.app_id = $1 and p.connection_id = $2 and p.data_type = s.data_type and p.at <= $3
             order by p.at desc
             limit 1
         ) as run_id
         from data_status s
         where s.app_id = $1 and s.connection_id = $2
         order by s.data_type")
    .bind(app)
    .bind(connection)
    .bind(at)
    .all(tx)
    .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        if let Some(run) = row.opt_uuid("run_id")? {
            let data_type = row.text("data_type")?.parse();
            let data_type = data_type.map_err(|_| Error::Corrupt { column: "data_type" })?;
            found.push((data_type, RunId(run)));
        }
    }
    Ok(found)
}

/// Ids of the records of a type of which there are few that are as a Run published them, in their order.
pub async fn changed_by_run(tx: &mut Tx, app: AppId, run: RunId, data_type: DataType) -> Result<Vec<String>> {
    // In SQLite a cross join keeps the order in which it is written.
    sql("select r.remote_id from publication p
         cross join record r
         where p.app_id = $1 and p.run_id = $2 and p.data_type = $3
             and r.app_id = p.app_id and r.connection_id = p.connection_id and r.data_type = p.data_type
             and r.publication_id = p.publication_id
         order by r.remote_id")
    .bind(app)
    .bind(run)
    .bind(data_type.key())
    .all(tx)
    .await?
    .iter()
    .map(|row| row.text("remote_id"))
    .collect()
}

/// When a Run last published something.
pub async fn last_of_run(tx: &mut Tx, app: AppId, run: RunId) -> Result<Option<Timestamp>> {
    let row = sql("select max(at) as at from publication where app_id = $1 and run_id = $2")
        .bind(app)
        .bind(run)
        .first(tx)
        .await?;
    row.map_or(Ok(None), |row| row.opt_at("at"))
}

/// When the app last published anything; 1970 if it never did.
pub async fn last_at(tx: &mut Tx, app: AppId) -> Result<Timestamp> {
    let row = sql("select published_at from app where app_id = $1")
        .bind(app)
        .first(tx)
        .await?;
    row.map_or(Ok(Timestamp::UNIX_EPOCH), |row| row.at("published_at"))
}

/// When a publication became visible, if it has.
pub async fn at(tx: &mut Tx, app: AppId, id: PublicationId) -> Result<Option<Timestamp>> {
    let row = sql("select at from publication where app_id = $1 and publication_id = $2")
        .bind(app)
        .bind(id)
        .first(tx)
        .await?;
    row.map_or(Ok(None), |row| row.opt_at("at"))
}

/// What [`publish`] would be with a number of a sequence, which nobody has to wait for.
async fn publish_by_a_sequence(tx: &mut Tx, app: AppId, id: PublicationId, now: Timestamp) -> Result<()> {
    sql(
        "with number as materialized (select nextval('planted_number') as n),
              later as materialized (select n, pg_sleep(random() * 0.03) from number)
         update publication set seq = later.n, at = $3 + later.n
         from later where app_id = $1 and publication_id = $2",
    )
    .bind(app)
    .bind(id)
    .bind(micros(now))
    .run(tx)
    .await?;
    sql(
        "update app set seq = greatest(app.seq, p.seq), published_at = greatest(app.published_at, p.at)
         from publication p where p.app_id = app.app_id and p.publication_id = $2 and app.app_id = $1",
    )
    .bind(app)
    .bind(id)
    .run(tx)
    .await?;
    Ok(())
}
