use ledgerline_model::{AppId, DeliveryId, EndpointId, Timestamp};

use crate::db::{Value, sql};
use crate::{Result, Tx};

/// It was heard; once is enough, whatever an older attempt says later.
pub async fn succeeded(tx: &mut Tx, app: AppId, id: DeliveryId, at: Timestamp, status: u16) -> Result<()> {
    sql(
        "update delivery set state = 'delivered', attempts = attempts + 1, next_at = null, delivered_at = $3,
             last_status = $4, last_error = null
         where app_id = $1 and delivery_id = $2 and state <> 'delivered'",
    )
    .bind(app)
    .bind(id)
    .bind(at)
    .bind(i64::from(status))
    .run(tx)
    .await?;
    Ok(())
}

/// It will be tried again at `next_at`. Without a status no answer came.
pub async fn failed_attempt(
    tx: &mut Tx,
    app: AppId,
    id: DeliveryId,
    status: Option<u16>,
    error: &str,
    next_at: Timestamp,
) -> Result<()> {
    sql(
        "update delivery set attempts = attempts + 1, next_at = $3, last_status = $4, last_error = $5
         where app_id = $1 and delivery_id = $2 and state = 'waiting'",
    )
    .bind(app)
    .bind(id)
    .bind(next_at)
    .bind(Value::Int(status.map(i64::from)))
    .bind(error)
    .run(tx)
    .await?;
    Ok(())
}

/// That was the last attempt.
pub async fn give_up(
    tx: &mut Tx,
    app: AppId,
    id: DeliveryId,
    status: Option<u16>,
    error: &str,
) -> Result<()> {
    sql(
        "update delivery set state = 'failed', attempts = attempts + 1, next_at = null, last_status = $3,
             last_error = $4
         where app_id = $1 and delivery_id = $2 and state = 'waiting'",
    )
    .bind(app)
    .bind(id)
    .bind(Value::Int(status.map(i64::from)))
    .bind(error)
    .run(tx)
    .await?;
    Ok(())
}

/// Bring all that waits for the endpoint forward to `now`; how many deliveries that were.
pub async fn pull_forward(tx: &mut Tx, app: AppId, endpoint: EndpointId, now: Timestamp) -> Result<u64> {
    sql("update delivery set next_at = $3
         where app_id = $1 and endpoint_id = $2 and state = 'waiting' and next_at > $3")
    .bind(app)
    .bind(endpoint)
    .bind(now)
    .run(tx)
    .await
}

/// Begin again, whatever became of it. Whether there is such a delivery.
pub async fn replay(tx: &mut Tx, app: AppId, id: DeliveryId, now: Timestamp) -> Result<bool> {
    let changed = sql(
        "update delivery set state = 'waiting', attempts = 0, next_at = $3, delivered_at = null
         where app_id = $1 and delivery_id = $2",
    )
    .bind(app)
    .bind(id)
    .bind(now)
    .run(tx)
    .await?;
    Ok(changed > 0)
}
