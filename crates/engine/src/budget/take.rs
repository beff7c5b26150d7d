use std::sync::Arc;
use std::time::Duration;

use ledgerline_model::{Clock, Timestamp};
use ledgerline_store::{Store, Tx, budgets};
use tracing::{info, warn};

use super::counts::{Answer, Ask, Counts};
use super::local::{Block, Budgets};
use super::purpose::Purpose;
use super::{Scope, Scopes};
use crate::Engine;
use crate::jobs::lease::later;
use crate::pull::LONGEST_PAUSE;

/// Why nothing may be asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The budget is used up, or the platform said so.
    #[error("nothing more may be asked of the platform before {0}")]
    Wait(Timestamp),
    #[error("the connection's platform is not configured, or has no organisation yet")]
    NotConfigured,
    #[error(transparent)]
    Store(#[from] ledgerline_store::Error),
}

/// What taking needs of the engine; outlives the job that asked.
#[derive(Clone)]
pub(super) struct Till {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub budgets: Arc<Budgets>,
}

impl Till {
    pub(super) fn of(engine: &Engine) -> Self {
        Self {
            store: engine.store.clone(),
            clock: engine.clock.clone(),
            budgets: engine.budgets.clone(),
        }
    }

    /// Until when the platform pauses, whoever of us was told.
    pub(super) async fn check_pause(&self, scopes: &Scopes) -> Result<(), Error> {
        let keys = match scopes.0.as_slice() {
            [] => return Ok(()),
            [one] => [one.key.as_str(); 2],
            [one, two, ..] => [one.key.as_str(), two.key.as_str()],
        };
        let mut tx = self.store.glance().await?;
        match budgets::paused_until(&mut tx, keys, self.clock.now()).await? {
            Some(until) => Err(Error::Wait(until)),
            None => Ok(()),
        }
    }

    /// So many requests of each scope, in their order; all of them or none.
    pub(super) async fn take(
        &self,
        scopes: &Scopes,
        purpose: Purpose,
        calls: u32,
    ) -> Result<Vec<Vec<Block>>, Error> {
        let mut taken = Vec::with_capacity(scopes.0.len());
        for scope in &scopes.0 {
            let held = self
                .budgets
                .take_out(&scope.key, purpose, calls, self.clock.now());
            let blocks = match held {
                Some(blocks) => Ok(blocks),
                None => self.take_from_store(scope, purpose, calls).await,
            };
            match blocks {
                Ok(blocks) => taken.push(blocks),
                Err(error) => {
                    self.put_back(scopes, purpose, taken);
                    return Err(error);
                }
            }
        }
        Ok(taken)
    }

    /// How many requests could be asked until then, as far as is known; nothing is taken.
    pub(super) async fn room_until(
        &self,
        scopes: &Scopes,
        purpose: Purpose,
        until: Timestamp,
    ) -> Result<u32, Error> {
        let now = self.clock.now();
        let mut room = u32::MAX;
        let mut tx = self.store.read().await?;
        for scope in &scopes.0 {
            let mut counts = self.look(&mut tx, scope, purpose).await?;
            room = room.min(counts.room_until(scope.windows, purpose, now, until.max(now)));
        }
        Ok(room)
    }

    /// How many of `most` requests could be asked now; less than `least` of them are none. Nothing is taken, and
    /// nothing written down.
    pub(super) async fn room(
        &self,
        scopes: &Scopes,
        purpose: Purpose,
        least: u32,
        most: u32,
    ) -> Result<u32, Error> {
        self.check_pause(scopes).await?;
        let now = self.clock.now();
        let mut room = most;
        let mut opens = None;
        let mut tx = self.store.read().await?;
        for scope in &scopes.0 {
            let mut counts = self.look(&mut tx, scope, purpose).await?;
            opens = opens.max(counts.opens_at(&Ask {
                windows: scope.windows,
                purpose,
                calls: least,
                now,
            }));
            room = room.min(counts.room_until(scope.windows, purpose, now, now));
        }
        match opens {
            Some(until) => Err(Error::Wait(until)),
            None => Ok(room),
        }
    }

    /// The counts as they would be if this process had given back what it holds.
    async fn look(&self, tx: &mut Tx, scope: &Scope, purpose: Purpose) -> Result<Counts, Error> {
        let mut counts = read(&budgets::look(tx, &scope.key).await?.counts);
        for block in self.budgets.blocks(&scope.key, purpose) {
            counts.give_back(scope.windows, purpose, block.calls, block.taken_at);
        }
        Ok(counts)
    }

    /// What was not used is there for the next.
    pub(super) fn put_back(&self, scopes: &Scopes, purpose: Purpose, taken: Vec<Vec<Block>>) {
        for (scope, blocks) in scopes.0.iter().zip(taken) {
            for block in blocks {
                self.budgets.hold(&scope.key, purpose, block);
            }
        }
    }

    async fn take_from_store(
        &self,
        scope: &Scope,
        purpose: Purpose,
        calls: u32,
    ) -> Result<Vec<Block>, Error> {
        let returned = self.budgets.drop_blocks(&scope.key, purpose);
        // As with pages: a power failure may undo it, a crash of ours does not.
        let mut tx = self.store.write_page().await?;
        let mut budget = budgets::lock(&mut tx, &scope.key).await?;
        let now = self.clock.now();
        if let Some(until) = budget.paused_until.filter(|until| *until > now) {
            return Err(Error::Wait(until));
        }
        let mut counts = read(&budget.counts);
        let has_returned = !returned.is_empty();
        for block in returned {
            counts.give_back(scope.windows, purpose, block.calls, block.taken_at);
        }
        for seen in self.budgets.seen(&scope.key) {
            counts.learn(scope.windows, seen, now);
        }
        let answer = counts.take(&Ask {
            windows: scope.windows,
            purpose,
            calls,
            now,
        });
        // Nothing has changed for a push that is told to wait; of a pull it is remembered.
        if has_returned || purpose == Purpose::Pull || matches!(answer, Answer::Taken { .. }) {
            budget.counts = write(&counts);
            budget.paused_until = None;
            budgets::save(&mut tx, &scope.key, &budget).await?;
            tx.commit().await?;
        }
        match answer {
            Answer::Wait(until) => Err(Error::Wait(until)),
            Answer::Taken { calls: taken, until } => {
                // A limit that is below what was asked for gives what it has.
                let calls = calls.min(taken);
                let block = |calls| Block {
                    calls,
                    taken_at: now,
                    until,
                };
                self.budgets.hold(&scope.key, purpose, block(taken - calls));
                Ok(vec![block(calls)])
            }
        }
    }

    /// What the platform said of its windows is written down at once, not only with the next block.
    pub(super) async fn learn(&self, scope: &Scope) -> Result<(), Error> {
        let mut tx = self.store.write_page().await?;
        let mut budget = budgets::lock(&mut tx, &scope.key).await?;
        let mut counts = read(&budget.counts);
        for seen in self.budgets.seen(&scope.key) {
            counts.learn(scope.windows, seen, self.clock.now());
        }
        budget.counts = write(&counts);
        budgets::save(&mut tx, &scope.key, &budget).await?;
        Ok(tx.commit().await?)
    }

    /// The platform says that it will answer nothing for so long. Kept in the store: a restart does not forget it.
    pub(super) async fn pause(&self, scope: &Scope, wait: Duration) -> Result<(), Error> {
        let until = later(self.clock.now(), wait.min(LONGEST_PAUSE));
        self.budgets.drop_scope(&scope.key);
        let mut tx = self.store.write().await?;
        let mut budget = budgets::lock(&mut tx, &scope.key).await?;
        budget.paused_until = budget.paused_until.max(Some(until));
        budgets::save(&mut tx, &scope.key, &budget).await?;
        tx.commit().await?;
        info!(scope = scope.key, %until, "The platform asks for a pause");
        Ok(())
    }
}

fn read(counts: &str) -> Counts {
    if counts.is_empty() {
        return Counts::default();
    }
    serde_json::from_str(counts).unwrap_or_else(|error| {
        warn!(%error, "A budget's counts cannot be read: they begin anew");
        Counts::default()
    })
}

fn write(counts: &Counts) -> String {
    serde_json::to_string(counts).unwrap_or_default()
}
