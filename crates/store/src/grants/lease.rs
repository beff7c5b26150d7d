use ledgerline_model::planted::{self, Bug};
use ledgerline_model::{AppId, GrantId, Timestamp};

use crate::db::sql;
use crate::{Error, Result, Tx};

/// Become the only one who may present the refresh token, until `until`; `None` while somebody else is.
/// Leases count in real time.
pub async fn lease(
    tx: &mut Tx,
    app: AppId,
    id: GrantId,
    real_now: Timestamp,
    until: Timestamp,
) -> Result<Option<i64>> {
    let free = if planted::is(Bug::RefreshWithoutLease) {
        "$3 = $3"
    } else {
        "(lease_until is null or lease_until <= $3)"
    };
    sql(format!(
        "update consent_grant set lease_until = $4, lease_fence = lease_fence + 1
         where app_id = $1 and grant_id = $2 and {free}
         returning lease_fence"
    ))
    .bind(app)
    .bind(id)
    .bind(real_now)
    .bind(until)
    .first(tx)
    .await?
    .map(|row| row.int("lease_fence"))
    .transpose()
}

/// Keep it until `until`, unless somebody else has it by now.
pub async fn keep_lease(tx: &mut Tx, app: AppId, id: GrantId, fence: i64, until: Timestamp) -> Result<()> {
    let kept = sql("update consent_grant set lease_until = $4
         where app_id = $1 and grant_id = $2 and lease_fence = $3 and lease_until is not null")
    .bind(app)
    .bind(id)
    .bind(fence)
    .bind(until)
    .run(tx)
    .await?;
    if kept == 0 { Err(Error::LostLease) } else { Ok(()) }
}

/// Make sure that the lease is still the caller's, and stays so until the transaction ends.
pub async fn check_lease(tx: &mut Tx, app: AppId, id: GrantId, fence: i64) -> Result<()> {
    let for_update = tx.dialect().for_update();
    let row = sql(format!(
        "select grant_id from consent_grant
         where app_id = $1 and grant_id = $2 and lease_fence = $3 and lease_until is not null{for_update}"
    ))
    .bind(app)
    .bind(id)
    .bind(fence)
    .first(tx)
    .await?;
    row.map(|_| ()).ok_or(Error::LostLease)
}

/// Let others have it; nothing happens if it was lost already.
pub async fn release(tx: &mut Tx, app: AppId, id: GrantId, fence: i64) -> Result<()> {
    sql("update consent_grant set lease_until = null where app_id = $1 and grant_id = $2 and lease_fence = $3")
        .bind(app)
        .bind(id)
        .bind(fence)
        .run(tx)
        .await?;
    Ok(())
}
