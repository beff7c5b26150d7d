use ledgerline_model::app::Environment;
use ledgerline_model::{AppId, CompanyId, DeliveryId, EndpointId, EventId, Timestamp};

use crate::db::{Row, Value, sql};
use crate::{Result, Tx};

/// What an attempt came to.
mod attempt;

pub use attempt::{failed_attempt, give_up, pull_forward, replay, succeeded};

const COLUMNS: &str = "delivery.app_id, delivery.delivery_id, delivery.event_id, delivery.endpoint_id, delivery.state, \
                       delivery.attempts, delivery.next_at, delivery.last_status, delivery.last_error, \
                       delivery.created_at, delivery.delivered_at";

/// One event for one endpoint.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Delivery {
    pub app: AppId,
    pub id: DeliveryId,
    pub event: EventId,
    pub endpoint: EndpointId,
    pub state: State,
    /// Made so far.
    pub attempts: i64,
    /// HTTP status of the last answer.
    pub last_status: Option<u16>,
    pub last_error: Option<String>,
    pub created_at: Timestamp,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    Waiting { next_at: Timestamp },
    Delivered { at: Timestamp },
    Failed,
}

/// A delivery as people look at it.
#[derive(Clone, Debug)]
pub struct Recent {
    pub delivery: Delivery,
    /// Our name of the event, e.g. `run.completed`.
    pub event_name: String,
    pub company: CompanyId,
    pub url: String,
}

/// `false`: the event is on its way to the endpoint already, and nothing is changed.
pub async fn insert(tx: &mut Tx, delivery: &Delivery) -> Result<bool> {
    let (state, next_at, delivered_at) = match delivery.state {
        State::Waiting { next_at } => ("waiting", Some(next_at), None),
        State::Delivered { at } => ("delivered", None, Some(at)),
        State::Failed => ("failed", None, None),
    };
    let inserted = sql(
        "insert into delivery (app_id, delivery_id, event_id, endpoint_id, state, attempts, next_at, last_status,
             last_error, created_at, delivered_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         on conflict (app_id, event_id, endpoint_id) do nothing",
    )
    .bind(delivery.app)
    .bind(delivery.id)
    .bind(delivery.event)
    .bind(delivery.endpoint)
    .bind(state)
    .bind(delivery.attempts)
    .bind(next_at)
    .bind(Value::Int(delivery.last_status.map(i64::from)))
    .bind(delivery.last_error.as_deref())
    .bind(delivery.created_at)
    .bind(delivered_at)
    .run(tx)
    .await?;
    Ok(inserted > 0)
}

pub async fn find(tx: &mut Tx, app: AppId, id: DeliveryId) -> Result<Option<Delivery>> {
    sql(format!(
        "select {COLUMNS} from delivery where app_id = $1 and delivery_id = $2"
    ))
    .bind(app)
    .bind(id)
    .first(tx)
    .await?
    .map(|row| read(&row))
    .transpose()
}

/// Those of any app whose time has come, to endpoints that are not disabled; the longest due first.
pub async fn due(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<Delivery>> {
    sql(format!(
        "select {COLUMNS} from delivery join endpoint
             on endpoint.app_id = delivery.app_id and endpoint.endpoint_id = delivery.endpoint_id
         where delivery.state = 'waiting' and delivery.next_at <= $1 and not endpoint.disabled
         order by delivery.next_at limit $2"
    ))
    .bind(now)
    .bind(limit)
    .all(tx)
    .await?
    .iter()
    .map(read)
    .collect()
}

/// The endpoint's deliveries that have not ended, the next one first.
pub async fn waiting_of(tx: &mut Tx, app: AppId, endpoint: EndpointId, limit: i64) -> Result<Vec<Delivery>> {
    sql(format!(
        "select {COLUMNS} from delivery where app_id = $1 and endpoint_id = $2 and state = 'waiting'
         order by next_at limit $3"
    ))
    .bind(app)
    .bind(endpoint)
    .bind(limit)
    .all(tx)
    .await?
    .iter()
    .map(read)
    .collect()
}

/// The newest of the app, newest first.
pub async fn recent(tx: &mut Tx, app: AppId, environment: Environment, limit: i64) -> Result<Vec<Recent>> {
    sql(format!(
        "select {COLUMNS}, event.name as event_name, event.company_id, endpoint.url
         from delivery
             join event on event.app_id = delivery.app_id and event.event_id = delivery.event_id
             join endpoint on endpoint.app_id = delivery.app_id and endpoint.endpoint_id = delivery.endpoint_id
         where delivery.app_id = $1 and event.environment = $2
         order by delivery.delivery_id desc limit $3"
    ))
    .bind(app)
    .bind(environment.key())
    .bind(limit)
    .all(tx)
    .await?
    .iter()
    .map(|row| {
        Ok(Recent {
            delivery: read(row)?,
            event_name: row.text("event_name")?,
            company: CompanyId(row.uuid("company_id")?),
            url: row.text("url")?,
        })
    })
    .collect()
}

fn read(row: &Row) -> Result<Delivery> {
    let (next_at, delivered_at) = (row.opt_at("next_at")?, row.opt_at("delivered_at")?);
    Ok(Delivery {
        app: AppId(row.uuid("app_id")?),
        id: DeliveryId(row.uuid("delivery_id")?),
        event: EventId(row.uuid("event_id")?),
        endpoint: EndpointId(row.uuid("endpoint_id")?),
        state: row.key("state", |key| match key {
            "waiting" => next_at.map(|next_at| State::Waiting { next_at }),
            "delivered" => delivered_at.map(|at| State::Delivered { at }),
            "failed" => Some(State::Failed),
            _ => None,
        })?,
        attempts: row.int("attempts")?,
        last_status: row
            .opt_int("last_status")?
            .and_then(|status| status.try_into().ok()),
        last_error: row.opt_text("last_error")?,
        created_at: row.at("created_at")?,
    })
}

#[cfg(test)]
mod tests;
