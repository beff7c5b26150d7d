use ledgerline_model::run::{DataStatus, PullState};
use ledgerline_model::{AppId, ConnectionId, DataType, PublicationId, PullId, Timestamp, Window};

use crate::db::{Row, Value, json, rows_of, sql};
use crate::{Error, Result, Tx};

/// How fresh each data type of a connection is, for those that were ever asked for.
pub async fn of_connection(tx: &mut Tx, app: AppId, connection: ConnectionId) -> Result<Vec<DataStatus>> {
    sql(
        "select s.data_type, s.latest_pull_id, s.success_pull_id, s.success_at, s.records, p.state, p.finished_at
         from data_status s
         join pull p on p.app_id = s.app_id and p.pull_id = s.latest_pull_id
         where s.app_id = $1 and s.connection_id = $2
         order by s.data_type",
    )
    .bind(app)
    .bind(connection)
    .all(tx)
    .await?
    .iter()
    .map(of_row)
    .collect()
}

/// Pulls of these types were asked for, in a Run that starts: see [`started`].
pub async fn requested(
    tx: &mut Tx,
    app: AppId,
    connection: ConnectionId,
    asked: &[(DataType, PullId)],
    at: Timestamp,
    scheduled: bool,
) -> Result<()> {
    if asked.is_empty() {
        return Ok(());
    }
    let rows = rows_of(asked.len(), 4, 2, |own| {
        format!("($1, $2, {}, {}, $3, $4)", own[0], own[1])
    });
    sql(format!(
        "insert into data_status (app_id, connection_id, data_type, latest_pull_id, started_at, scheduled_at)
         values {rows}
         on conflict (app_id, connection_id, data_type) do update
         set latest_pull_id = excluded.latest_pull_id, started_at = excluded.started_at,
             scheduled_at = coalesce(excluded.scheduled_at, data_status.scheduled_at)"
    ))
    .bind(app)
    .bind(connection)
    .bind(at)
    .bind(scheduled.then_some(at))
    .bind_all(
        asked
            .iter()
            .flat_map(|(data_type, pull)| [Value::from(data_type.key()), (*pull).into()]),
    )
    .run(tx)
    .await?;
    Ok(())
}

/// A Run that reads the type has started: its schedule counts from here. Whether it is the type's Run of a period
/// (the first one, or one by schedule) says `scheduled`.
pub async fn started(
    tx: &mut Tx,
    app: AppId,
    connection: ConnectionId,
    data_type: DataType,
    at: Timestamp,
    scheduled: bool,
) -> Result<()> {
    sql("update data_status
         set started_at = $4, scheduled_at = case when $5 then $4 else scheduled_at end
         where app_id = $1 and connection_id = $2 and data_type = $3")
    .bind(app)
    .bind(connection)
    .bind(data_type.key())
    .bind(at)
    .bind(scheduled)
    .run(tx)
    .await?;
    Ok(())
}

/// When a type was last read, as its schedule sees it.
#[derive(Clone, Debug)]
pub struct Pace {
    pub data_type: DataType,
    pub started_at: Option<Timestamp>,
    /// Of the last Run that was its first or by schedule.
    pub scheduled_at: Option<Timestamp>,
    /// Whether it is being read, or when it last was.
    pub state: PullState,
    pub success_at: Option<Timestamp>,
    /// Readers see it.
    pub is_published: bool,
    /// The widest window that was read to its end.
    pub covered: Option<Window>,
}

/// Of all types of the connection that were ever asked for.
pub async fn paces(tx: &mut Tx, app: AppId, connection: ConnectionId) -> Result<Vec<Pace>> {
    sql(
        "select s.data_type, s.started_at, s.scheduled_at, s.success_at, s.publication_id, s.covered_window,
                p.state, p.finished_at
         from data_status s
         join pull p on p.app_id = s.app_id and p.pull_id = s.latest_pull_id
         where s.app_id = $1 and s.connection_id = $2
         order by s.data_type",
    )
    .bind(app)
    .bind(connection)
    .all(tx)
    .await?
    .iter()
    .map(|row| {
        let data_type = row.text("data_type")?;
        Ok(Pace {
            data_type: data_type
                .parse()
                .map_err(|_| Error::Corrupt { column: "data_type" })?,
            started_at: row.opt_at("started_at")?,
            scheduled_at: row.opt_at("scheduled_at")?,
            state: crate::pulls::state_of(row.text("state")?, row.opt_at("finished_at")?)?,
            success_at: row.opt_at("success_at")?,
            is_published: row.opt_uuid("publication_id")?.is_some(),
            covered: row.opt_json("covered_window")?,
        })
    })
    .collect()
}

/// A window of the type was read to its end: what is narrower need not be read anew.
pub async fn cover(
    tx: &mut Tx,
    app: AppId,
    connection: ConnectionId,
    data_type: DataType,
    window: &Window,
) -> Result<()> {
    sql("update data_status set covered_window = $4
         where app_id = $1 and connection_id = $2 and data_type = $3")
    .bind(app)
    .bind(connection)
    .bind(data_type.key())
    .bind(json(window, "covered_window")?)
    .run(tx)
    .await?;
    Ok(())
}

/// What readers see of the type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Published {
    pub publication: PublicationId,
    /// Live records.
    pub records: i64,
}

/// How far a type has come.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// `None`: it cannot be read yet.
    pub published: Option<Published>,
    /// The widest window that was read to its end.
    pub covered: Option<Window>,
}

pub async fn standing(
    tx: &mut Tx,
    app: AppId,
    connection: ConnectionId,
    data_type: DataType,
) -> Result<Standing> {
    let row = sql("select publication_id, records, covered_window from data_status
         where app_id = $1 and connection_id = $2 and data_type = $3")
    .bind(app)
    .bind(connection)
    .bind(data_type.key())
    .first(tx)
    .await?;
    let Some(row) = row else {
        return Ok(Standing::default());
    };
    let records = row.int("records")?;
    Ok(Standing {
        published: row.opt_uuid("publication_id")?.map(|id| Published {
            publication: PublicationId(id),
            records,
        }),
        covered: row.opt_json("covered_window")?,
    })
}

/// A Pull of the type has ended well: readers see its publication from now on.
pub async fn succeeded(
    tx: &mut Tx,
    app: AppId,
    connection: ConnectionId,
    data_type: DataType,
    pull: PullId,
    published: Published,
    at: Timestamp,
) -> Result<()> {
    sql("update data_status
         set success_pull_id = $4, success_at = $5, publication_id = $6, records = $7
         where app_id = $1 and connection_id = $2 and data_type = $3")
    .bind(app)
    .bind(connection)
    .bind(data_type.key())
    .bind(pull)
    .bind(at)
    .bind(published.publication)
    .bind(published.records)
    .run(tx)
    .await?;
    Ok(())
}

/// A Run's closing pass has changed the type: `appeared` more live records than before (negative: fewer).
pub async fn republished(
    tx: &mut Tx,
    app: AppId,
    connection: ConnectionId,
    data_type: DataType,
    publication: PublicationId,
    appeared: i64,
) -> Result<()> {
    sql("update data_status
         set publication_id = $4, records = records + $5
         where app_id = $1 and connection_id = $2 and data_type = $3")
    .bind(app)
    .bind(connection)
    .bind(data_type.key())
    .bind(publication)
    .bind(appeared)
    .run(tx)
    .await?;
    Ok(())
}

fn of_row(row: &Row) -> Result<DataStatus> {
    let success = row.opt_uuid("success_pull_id")?.zip(row.opt_at("success_at")?);
    Ok(DataStatus {
        data_type: row
            .text("data_type")?
            .parse()
            .map_err(|_| Error::Corrupt { column: "data_type" })?,
        state: crate::pulls::state_of(row.text("state")?, row.opt_at("finished_at")?)?,
        latest_pull: PullId(row.uuid("latest_pull_id")?),
        last_success: success.map(|(pull, at)| (PullId(pull), at)),
        records: row.int("records")?,
    })
}
