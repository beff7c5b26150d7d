//! One clock for a test world: servers follow it by long polls of the offset.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use tokio::{sync::watch, time::Instant};

/// How long a follower counts after it was last heard of.
const FOLLOWER_IS_GONE_AFTER: Duration = Duration::from_secs(5);

/// How long a busy follower's poll is held: it is to report again soon.
const BUSY_WAIT: Duration = Duration::from_millis(100);

#[derive(Debug)]
pub struct SandboxClock {
    base: Base,
    offset_micros: AtomicI64,
    /// How often someone began to wait until all is settled: what followers said before does not count.
    settlings: AtomicU64,
    /// Nobody is held any more.
    released: AtomicBool,
    /// Tells waiting polls that the offset or a follower has changed.
    changed: watch::Sender<()>,
    followers: Mutex<BTreeMap<String, Follower>>,
}

/// What a follower's poll is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    pub now: Timestamp,
    pub offset_micros: i64,
}

/// What a follower says of itself when it polls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub follower: String,
    /// The offset it goes by.
    pub offset_micros: i64,
    /// It has work that is due.
    pub busy: bool,
}

#[derive(Debug)]
enum Base {
    Real,
    Frozen(Timestamp),
}

#[derive(Debug)]
struct Follower {
    last_heard_of: Instant,
    polls_open: u32,
    /// The settling that was the last when it began its poll.
    settling: u64,
    offset_micros: i64,
    busy: bool,
}

/// Let real time pass: what a simulated platform takes to answer does not depend on the world's clock.
#[expect(clippy::disallowed_methods, reason = "the one place where the sandbox waits")]
pub async fn pause(for_so_long: Duration) {
    tokio::time::sleep(for_so_long).await;
}

impl SandboxClock {
    /// Real time, to begin with.
    pub fn real() -> Self {
        Self::on(Base::Real)
    }

    /// Time that moves by [`Self::advance`] alone.
    pub fn frozen(at: Timestamp) -> Self {
        Self::on(Base::Frozen(at))
    }

    fn on(base: Base) -> Self {
        Self {
            base,
            offset_micros: AtomicI64::new(0),
            settlings: AtomicU64::new(0),
            released: AtomicBool::new(false),
            changed: watch::Sender::new(()),
            followers: Mutex::default(),
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that everything else asks"
    )]
    pub fn now(&self) -> Timestamp {
        let base = match self.base {
            Base::Real => Timestamp::now(),
            Base::Frozen(at) => at,
        };
        let offset = SignedDuration::from_micros(self.offset_micros());
        base.checked_add(offset).unwrap_or(Timestamp::MAX)
    }

    /// How far ahead of its base the clock is.
    pub fn offset_micros(&self) -> i64 {
        self.offset_micros.load(Ordering::SeqCst)
    }

    /// Wait until the world's clock says so: a jump may be what brings it.
    pub async fn wait_until(&self, until: Timestamp) {
        let mut changed = self.changed.subscribe();
        loop {
            let left = Duration::try_from(until.duration_since(self.now())).unwrap_or_default();
            if left.is_zero() {
                return;
            }
            let _ = tokio::time::timeout(left, changed.changed()).await;
        }
    }

    /// Jump ahead, in one jump, and wake every follower.
    pub fn advance(&self, by: Duration) {
        let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        // Saturating: a sum that wraps would turn time back.
        let _ = self
            .offset_micros
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |offset| {
                Some(offset.saturating_add(micros))
            });
        self.changed.send_replace(());
    }

    /// Take over the offset of an earlier process; the clock never goes back.
    pub fn restore_offset(&self, micros: i64) {
        self.offset_micros.fetch_max(micros, Ordering::SeqCst);
        self.changed.send_replace(());
    }

    /// Answer a follower at once if its offset differs, else when the clock is moved or `wait` is over.
    pub async fn follow(&self, report: Report, wait: Duration) -> Reading {
        let mut changed = self.changed.subscribe();
        let settling = self.settlings.load(Ordering::SeqCst);
        self.hear(&report, settling);
        let _open = OpenPoll {
            clock: self,
            follower: &report.follower,
        };
        self.changed.send_replace(());
        changed.mark_unchanged();
        let wait = if report.busy { wait.min(BUSY_WAIT) } else { wait };
        let until = Instant::now() + wait;
        // Whoever waits for all to settle wants to hear anew from everyone.
        let hold = || {
            let same_time = self.offset_micros() == report.offset_micros;
            let same_settling = self.settlings.load(Ordering::SeqCst) == settling;
            same_time && same_settling && !self.released.load(Ordering::SeqCst)
        };
        while hold() {
            match tokio::time::timeout_at(until, changed.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) | Err(_) => break,
            }
        }
        self.reading()
    }

    /// Answer every poll at once from now on: the process is about to end.
    pub fn release(&self) {
        self.released.store(true, Ordering::SeqCst);
        self.changed.send_replace(());
    }

    pub fn reading(&self) -> Reading {
        Reading {
            now: self.now(),
            offset_micros: self.offset_micros(),
        }
    }

    /// Wait until every follower has seen the present offset and has no work left, or until `patience` is over: then say who is left.
    pub async fn settle(&self, patience: Duration) -> Result<(), Vec<String>> {
        let mut changed = self.changed.subscribe();
        let settling = self.settlings.fetch_add(1, Ordering::SeqCst) + 1;
        self.changed.send_replace(());
        let until = Instant::now() + patience;
        loop {
            let unsettled = self.unsettled(settling);
            if unsettled.is_empty() {
                return Ok(());
            }
            if Instant::now() >= until {
                return Err(unsettled);
            }
            // A follower that is gone changes nothing any more: look again from time to time.
            let look_again = until.min(Instant::now() + Duration::from_millis(500));
            let _ = tokio::time::timeout_at(look_again, changed.changed()).await;
        }
    }

    fn unsettled(&self, settling: u64) -> Vec<String> {
        let offset = self.offset_micros();
        let mut followers = self.followers.lock().unwrap_or_else(PoisonError::into_inner);
        followers.retain(|_, follower| {
            follower.polls_open > 0 || follower.last_heard_of.elapsed() < FOLLOWER_IS_GONE_AFTER
        });
        followers
            .iter()
            .filter_map(|(name, follower)| {
                if follower.offset_micros != offset {
                    Some(format!("{name} has not seen the new time"))
                } else if follower.settling < settling {
                    Some(format!("{name} has not been heard of since"))
                } else if follower.busy {
                    Some(format!("{name} has work left"))
                } else {
                    None
                }
            })
            .collect()
    }

    fn hear(&self, report: &Report, settling: u64) {
        let mut followers = self.followers.lock().unwrap_or_else(PoisonError::into_inner);
        let follower = followers.entry(report.follower.clone()).or_insert(Follower {
            last_heard_of: Instant::now(),
            polls_open: 0,
            settling,
            offset_micros: report.offset_micros,
            busy: report.busy,
        });
        follower.last_heard_of = Instant::now();
        follower.polls_open += 1;
        follower.offset_micros = report.offset_micros;
        follower.busy = report.busy;
        follower.settling = settling;
    }
}

/// A poll that is being held; it may also end because its connection does.
struct OpenPoll<'a> {
    clock: &'a SandboxClock,
    follower: &'a str,
}

impl Drop for OpenPoll<'_> {
    fn drop(&mut self) {
        let mut followers = self
            .clock
            .followers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(follower) = followers.get_mut(self.follower) {
            follower.last_heard_of = Instant::now();
            follower.polls_open = follower.polls_open.saturating_sub(1);
        }
    }
}
