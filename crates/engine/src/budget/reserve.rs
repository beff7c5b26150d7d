use std::time::Duration;

use ledgerline_model::connection::Connection;
use ledgerline_model::{JobId, Timestamp};
use ledgerline_store::budgets;
use uuid::Uuid;

use super::{Error, Scope, scopes_of};
use crate::jobs::lease::later;
use crate::{Engine, pull};

/// So many requests of one job may be under way at once, where the platform sets no limit.
const UNLIMITED: u32 = 8;
/// Real time: longer than any request lasts. Who goes on says so in time.
const KEPT: Duration = Duration::from_secs(330);
const RENEWED: Duration = Duration::from_secs(100);

/// Requests for one organisation that a job may have under way at once. They count for everybody until they are
/// given back, the job has another holder, or some minutes after it has died.
pub(crate) struct Lanes {
    scope: Option<String>,
    calls: Vec<Uuid>,
    count: u32,
    kept_at: Timestamp,
}

/// Keep as many as there are, one left for whoever waits; `None`: all are taken at this moment.
pub(crate) async fn reserve(
    engine: &Engine,
    connection: &Connection,
    job: JobId,
) -> Result<Option<Lanes>, Error> {
    let scopes = scopes_of(engine, connection)?;
    let real_now = engine.real_now();
    let Some(scope) = scopes.0.iter().find(|scope| scope.at_once > 0) else {
        return Ok(Some(Lanes {
            scope: None,
            calls: Vec::new(),
            count: UNLIMITED,
            kept_at: real_now,
        }));
    };
    let lanes = places(engine, scope, job).await?;
    Ok((lanes.count > 0).then_some(lanes))
}

/// The places of one scope that the job can have now.
pub(super) async fn places(engine: &Engine, scope: &Scope, job: JobId) -> Result<Lanes, Error> {
    let real_now = engine.real_now();
    let others = scope.at_once.saturating_sub(pull::LANES).max(1);
    let wanted = others.saturating_sub(1).clamp(1, UNLIMITED);
    let mut lanes = Lanes {
        scope: Some(scope.key.clone()),
        calls: Vec::new(),
        count: 0,
        kept_at: real_now,
    };
    let mut tx = engine.store.write().await?;
    budgets::lock(&mut tx, &scope.key).await?;
    // A holder that was killed gave nothing back.
    budgets::end_calls_of(&mut tx, job).await?;
    for _ in 0..wanted {
        let call = engine.uuid();
        let until = later(real_now, KEPT);
        if !budgets::begin_call(&mut tx, &scope.key, call, others, real_now, until).await? {
            break;
        }
        budgets::reserve_call(&mut tx, call, job).await?;
        lanes.calls.push(call);
        lanes.count += 1;
    }
    tx.commit().await?;
    Ok(lanes)
}

impl Lanes {
    pub(crate) fn count(&self) -> usize {
        self.count as usize
    }

    /// Call it before each round of requests.
    pub(crate) async fn keep(&mut self, engine: &Engine) -> Result<(), Error> {
        let real_now = engine.real_now();
        if self.scope.is_some() && real_now >= later(self.kept_at, RENEWED) {
            let mut tx = engine.store.write().await?;
            for call in &self.calls {
                budgets::keep_call(&mut tx, *call, later(real_now, KEPT)).await?;
            }
            tx.commit().await?;
            self.kept_at = real_now;
        }
        Ok(())
    }

    pub(crate) async fn give_back(self, engine: &Engine) -> Result<(), Error> {
        if self.calls.is_empty() {
            return Ok(());
        }
        let mut tx = engine.store.write().await?;
        for call in self.calls {
            budgets::end_call(&mut tx, call).await?;
        }
        Ok(tx.commit().await?)
    }
}
