use ledgerline_model::push::{End, Outcome, Push, PushState};
use ledgerline_model::{AppId, CompanyId, ConnectionId, PushId};

use super::rows::storable;
use crate::db::{Row, sql};
use crate::{Error, Result, Tx};

const COLUMNS: &str = "app_id, push_id, company_id, connection_id, version, state, outcome, message, \
                       exception_message, requested_at, finished_at, last_progress_at, data_pushed";

/// Begin one. The caller holds the company and has seen that none runs.
pub async fn insert(tx: &mut Tx, push: &Push) -> Result<()> {
    sql(
        "insert into push (app_id, push_id, company_id, connection_id, version, state, requested_at,
                           last_progress_at)
         values ($1, $2, $3, $4, $5, 'running', $6, $7)",
    )
    .bind(push.app)
    .bind(push.id)
    .bind(push.company)
    .bind(push.connection)
    .bind(push.version)
    .bind(push.requested_at)
    .bind(push.last_progress_at)
    .run(tx)
    .await?;
    Ok(())
}

/// Write what can change of it.
pub async fn save(tx: &mut Tx, push: &Push) -> Result<()> {
    let end = match &push.state {
        PushState::Running => None,
        PushState::Ended(end) => Some(end),
    };
    sql(
        "update push set state = $3, outcome = $4, message = $5, exception_message = $6, finished_at = $7,
             last_progress_at = $8, data_pushed = $9
         where app_id = $1 and push_id = $2",
    )
    .bind(push.app)
    .bind(push.id)
    .bind(if end.is_some() { "ended" } else { "running" })
    .bind(end.map(|end| end.outcome.key()))
    .bind(end.map_or_else(String::new, |end| storable(&end.message)))
    .bind(end.map_or_else(String::new, |end| storable(&end.exception)))
    .bind(end.map(|end| end.at))
    .bind(push.last_progress_at)
    .bind(push.data_pushed)
    .run(tx)
    .await?;
    Ok(())
}

pub async fn find(tx: &mut Tx, app: AppId, company: CompanyId, id: PushId) -> Result<Option<Push>> {
    sql(format!(
        "select {COLUMNS} from push where app_id = $1 and company_id = $2 and push_id = $3"
    ))
    .bind(app)
    .bind(company)
    .bind(id)
    .first(tx)
    .await?
    .map(|row| read(&row))
    .transpose()
}

/// The one that runs.
pub async fn running(tx: &mut Tx, app: AppId, company: CompanyId) -> Result<Option<Push>> {
    sql(format!(
        "select {COLUMNS} from push where app_id = $1 and company_id = $2 and state = 'running'"
    ))
    .bind(app)
    .bind(company)
    .first(tx)
    .await?
    .map(|row| read(&row))
    .transpose()
}

/// The newest, whether it has ended or not.
pub async fn latest(tx: &mut Tx, app: AppId, company: CompanyId) -> Result<Option<Push>> {
    Ok(list(tx, app, company, 1).await?.pop())
}

/// The newest that was a success.
pub async fn last_successful(tx: &mut Tx, app: AppId, company: CompanyId) -> Result<Option<Push>> {
    sql(format!(
        "select {COLUMNS} from push
         where app_id = $1 and company_id = $2 and outcome in ('written', 'nothing_to_write')
         order by requested_at desc, push_id desc limit 1"
    ))
    .bind(app)
    .bind(company)
    .first(tx)
    .await?
    .map(|row| read(&row))
    .transpose()
}

/// The newest, newest first.
pub async fn list(tx: &mut Tx, app: AppId, company: CompanyId, limit: i64) -> Result<Vec<Push>> {
    sql(format!(
        "select {COLUMNS} from push where app_id = $1 and company_id = $2
         order by requested_at desc, push_id desc limit $3"
    ))
    .bind(app)
    .bind(company)
    .bind(limit)
    .all(tx)
    .await?
    .iter()
    .map(read)
    .collect()
}

fn read(row: &Row) -> Result<Push> {
    let state = match row.text("state")?.as_str() {
        "running" => PushState::Running,
        "ended" => PushState::Ended(End {
            at: row.at("finished_at")?,
            outcome: row.key("outcome", Outcome::from_key)?,
            message: row.text("message")?,
            exception: row.text("exception_message")?,
        }),
        _ => return Err(Error::Corrupt { column: "state" }),
    };
    Ok(Push {
        app: AppId(row.uuid("app_id")?),
        id: PushId(row.uuid("push_id")?),
        company: CompanyId(row.uuid("company_id")?),
        connection: ConnectionId(row.uuid("connection_id")?),
        version: row.int("version")?,
        state,
        requested_at: row.at("requested_at")?,
        last_progress_at: row.at("last_progress_at")?,
        data_pushed: row.bool("data_pushed")?,
    })
}
