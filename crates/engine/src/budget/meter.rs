use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use ledgerline_model::{Ids, from_micros, micros};
use ledgerline_platform::Sent;
use ledgerline_platform::http::{Answer, Gate, Http};
use ledgerline_store::budgets;
use tracing::warn;
use uuid::Uuid;

use super::counts::Seen;
use super::local::Block;
use super::purpose::Purpose;
use super::take::{Error, Till};
use super::{Places, Scope, Scopes, TURN};
use crate::jobs::lease::{chain, later};
use crate::{Engine, pull};

/// A way out on which each request is counted; `calls` of them are certain to be let out.
pub(super) async fn through(
    engine: &Engine,
    scopes: Scopes,
    purpose: Purpose,
    places: Places,
    calls: u32,
) -> Result<Http, Error> {
    let patience = match (purpose, places) {
        // Its app is told what the platform would say.
        (Purpose::PassThrough, _) => Duration::ZERO,
        (Purpose::Push, Places::OneByOne) => engine.config.patience.min(TURN),
        (Purpose::Pull | Purpose::Push, _) => engine.config.patience,
    };
    // Where a window is over within moments nothing is kept for later: each request waits for its turn.
    let calls = if scopes.is_brief() && !patience.is_zero() {
        1
    } else {
        calls
    };
    let till = Till::of(engine);
    let patient_until = later(till.clock.now(), patience);
    let mut meter = loop {
        let (till, ids, scopes) = (till.clone(), engine.ids.clone(), scopes.clone());
        match Meter::open(till, ids, scopes, purpose, places, calls).await {
            Err(Error::Wait(until)) if until <= patient_until => engine.clock.sleep_until(until).await,
            meter => break meter?,
        }
    };
    meter.patience = patience;
    Ok(engine.http.through(Arc::new(meter)))
}

/// Lets out what was taken, one by one, and tells the budgets what the platform says of them.
pub(super) struct Meter {
    till: Till,
    ids: Arc<dyn Ids>,
    scopes: Scopes,
    purpose: Purpose,
    places: Places,
    /// A request waits for so long in the middle of what it is for.
    patience: Duration,
    /// By scope; none where the scope has no windows.
    taken: Mutex<Vec<Vec<Block>>>,
    under_way: Mutex<Vec<Uuid>>,
}

/// Real time: longer than any request lasts.
const CALL: Duration = Duration::from_secs(330);
/// Until one of the requests under way has ended.
const A_MOMENT: Duration = Duration::from_secs(1);

#[async_trait]
impl Gate for Meter {
    async fn enter(&self) -> Result<(), ledgerline_platform::Error> {
        let patient_until = later(self.till.clock.now(), self.patience);
        while !self.use_one() {
            match self.till.take(&self.scopes, self.purpose, 1).await {
                Ok(more) => {
                    for (blocks, more) in self.taken().iter_mut().zip(more) {
                        blocks.extend(more);
                    }
                    // It is counted, and has grown too old meanwhile if the database is slow: not for ever.
                    if self.use_one() || self.till.clock.now() >= patient_until {
                        break;
                    }
                }
                Err(Error::Wait(until)) if until <= patient_until => {
                    self.till.clock.sleep_until(until).await;
                }
                Err(error) => return Err(self.refuse(error)),
            }
        }
        self.begin_call().await
    }

    async fn leave(&self, answer: Option<&Answer>) {
        let told = async {
            self.end_call().await?;
            match answer {
                Some(answer) if answer.status == http::StatusCode::TOO_MANY_REQUESTS => {
                    self.obey(answer).await
                }
                Some(answer) => self.learn(answer).await,
                None => Ok(()),
            }
        };
        if let Err(error) = told.await {
            warn!(error = %chain(&error), "What the platform says of its limits could not be kept");
        }
    }
}

impl Meter {
    pub(super) async fn open(
        till: Till,
        ids: Arc<dyn Ids>,
        scopes: Scopes,
        purpose: Purpose,
        places: Places,
        calls: u32,
    ) -> Result<Self, Error> {
        till.check_pause(&scopes).await?;
        let taken = till.take(&scopes, purpose, calls).await?;
        Ok(Self {
            till,
            ids,
            scopes,
            purpose,
            places,
            patience: Duration::ZERO,
            taken: Mutex::new(taken),
            under_way: Mutex::default(),
        })
    }

    /// One of each scope; those that have grown too old are given back.
    fn use_one(&self) -> bool {
        let now = self.till.clock.now();
        let mut taken = self.taken();
        let mut old = Vec::new();
        for blocks in taken.iter_mut() {
            let (good, bad) = std::mem::take(blocks)
                .into_iter()
                .partition(|block| block.is_good(now));
            *blocks = good;
            old.push(bad);
        }
        self.till.put_back(&self.scopes, self.purpose, old);
        let mut metered = taken.iter_mut().zip(&self.scopes.0);
        if metered.any(|(blocks, scope)| blocks.is_empty() && !scope.windows.is_empty()) {
            return false;
        }
        for blocks in taken.iter_mut() {
            if let Some(block) = blocks.first_mut() {
                block.calls -= 1;
            }
            blocks.retain(|block| block.calls > 0);
        }
        true
    }

    async fn begin_call(&self) -> Result<(), ledgerline_platform::Error> {
        let own = self.scopes.0.iter().find(|scope| scope.at_once > 0);
        let Some(scope) = own.filter(|_| self.places == Places::OneByOne) else {
            return Ok(());
        };
        let at_most = scope.at_once.saturating_sub(pull::LANES).max(1);
        match self.try_to_begin(scope, at_most).await {
            Ok(Some(call)) => {
                self.under_way().push(call);
                Ok(())
            }
            Ok(None) => Err(ledgerline_platform::Error::RateLimited {
                retry_after: Some(A_MOMENT),
            }),
            Err(error) => Err(self.refuse(error)),
        }
    }

    async fn try_to_begin(&self, scope: &Scope, at_most: u32) -> Result<Option<Uuid>, Error> {
        let clock = &self.till.clock;
        let real_now = from_micros(micros(clock.now()) - clock.offset_micros());
        let call = self.ids.uuid(clock.now());
        let mut tx = self.till.store.write().await?;
        budgets::lock(&mut tx, &scope.key).await?;
        let begun = budgets::begin_call(
            &mut tx,
            &scope.key,
            call,
            at_most,
            real_now,
            later(real_now, CALL),
        )
        .await?;
        tx.commit().await?;
        Ok(begun.then_some(call))
    }

    async fn end_call(&self) -> Result<(), Error> {
        let call = self.under_way().pop();
        if let Some(call) = call {
            let mut tx = self.till.store.write().await?;
            budgets::end_call(&mut tx, call).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// A pause is of the organisation, unless the platform names the app's limit.
    async fn obey(&self, answer: &Answer) -> Result<(), Error> {
        let Some(wait) = answer.retry_after() else {
            return Ok(());
        };
        let is_apps = |scope: &&Scope| {
            scope
                .problem
                .is_some_and(|(header, word)| answer.header(header) == Some(word))
        };
        let of_app = self.scopes.0.iter().any(|scope| is_apps(&scope));
        let scope = self.scopes.0.iter().find(|scope| scope.is_app == of_app);
        match scope.or(self.scopes.0.last()) {
            Some(scope) => self.till.pause(scope, wait).await,
            None => Ok(()),
        }
    }

    async fn learn(&self, answer: &Answer) -> Result<(), Error> {
        let at = self.till.clock.now();
        for scope in &self.scopes.0 {
            let mut news = false;
            for window in scope.windows {
                let left = window.remaining.and_then(|header| answer.header(header));
                let Some(left) = left.and_then(|left| left.trim().parse().ok()) else {
                    continue;
                };
                let seen = Seen {
                    seconds: window.seconds,
                    left,
                    at,
                };
                news |= self.till.budgets.see(&scope.key, seen, window.calls);
            }
            if news {
                self.till.learn(scope).await?;
            }
        }
        Ok(())
    }

    fn refuse(&self, error: Error) -> ledgerline_platform::Error {
        match error {
            Error::Wait(until) => ledgerline_platform::Error::RateLimited {
                retry_after: Some(super::wait(self.till.clock.now(), until)),
            },
            Error::NotConfigured | Error::Store(_) => ledgerline_platform::Error::Unavailable {
                sent: Sent::Never,
                reason: "the budget of requests cannot be read".into(),
            },
        }
    }

    fn taken(&self) -> MutexGuard<'_, Vec<Vec<Block>>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn under_way(&self) -> MutexGuard<'_, Vec<Uuid>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        let rest = std::mem::take(&mut *self.taken());
        self.till.put_back(&self.scopes, self.purpose, rest);
    }
}
