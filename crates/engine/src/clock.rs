use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use ledgerline_model::{Clock, Timestamp, from_micros, micros};
use tokio::sync::Notify;

/// Real time, plus the offset of a sandbox where one is followed.
#[derive(Default)]
pub struct SystemClock {
    offset: AtomicI64,
    moved: Notify,
}

impl SystemClock {
    /// Follow a world that is `micros` ahead; the offset never shrinks. Whether it grew.
    pub fn move_to(&self, micros: i64) -> bool {
        let grew = self.offset.fetch_max(micros, Ordering::SeqCst) < micros;
        if grew {
            self.moved.notify_waiters();
        }
        grew
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the door")]
    fn now(&self) -> Timestamp {
        from_micros(micros(Timestamp::now()).saturating_add(self.offset_micros()))
    }

    #[expect(clippy::disallowed_methods, reason = "this is the door")]
    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            loop {
                let moved = self.moved.notified();
                tokio::pin!(moved);
                // From here on a move of the clock is not missed, even before the first poll.
                moved.as_mut().enable();
                let left = micros(at).saturating_sub(micros(self.now()));
                let Ok(left @ 1..) = u64::try_from(left) else {
                    return;
                };
                tokio::select! {
                    () = tokio::time::sleep(Duration::from_micros(left)) => {}
                    () = &mut moved => {}
                }
            }
        })
    }

    fn offset_micros(&self) -> i64 {
        self.offset.load(Ordering::SeqCst)
    }
}

/// Facts in the store by which every node knows the test world's time, in microseconds ahead of real time.
pub mod facts {
    /// What the servers go by; it never shrinks.
    pub const OFFSET: &str = "clock.offset";

    /// What the sandbox last said. Behind [`OFFSET`] it is another world than the data's.
    pub const WORLD: &str = "clock.world";
}

/// Time that stands still until a test moves it.
pub struct FakeClock {
    now: AtomicI64,
    moved: Notify,
}

impl FakeClock {
    pub fn new(at: Timestamp) -> Self {
        Self {
            now: AtomicI64::new(micros(at)),
            moved: Notify::new(),
        }
    }

    pub fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        self.now.fetch_add(by, Ordering::SeqCst);
        self.moved.notify_waiters();
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        from_micros(self.now.load(Ordering::SeqCst))
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            loop {
                let moved = self.moved.notified();
                tokio::pin!(moved);
                moved.as_mut().enable();
                if self.now() >= at {
                    return;
                }
                moved.await;
            }
        })
    }
}
