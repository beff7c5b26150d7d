//! Every organisation of every platform, and the clock they share.

use std::sync::{
    Arc, PoisonError, RwLock,
    atomic::{AtomicU64, Ordering},
};

use uuid::Uuid;

use crate::{Organisation, SandboxClock, quickbooks_online, xero};

#[derive(Debug)]
pub struct Sandbox {
    pub clock: SandboxClock,
    pub quickbooks_online: quickbooks_online::State,
    pub xero: xero::State,
    organisations: RwLock<Vec<Arc<Organisation>>>,
    /// Grows with every change outside of the ledgers that a restart has to keep.
    changes: AtomicU64,
}

impl Sandbox {
    pub fn new(clock: SandboxClock) -> Arc<Self> {
        Arc::new(Self {
            clock,
            quickbooks_online: quickbooks_online::State::default(),
            xero: xero::State::default(),
            organisations: RwLock::default(),
            changes: AtomicU64::new(0),
        })
    }

    /// In the order in which they were made.
    pub fn organisations(&self) -> Vec<Arc<Organisation>> {
        self.organisations
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub fn organisation(&self, id: Uuid) -> Option<Arc<Organisation>> {
        let organisations = self.organisations.read().unwrap_or_else(PoisonError::into_inner);
        organisations
            .iter()
            .find(|organisation| organisation.id == id)
            .cloned()
    }

    pub fn add_organisation(&self, organisation: Organisation) -> Arc<Organisation> {
        let organisation = Arc::new(organisation);
        self.organisations
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .push(organisation.clone());
        self.keep();
        organisation
    }

    /// Those consented to together with one of them, itself included.
    pub fn group(&self, group: Uuid) -> Vec<Arc<Organisation>> {
        self.organisations()
            .into_iter()
            .filter(|organisation| organisation.about.group == group)
            .collect()
    }

    /// Tell that something outside of the ledgers has changed that a restart has to keep, such as a token.
    pub fn keep(&self) {
        self.changes.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn changes(&self) -> u64 {
        self.changes.load(Ordering::SeqCst)
    }
}
