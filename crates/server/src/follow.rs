use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use ledgerline_engine::Engine;
use ledgerline_engine::clock::SystemClock;
use ledgerline_engine::clock::facts::{OFFSET, WORLD};
use ledgerline_model::Clock;
use ledgerline_store::{Store, facts, jobs};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use url::Url;

/// How long one poll may hang at the sandbox.
const WAIT: Duration = Duration::from_secs(20);

/// How long the first answer is waited for.
const GREETING: Duration = Duration::from_secs(5);

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reading {
    offset_micros: i64,
}

/// Use the stored offset from the first moment after a restart.
pub async fn restore_offset(store: &Store, clock: &SystemClock) -> anyhow::Result<()> {
    let mut tx = store.read().await?;
    if let Some(offset) = facts::get(&mut tx, OFFSET).await? {
        clock.move_to(offset.parse()?);
    }
    Ok(())
}

/// A server that goes by its sandbox's clock.
pub struct Follower {
    engine: Arc<Engine>,
    clock: Arc<SystemClock>,
    sandbox: Url,
    /// What the sandbox knows it by.
    name: String,
}

impl Follower {
    pub fn new(engine: Arc<Engine>, clock: Arc<SystemClock>, sandbox: Url) -> Self {
        let name = engine.uuid().to_string();
        Self {
            engine,
            clock,
            sandbox,
            name,
        }
    }

    /// Be heard of once before the first request is served, so that whoever waits for the followers to settle
    /// waits for this one too. A sandbox that does not answer holds nobody up for long.
    pub async fn greet(&self) {
        let patience = self.engine.now() + GREETING;
        tokio::select! {
            polled = self.poll(Duration::ZERO) => if let Err(error) = polled {
                warn!(%error, "Could not ask the sandbox for the time");
            },
            () = self.engine.clock.sleep_until(patience) => warn!("The sandbox does not tell the time"),
        }
    }

    /// Long-poll the sandbox's clock until `stop`: the offset is stored before it is used.
    pub async fn follow(self, stop: CancellationToken) {
        loop {
            let polled = tokio::select! {
                () = stop.cancelled() => return,
                polled = self.poll(WAIT) => polled,
            };
            match polled {
                Ok(true) => self.engine.work.notify_waiters(),
                Ok(false) => {}
                Err(error) => {
                    warn!(%error, "Could not ask the sandbox for the time");
                    let again = self.engine.now() + Duration::from_secs(1);
                    tokio::select! {
                        () = stop.cancelled() => return,
                        () = self.engine.clock.sleep_until(again) => {}
                    }
                }
            }
        }
    }

    /// One poll; whether time was moved.
    async fn poll(&self, wait: Duration) -> anyhow::Result<bool> {
        let Self { engine, clock, .. } = self;
        let mut tx = engine.store.read().await?;
        let busy = jobs::due_count(&mut tx, engine.now()).await? > 0;
        let world = facts::get(&mut tx, WORLD).await?;
        drop(tx);
        let url = format!(
            "{}/_sandbox/clock?offset={}&busy={busy}&follower={}&wait={}",
            self.sandbox.as_str().trim_end_matches('/'),
            clock.offset_micros(),
            self.name,
            if busy {
                wait.as_secs().min(1)
            } else {
                wait.as_secs()
            },
        );
        let answer = engine
            .http
            .send(http::Request::get(url).body(Bytes::new())?)
            .await?;
        let reading: Reading = serde_json::from_slice(&answer.body)?;
        let said = reading.offset_micros.to_string();
        let moves = reading.offset_micros > clock.offset_micros();
        if moves || world.as_ref() != Some(&said) {
            let mut tx = engine.store.write().await?;
            facts::set(&mut tx, WORLD, &said).await?;
            if moves {
                facts::set(&mut tx, OFFSET, &said).await?;
            }
            tx.commit().await?;
        }
        if !moves {
            return Ok(false);
        }
        clock.move_to(reading.offset_micros);
        info!(
            offset_seconds = reading.offset_micros / 1_000_000,
            "Moved with the sandbox's clock"
        );
        Ok(true)
    }
}
