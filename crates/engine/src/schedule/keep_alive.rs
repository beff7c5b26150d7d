use jiff::SignedDuration;
use ledgerline_model::grant::State;
use ledgerline_model::{AppId, GrantId, Timestamp};
use ledgerline_store::{Tx, grants as stored, jobs as queue};
use serde::{Deserialize, Serialize};
use tracing::info;
use uuid::Uuid;

use super::KEEP_ALIVE;
use crate::jobs::lease::later;
use crate::{Engine, grants, jobs};

/// A consent that was not used for so long is refreshed. The strictest platform forgets it after twice that.
const IDLE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How often to look whether somebody wants an idle consent kept alive again.
const LOOK: SignedDuration = SignedDuration::from_hours(24);

/// Payload of `grant.keep_alive`.
#[derive(Serialize, Deserialize)]
struct KeepAlive {
    grant: Uuid,
}

/// See that the consent does not die of idleness.
pub(crate) async fn watch(
    tx: &mut Tx,
    app: AppId,
    grant: GrantId,
    refreshed_at: Timestamp,
) -> Result<(), jobs::Error> {
    let payload =
        serde_json::to_string(&KeepAlive { grant: grant.0 }).map_err(|cause| jobs::Error::Payload {
            kind: KEEP_ALIVE.into(),
            cause,
        })?;
    let key = format!("{KEEP_ALIVE}:{grant}");
    let run_at = add(refreshed_at, IDLE);
    Ok(queue::set_timer(tx, app, KEEP_ALIVE, &key, &payload, Some(run_at)).await?)
}

/// Run the job: refresh a consent that was idle for 30 days, if a linked company wants it kept alive; then look
/// again in 30 days. It ends with the consent, and begins with the next one.
pub(crate) async fn keep_alive(engine: &Engine, job: &jobs::Job) -> Result<(), jobs::Error> {
    let KeepAlive { grant } = jobs::payload(job)?;
    let id = GrantId(grant);
    let again = match look(engine, job, id).await? {
        Look::Ended => None,
        Look::Later(at) => Some(at),
        Look::Idle(tokens) => {
            match grants::force_refresh_after_401(engine, job.app, id, &tokens.access).await {
                Ok(_) => {
                    info!(grant.id = %id, "Kept an idle consent alive");
                    Some(add(engine.now(), IDLE))
                }
                Err(grants::Error::NotFound | grants::Error::NeedsReauth(_) | grants::Error::Cut) => None,
                Err(grants::Error::Store(error)) => return Err(error.into()),
                Err(error @ grants::Error::Unavailable { retry_after, .. }) => match retry_after {
                    Some(pause) => Some(later(engine.now(), pause)),
                    None => return Err(jobs::Error::Failed(error.to_string())),
                },
                // It may be configured again.
                Err(grants::Error::NotConfigured(_)) => Some(add(engine.now(), LOOK)),
            }
        }
    };
    let mut tx = engine.store.write().await?;
    match again {
        Some(at) => queue::postpone(&mut tx, job.id, job.fence, at, 0).await?,
        None => queue::done(&mut tx, job.id, job.fence).await?,
    }
    tx.commit().await?;
    Ok(())
}

enum Look {
    Ended,
    Later(Timestamp),
    Idle(ledgerline_model::grant::Tokens),
}

async fn look(engine: &Engine, job: &jobs::Job, id: GrantId) -> Result<Look, jobs::Error> {
    let mut tx = engine.store.read().await?;
    let grant = stored::find(&mut tx, job.app, id).await?;
    let grant = grant.filter(|grant| grant.state == State::Active);
    let Some((tokens, refreshed_at)) = grant.and_then(|grant| Some((grant.tokens?, grant.refreshed_at)))
    else {
        return Ok(Look::Ended);
    };
    let idle_at = add(refreshed_at, IDLE);
    if idle_at > engine.now() {
        return Ok(Look::Later(idle_at));
    }
    if !stored::is_kept_alive(&mut tx, job.app, id).await? {
        return Ok(Look::Later(add(engine.now(), LOOK)));
    }
    Ok(Look::Idle(tokens))
}

fn add(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}
