//! One organisation on one platform.

use std::{
    sync::{
        PoisonError, RwLock, RwLockReadGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{faults::Faults, ledger::Ledger, requests::Requests};

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
