use std::sync::Arc;
use std::time::Duration;

use ledgerline_model::grant::{Grant, Tokens};
use ledgerline_model::{AppId, Clock, GrantId, Secret};
use ledgerline_platform::{Cx, Error as PlatformError, Platform, Sent};
use ledgerline_store::grants::{self, Attempt};
use ledgerline_store::{Store, Tx};
use tracing::{info, warn};

use super::state::{After, Need, Step, after, next};
use super::{Error, lost, wait_for_lease};
use crate::Engine;

/// An access token that the platform will accept for some minutes.
pub async fn access_token(engine: &Engine, app: AppId, id: GrantId) -> Result<Secret, Error> {
    obtain(engine, app, id, Need::Valid).await
}

/// The stored access token, if it need not be refreshed.
pub(crate) async fn token_at_hand(
    engine: &Engine,
    tx: &mut Tx,
    app: AppId,
    id: GrantId,
) -> Result<Option<Secret>, ledgerline_store::Error> {
    let grant = grants::find(tx, app, id).await?;
    Ok(match grant.map(|grant| next(&grant, Need::Valid, engine.now())) {
        Some(Step::Use(token)) => Some(token),
        Some(Step::Refresh(_) | Step::NeedsReauth | Step::Cut) | None => None,
    })
}

/// Another access token than the one that the platform refused: the one that somebody else stored meanwhile,
/// else a refreshed one.
pub async fn force_refresh_after_401(
    engine: &Engine,
    app: AppId,
    id: GrantId,
    refused: &Secret,
) -> Result<Secret, Error> {
    obtain(engine, app, id, Need::Other(refused)).await
}

/// Looks at a grant that somebody else refreshes: 100 ms apart, so longer than all presentations of a token take.
const LOOKS: u32 = 2000;

async fn obtain(engine: &Engine, app: AppId, id: GrantId, need: Need<'_>) -> Result<Secret, Error> {
    for _ in 0..LOOKS {
        let mut tx = engine.store.read().await?;
        let grant = grants::find(&mut tx, app, id).await?.ok_or(Error::NotFound)?;
        drop(tx);
        match next(&grant, need, engine.now()) {
            Step::Use(token) => return Ok(token),
            Step::NeedsReauth => return Err(Error::NeedsReauth("consent is gone".into())),
            Step::Cut => return Err(Error::Cut),
            Step::Refresh(_) => {}
        }
        let (platform, cx) = super::way_out(engine, &grant).await?;
        match begin(engine, app, id, need).await? {
            Begun::Busy => wait_for_lease().await,
            Begun::Moved => {}
            Begun::Leased(lease) => finish(engine, platform, cx, *lease).await?,
        }
    }
    Err(Error::Unavailable {
        reason: "others have been refreshing the token for too long".into(),
        retry_after: None,
    })
}

enum Begun {
    /// Somebody else refreshes.
    Busy,
    /// Somebody else has refreshed.
    Moved,
    Leased(Box<Lease>),
}

struct Lease {
    grant: Grant,
    tokens: Tokens,
    fence: i64,
    /// An earlier refresh with these tokens ended without an answer.
    interrupted: bool,
}

/// Longer than one presentation, and kept anew for each that follows: whoever dies in one keeps the others waiting for
/// no longer.
const LEASE: Duration = Duration::from_secs(60);

/// Become the only one who refreshes, and note that the platform will be asked before it is.
async fn begin(engine: &Engine, app: AppId, id: GrantId, need: Need<'_>) -> Result<Begun, Error> {
    let mut tx = engine.store.write().await?;
    let now = engine.real_now();
    let Some(fence) = grants::lease(&mut tx, app, id, now, now + LEASE).await? else {
        return Ok(Begun::Busy);
    };
    // The row is ours now: what it says stays true.
    let grant = grants::find(&mut tx, app, id).await?.ok_or(Error::NotFound)?;
    let Step::Refresh(tokens) = next(&grant, need, engine.now()) else {
        return Ok(Begun::Moved);
    };
    let before = grants::attempt(&mut tx, app, id).await?;
    let interrupted = before.is_some_and(|before| before.generation == grant.generation);
    let attempt = Attempt {
        generation: grant.generation,
        started_at: engine.now(),
    };
    grants::note_attempt(&mut tx, app, id, attempt).await?;
    tx.commit().await?;
    Ok(Begun::Leased(Box::new(Lease {
        grant,
        tokens,
        fence,
        interrupted,
    })))
}

/// Refresh in a task of its own: whoever waits for it may be cancelled, a rotated token may not be lost.
async fn finish(engine: &Engine, platform: Arc<dyn Platform>, cx: Cx, lease: Lease) -> Result<(), Error> {
    let (app, id, generation) = (lease.grant.app, lease.grant.id, lease.grant.generation);
    let refresher = Refresher {
        store: engine.store.clone(),
        clock: engine.clock.clone(),
        platform,
        cx,
        lease,
    };
    let ended = tokio::spawn(refresher.run())
        .await
        .map_err(|_| unavailable("the refresh was interrupted"))?;
    match ended {
        Ok(Ended::Refreshed) => Ok(()),
        // Somebody else refreshes by now, and what they store is read.
        Err(Error::Store(ledgerline_store::Error::LostLease)) => Ok(()),
        Err(error) => Err(error),
        Ok(Ended::Refused(reason)) => {
            if lost(engine, app, id, Some(generation), &reason).await? {
                Err(Error::NeedsReauth(reason))
            } else {
                // Somebody stored newer tokens while these were refused.
                Ok(())
            }
        }
    }
}

struct Refresher {
    store: Store,
    clock: Arc<dyn Clock>,
    platform: Arc<dyn Platform>,
    cx: Cx,
    lease: Lease,
}

enum Ended {
    Refreshed,
    Refused(String),
}

/// For one presentation of the refresh token.
const ANSWER_WITHIN: Duration = Duration::from_secs(45);

impl Refresher {
    async fn run(self) -> Result<Ended, Error> {
        let mut interrupted = self.lease.interrupted;
        for tries in 1.. {
            let asked = self.platform.refresh(&self.cx, &self.lease.tokens.refresh);
            let answer = tokio::time::timeout(ANSWER_WITHIN, asked)
                .await
                .unwrap_or_else(|_| {
                    Err(PlatformError::Unavailable {
                        sent: Sent::Maybe,
                        reason: "no answer came in time".into(),
                    })
                });
            let follows = after(&answer, tries);
            match (follows, answer) {
                (After::Repeat, _) => {
                    self.keep_lease().await?;
                    interrupted = true;
                }
                (After::Store, Ok(tokens)) => {
                    self.keep(&tokens).await?;
                    return Ok(Ended::Refreshed);
                }
                (After::Refused, Err(error)) => {
                    if self.fall_back().await? {
                        return Ok(Ended::Refreshed);
                    }
                    self.end(true).await?;
                    let reason = if interrupted {
                        "the platform renewed the tokens, but its answer was lost".to_owned()
                    } else {
                        error.to_string()
                    };
                    return Ok(Ended::Refused(reason));
                }
                (After::Later { attempted }, Err(error)) => {
                    self.end(!attempted).await?;
                    return Err(later(error));
                }
                // `after` says Store of tokens only, and nothing else of them.
                (After::Store, Err(_)) | (After::Refused | After::Later { .. }, Ok(_)) => break,
            }
        }
        Err(unavailable("the platform did not answer"))
    }

    /// For another presentation; who finds that somebody else refreshes leaves it to them.
    async fn keep_lease(&self) -> Result<(), Error> {
        let mut tx = self.store.write().await?;
        let (app, id) = (self.lease.grant.app, self.lease.grant.id);
        let until = self.clock.real_now() + LEASE;
        grants::keep_lease(&mut tx, app, id, self.lease.fence, until).await?;
        Ok(tx.commit().await?)
    }

    /// Store the new tokens before anybody uses them. A busy database is asked again, since the old tokens
    /// may be worthless by now.
    async fn keep(&self, tokens: &Tokens) -> Result<(), Error> {
        let mut result = self.try_to_keep(tokens).await;
        for _ in 0..50 {
            match result {
                Ok(()) => return Ok(()),
                Err(error) => {
                    warn!(grant.id = %self.lease.grant.id, %error, "Storing refreshed tokens failed")
                }
            }
            wait_for_lease().await;
            result = self.try_to_keep(tokens).await;
        }
        result.map_err(Error::Store)
    }

    async fn try_to_keep(&self, tokens: &Tokens) -> ledgerline_store::Result<()> {
        let (app, id) = (self.lease.grant.app, self.lease.grant.id);
        let mut tx = self.store.write().await?;
        // Also once the lease has ended: a token that the platform issued is not thrown away.
        let stored = grants::find(&mut tx, app, id).await?;
        match stored {
            Some(stored) if stored.generation == self.lease.grant.generation => {
                grants::renew(&mut tx, app, id, tokens, self.clock.now()).await?;
                grants::clear_attempt(&mut tx, app, id).await?;
                grants::clear_candidate(&mut tx, app, id).await?;
                info!(grant.id = %id, "Refreshed the tokens of a grant");
            }
            Some(stored) if stored.tokens.is_some() => {
                grants::keep_candidate(&mut tx, app, id, tokens, self.clock.now()).await?;
                warn!(grant.id = %id, "A refresh was overtaken by another; its tokens are kept");
            }
            // Cut meanwhile, with everything that it reached.
            Some(_) | None => {}
        }
        grants::release(&mut tx, app, id, self.lease.fence).await?;
        tx.commit().await
    }

    /// The platform refused the stored tokens: those of a refresh that was overtaken may be the good ones.
    async fn fall_back(&self) -> ledgerline_store::Result<bool> {
        let (app, id) = (self.lease.grant.app, self.lease.grant.id);
        let mut tx = self.store.write().await?;
        grants::check_lease(&mut tx, app, id, self.lease.fence).await?;
        let Some(tokens) = grants::take_candidate(&mut tx, app, id).await? else {
            return Ok(false);
        };
        grants::renew(&mut tx, app, id, &tokens, self.clock.now()).await?;
        grants::clear_attempt(&mut tx, app, id).await?;
        grants::release(&mut tx, app, id, self.lease.fence).await?;
        tx.commit().await?;
        info!(grant.id = %id, "The tokens of an overtaken refresh take the place of those that were refused");
        Ok(true)
    }

    /// No new tokens. The note of the attempt stays where the platform may have rotated the old ones.
    async fn end(&self, clear: bool) -> Result<(), Error> {
        let (app, id) = (self.lease.grant.app, self.lease.grant.id);
        let mut tx = self.store.write().await?;
        if clear {
            grants::clear_attempt(&mut tx, app, id).await?;
        }
        grants::release(&mut tx, app, id, self.lease.fence).await?;
        Ok(tx.commit().await?)
    }
}

fn later(error: PlatformError) -> Error {
    let retry_after = match &error {
        PlatformError::RateLimited { retry_after } => *retry_after,
        _ => None,
    };
    Error::Unavailable {
        reason: error.to_string(),
        retry_after,
    }
}

fn unavailable(reason: &str) -> Error {
    Error::Unavailable {
        reason: reason.into(),
        retry_after: None,
    }
}
