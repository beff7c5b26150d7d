use std::time::Duration;

use ledgerline_model::connection::{Connection, Organisation};
use ledgerline_model::grant::{Grant, State};
use ledgerline_model::{AppId, GrantId, Timestamp, from_micros, micros};
use ledgerline_platform::Error as PlatformError;
use ledgerline_store::jobs::{self, Job, NewJob};
use ledgerline_store::{Tx, connections, grants};
use serde::{Deserialize, Serialize};
use tracing::{info, warn};

pub(super) use super::state::TO_CHOOSE;
use super::state::{Cut, cut as decide};
use super::{Error, access_token, way_out};
use crate::Engine;

/// Kind of the job that cuts at the platform what was cut here.
pub const CUT: &str = "grant.cut";

#[derive(Serialize, Deserialize)]
struct Payload {
    grant: uuid::Uuid,
    /// `None`: only look whether the grant serves anybody.
    organisation: Option<Organisation>,
    asked_at: i64,
}

/// In the transaction that cuts a connection here.
pub(crate) async fn cut_later(
    engine: &Engine,
    tx: &mut Tx,
    connection: &Connection,
) -> ledgerline_store::Result<()> {
    if let Some(grant) = connection.grant {
        let now = engine.now();
        enqueue(
            tx,
            connection.app,
            grant,
            connection.organisation.clone(),
            now,
            now,
        )
        .await?;
        engine.work.notify_one();
    }
    Ok(())
}

pub(super) async fn enqueue(
    tx: &mut Tx,
    app: AppId,
    grant: GrantId,
    organisation: Option<Organisation>,
    asked_at: Timestamp,
    run_at: Timestamp,
) -> ledgerline_store::Result<()> {
    let payload = Payload {
        grant: grant.0,
        organisation,
        asked_at: micros(asked_at),
    };
    let payload = serde_json::to_string(&payload)
        .map_err(|_| ledgerline_store::Error::Corrupt { column: "payload" })?;
    let job = NewJob {
        app,
        kind: CUT,
        payload,
        concurrency_key: Some(format!("{CUT}:{grant}")),
        run_at,
    };
    jobs::enqueue(tx, job).await?;
    Ok(())
}

/// Run the job: remove the organisation at the platform, or revoke the whole consent with its last
/// connection, and destroy the tokens; for 24 hours, then destroy them all the same.
pub async fn cut(engine: &Engine, job: &Job) -> ledgerline_store::Result<()> {
    let payload: Payload = serde_json::from_str(&job.payload)
        .map_err(|_| ledgerline_store::Error::Corrupt { column: "payload" })?;
    let (id, asked_at) = (GrantId(payload.grant), from_micros(payload.asked_at));
    let organisation = payload.organisation.as_ref();
    let mut tx = engine.store.write().await?;
    let now = engine.real_now();
    let Some(fence) = grants::lease(&mut tx, job.app, id, now, now + LEASE).await? else {
        let gone = grants::find(&mut tx, job.app, id).await?.is_none();
        return if gone {
            end(tx, job).await
        } else {
            again(engine, tx, job, 0).await
        };
    };
    let Some(grant) = grants::find(&mut tx, job.app, id).await? else {
        return end(tx, job).await;
    };
    let users = connections::of_grant(&mut tx, job.app, id).await?;
    let elsewhere =
        grants::count_subject_elsewhere(&mut tx, &grant.platform, &grant.subject, job.app).await? > 0;
    match decide(&grant, &users, organisation, elsewhere, asked_at, engine.now()) {
        Cut::Nothing => {
            grants::release(&mut tx, job.app, id, fence).await?;
            end(tx, job).await
        }
        Cut::Wait(until) => {
            grants::release(&mut tx, job.app, id, fence).await?;
            jobs::postpone(&mut tx, job.id, job.fence, until, 0).await?;
            tx.commit().await
        }
        Cut::Destroy => {
            grants::destroy_tokens(&mut tx, job.app, id).await?;
            grants::release(&mut tx, job.app, id, fence).await?;
            info!(grant.id = %id, "Destroyed the tokens of a cut consent");
            end(tx, job).await
        }
        Cut::RemoveOrganisation => {
            // The token's own refresh needs the lease.
            grants::release(&mut tx, job.app, id, fence).await?;
            tx.commit().await?;
            let removed = match organisation {
                Some(organisation) => remove(engine, &grant, organisation).await,
                None => Ok(()),
            };
            let tx = engine.store.write().await?;
            match removed {
                Ok(()) => end(tx, job).await,
                Err(reason) => failed(engine, tx, job, id, &reason).await,
            }
        }
        Cut::Revoke => {
            grants::set_state(&mut tx, job.app, id, State::Revoking).await?;
            tx.commit().await?;
            let revoked = revoke(engine, &grant).await;
            let mut tx = engine.store.write().await?;
            match revoked {
                Ok(()) => {
                    grants::check_lease(&mut tx, job.app, id, fence).await?;
                    grants::destroy_tokens(&mut tx, job.app, id).await?;
                    grants::release(&mut tx, job.app, id, fence).await?;
                    info!(grant.id = %id, "Revoked a consent and destroyed its tokens");
                    end(tx, job).await
                }
                Err(reason) => {
                    grants::release(&mut tx, job.app, id, fence).await?;
                    failed(engine, tx, job, id, &reason).await
                }
            }
        }
    }
}

/// Longer than the one call that is made under it.
const LEASE: Duration = Duration::from_secs(90);
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

async fn remove(engine: &Engine, grant: &Grant, organisation: &Organisation) -> Result<(), String> {
    let token = match access_token(engine, grant.app, grant.id).await {
        Ok(token) => token,
        // The platform cut it before us.
        Err(Error::NeedsReauth(_) | Error::Cut | Error::NotFound) => return Ok(()),
        Err(error) => return Err(error.to_string()),
    };
    let (platform, cx) = way_out(engine, grant).await.map_err(|error| error.to_string())?;
    gone_is_fine(platform.remove_organisation(&cx, &token, organisation).await)
}

async fn revoke(engine: &Engine, grant: &Grant) -> Result<(), String> {
    let Some(tokens) = &grant.tokens else {
        return Ok(());
    };
    let (platform, cx) = way_out(engine, grant).await.map_err(|error| error.to_string())?;
    let revoked = tokio::time::timeout(ANSWER_WITHIN, platform.revoke(&cx, tokens)).await;
    gone_is_fine(revoked.map_err(|_| "no answer came in time")?)
}

fn gone_is_fine(result: Result<(), PlatformError>) -> Result<(), String> {
    match result {
        Ok(()) | Err(PlatformError::NeedsReauth(..)) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

async fn end(mut tx: Tx, job: &Job) -> ledgerline_store::Result<()> {
    jobs::done(&mut tx, job.id, job.fence).await?;
    tx.commit().await
}

async fn failed(
    engine: &Engine,
    tx: Tx,
    job: &Job,
    id: GrantId,
    reason: &str,
) -> ledgerline_store::Result<()> {
    warn!(grant.id = %id, reason, "Cutting a consent at the platform failed; it will be tried again");
    again(engine, tx, job, 1).await
}

/// From a minute up to an hour apart.
async fn again(engine: &Engine, mut tx: Tx, job: &Job, failures: i64) -> ledgerline_store::Result<()> {
    let attempts = job.attempts + failures;
    let minutes = 1_u64 << u32::try_from(attempts.clamp(0, 6)).unwrap_or(0);
    let pause = Duration::from_secs(60 * minutes.min(60));
    jobs::postpone(&mut tx, job.id, job.fence, engine.now() + pause, attempts).await?;
    tx.commit().await
}
