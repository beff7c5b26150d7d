//! One organisation on one platform.

use std::{
    sync::{
        Mutex, PoisonError, RwLock, RwLockReadGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{faults::Faults, ledger::Ledger, mutate::Mutation, requests::Requests};

#[derive(Debug)]
pub struct Organisation {
    pub id: Uuid,
    pub name: String,
    pub about: About,
    pub faults: Faults,
    pub requests: Requests,
    ledger: RwLock<Ledger>,
    /// Grows when the customer cuts access: what was consented to before is void.
    access_epoch: AtomicU64,
    /// Changes that people make while they are being read: after so many more calls.
    planned: Mutex<Vec<(u64, Mutation)>>,
}

/// How the organisation was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The first part of the path of its face, such as `xero`.
    pub platform: String,
    /// Organisations of one group belong to one person, who consents to them together.
    pub group: Uuid,
    pub limits: Limits,
    pub latency_ms: u64,
    /// No page of a list holds more, whatever is asked for; the platform's own maximum if missing.
    #[serde(default)]
    pub page_size: Option<usize>,
    pub seed: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limits {
    /// Those of the platform.
    #[default]
    Real,
    Off,
}

impl Organisation {
    pub fn new(about: About, ledger: Ledger) -> Self {
        Self {
            id: ledger.facts.id,
            name: ledger.facts.name.clone(),
            about,
            faults: Faults::default(),
            requests: Requests::default(),
            ledger: RwLock::new(ledger),
            access_epoch: AtomicU64::new(0),
            planned: Mutex::default(),
        }
    }

    /// Read the books. Never hold this across an await.
    pub fn ledger(&self) -> RwLockReadGuard<'_, Ledger> {
        self.ledger.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Change the books.
    pub fn change<T>(&self, change: impl FnOnce(&mut Ledger) -> T) -> T {
        let mut ledger = self.ledger.write().unwrap_or_else(PoisonError::into_inner);
        let done = change(&mut ledger);
        ledger.version += 1;
        done
    }

    /// Change the books once `after` more calls have been answered.
    pub fn plan_change(&self, after: u64, mutation: Mutation) {
        self.lock_planned().push((after, mutation));
    }

    /// A call has been answered: make the changes that waited for it.
    pub fn answered(&self, now: jiff::Timestamp) {
        let mut due = Vec::new();
        self.lock_planned().retain_mut(|(left, mutation)| {
            *left = left.saturating_sub(1);
            if *left == 0 {
                due.push(*mutation);
            }
            *left > 0
        });
        for mutation in due {
            self.change(|ledger| mutation.apply(ledger, now));
        }
    }

    /// How many changes will not be made.
    pub fn forget_planned_changes(&self) -> usize {
        std::mem::take(&mut *self.lock_planned()).len()
    }

    fn lock_planned(&self) -> std::sync::MutexGuard<'_, Vec<(u64, Mutation)>> {
        self.planned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A consent remembers this, and is void once it differs.
    pub fn access_epoch(&self) -> u64 {
        self.access_epoch.load(Ordering::SeqCst)
    }

    /// The customer cuts access, at the platform.
    pub fn revoke_access(&self) {
        self.access_epoch.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn restore_access_epoch(&self, epoch: u64) {
        self.access_epoch.store(epoch, Ordering::SeqCst);
    }

    pub fn latency(&self) -> Duration {
        Duration::from_millis(self.about.latency_ms)
    }
}
