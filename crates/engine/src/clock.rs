use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
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
    /// Until when somebody sleeps, and for how long in all.
    sleepers: Mutex<Vec<(Timestamp, Duration)>>,
    asleep: Notify,
}

impl FakeClock {
    pub fn new(at: Timestamp) -> Self {
        Self {
            now: AtomicI64::new(micros(at)),
            moved: Notify::new(),
            sleepers: Mutex::default(),
            asleep: Notify::new(),
        }
    }

    /// When the next of those wakes up who sleep for no longer than this; waits for one to fall asleep.
    pub async fn next_to_wake(&self, longest: Duration) -> Timestamp {
        loop {
            let asleep = self.asleep.notified();
            tokio::pin!(asleep);
            asleep.as_mut().enable();
            let next = {
                let sleepers = self.sleepers.lock().unwrap_or_else(PoisonError::into_inner);
                let short = sleepers.iter().filter(|(_, asleep_for)| *asleep_for <= longest);
                short.map(|(at, _)| *at).min()
            };
            match next {
                Some(at) => return at,
                None => asleep.await,
            }
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
            let _asleep = Asleep::until(self, at);
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

/// One of a [`FakeClock`]'s sleepers, until it wakes up or is dropped.
struct Asleep<'a> {
    clock: &'a FakeClock,
    sleeper: (Timestamp, Duration),
}

impl<'a> Asleep<'a> {
    fn until(clock: &'a FakeClock, at: Timestamp) -> Self {
        let micros = micros(at).saturating_sub(micros(clock.now()));
        let sleeper = (
            at,
            Duration::from_micros(u64::try_from(micros).unwrap_or_default()),
        );
        let mut sleepers = clock.sleepers.lock().unwrap_or_else(PoisonError::into_inner);
        sleepers.push(sleeper);
        drop(sleepers);
        clock.asleep.notify_waiters();
        Self { clock, sleeper }
    }
}

impl Drop for Asleep<'_> {
    fn drop(&mut self) {
        let mut sleepers = self.clock.sleepers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = sleepers.iter().position(|sleeper| *sleeper == self.sleeper) {
            sleepers.swap_remove(place);
        }
    }
}
