use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;
use tokio::sync::futures::Notified;

/// Rung when work was queued. It counts, so that of many who were woken only the first who finds nothing has to look.
#[derive(Default)]
pub struct Bell {
    rung: Notify,
    rings: AtomicU64,
}

impl Bell {
    /// Wake one who waits, or the next who will.
    pub fn notify_one(&self) {
        self.rings.fetch_add(1, Ordering::SeqCst);
        self.rung.notify_one();
    }

    /// Wake all who wait.
    pub fn notify_waiters(&self) {
        self.rings.fetch_add(1, Ordering::SeqCst);
        self.rung.notify_waiters();
    }

    /// Until it rings.
    pub fn notified(&self) -> Notified<'_> {
        self.rung.notified()
    }

    /// How often it has rung.
    pub fn rings(&self) -> u64 {
        self.rings.load(Ordering::SeqCst)
    }
}
