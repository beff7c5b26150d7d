use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::SignedDuration;
use ledgerline_model::{Clock, Timestamp};
use tokio::sync::OnceCell;

use crate::Error;
use crate::http::Answer;

/// How long an answer stays good.
const LIFETIME: SignedDuration = SignedDuration::from_mins(10);

/// Bytes of the answers that one memo keeps; what does not fit is asked for again.
const CAPACITY: usize = 4 * 1024 * 1024;

/// Whole small listings that several feeds of a Run need, each asked for once.
///
/// A connector puts nothing into it that grows with the size of a company by the page, and nothing that it
/// could not read: a failed request is not remembered.
#[derive(Default)]
pub struct Memo {
    kept: Arc<Mutex<HashMap<String, Entry>>>,
    /// What the owner of the memo calls now.
    mark: i64,
    /// The lowest mark of what was taken out, if anything was.
    oldest: Option<AtomicI64>,
}

#[derive(Clone)]
struct Entry {
    mark: i64,
    good_until: Timestamp,
    answer: Arc<OnceCell<Answer>>,
}

impl Memo {
    /// The same memory for one read that begins at `mark`, a number of the owner's that never falls.
    pub fn at(&self, mark: i64) -> Self {
        Self {
            kept: self.kept.clone(),
            mark,
            oldest: Some(AtomicI64::new(mark)),
        }
    }

    /// The mark at which the oldest of what this read has been told was asked for.
    pub fn oldest(&self) -> i64 {
        self.oldest
            .as_ref()
            .map_or(self.mark, |oldest| oldest.load(Ordering::Relaxed))
    }

    /// What is remembered under `key`, or else what `ask` brings. Of several who want the same at once one
    /// asks and the others wait; if it fails, the next one asks.
    pub async fn answer(
        &self,
        clock: &dyn Clock,
        key: &str,
        ask: impl Future<Output = Result<Answer, Error>>,
    ) -> Result<Answer, Error> {
        let entry = self.entry(clock.now(), key);
        if let Some(oldest) = &self.oldest {
            oldest.fetch_min(entry.mark, Ordering::Relaxed);
        }
        let answer = entry.answer.get_or_try_init(|| ask).await.cloned();
        if answer.is_err() || !self.fits() {
            self.drop_entry(key, &entry);
        }
        answer
    }

    /// What was remembered has turned out to be of no use.
    pub fn forget(&self, key: &str) {
        self.kept().remove(key);
    }

    fn entry(&self, now: Timestamp, key: &str) -> Entry {
        let mut kept = self.kept();
        kept.retain(|_, entry| now < entry.good_until);
        let fresh = || Entry {
            mark: self.mark,
            good_until: now.saturating_add(LIFETIME).unwrap_or(Timestamp::MAX),
            answer: Arc::default(),
        };
        kept.entry(key.to_owned()).or_insert_with(fresh).clone()
    }

    fn fits(&self) -> bool {
        let size_of = |entry: &Entry| entry.answer.get().map_or(0, |answer| answer.body.len());
        self.kept().values().map(size_of).sum::<usize>() <= CAPACITY
    }

    /// Unless another has taken its place, or is still being asked for by those who waited with us.
    fn drop_entry(&self, key: &str, entry: &Entry) {
        let mut kept = self.kept();
        let is_this = |found: &Entry| Arc::ptr_eq(&found.answer, &entry.answer);
        let has_others = entry.answer.get().is_none() && Arc::strong_count(&entry.answer) > 2;
        if !has_others && kept.get(key).is_some_and(is_this) {
            kept.remove(key);
        }
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Memo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memo")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use bytes::Bytes;
    use futures::future::{BoxFuture, join_all};

    use super::*;
    use crate::Sent;

    /// Seconds since 1970.
    struct At(AtomicI64);

    impl Clock for At {
        fn now(&self) -> Timestamp {
            Timestamp::from_second(self.0.load(Ordering::Relaxed)).unwrap()
        }

        fn sleep_until(&self, _: Timestamp) -> BoxFuture<'_, ()> {
            Box::pin(std::future::ready(()))
        }
    }

    #[derive(Default)]
    struct Far {
        asked: AtomicUsize,
        failing: AtomicUsize,
    }

    impl Far {
        async fn ask(&self, size: usize) -> Result<Answer, Error> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            if self.failing.load(Ordering::Relaxed) > 0 {
                self.failing.fetch_sub(1, Ordering::Relaxed);
                return Err(Error::Unavailable {
                    sent: Sent::Maybe,
                    reason: "busy".into(),
                });
            }
            Ok(Answer {
                status: http::StatusCode::OK,
                headers: http::HeaderMap::new(),
                body: Bytes::from(vec![b' '; size]),
            })
        }

        fn asked(&self) -> usize {
            self.asked.load(Ordering::Relaxed)
        }
    }

    #[tokio::test]
    async fn many_at_once_are_one_request() {
        let (memo, far, clock) = (Memo::default(), Far::default(), At(0.into()));
        let answers = join_all((0..5).map(|_| memo.answer(&clock, "/Accounts", far.ask(3)))).await;
        assert!(answers.iter().all(Result::is_ok));
        memo.answer(&clock, "/Organisation", far.ask(3)).await.unwrap();
        assert_eq!(far.asked(), 2);
    }

    #[tokio::test]
    async fn a_failure_is_not_remembered() {
        let (memo, far, clock) = (Memo::default(), Far::default(), At(0.into()));
        far.failing.store(1, Ordering::Relaxed);
        let answers = join_all((0..3).map(|_| memo.answer(&clock, "/Accounts", far.ask(3)))).await;
        assert_eq!(answers.iter().filter(|answer| answer.is_err()).count(), 1);
        assert_eq!(far.asked(), 2, "the second asked again, the third was told");
        memo.answer(&clock, "/Accounts", far.ask(3)).await.unwrap();
        assert_eq!(far.asked(), 2);
        memo.forget("/Accounts");
        memo.answer(&clock, "/Accounts", far.ask(3)).await.unwrap();
        assert_eq!(far.asked(), 3);
    }

    #[tokio::test]
    async fn an_answer_is_good_for_ten_minutes() {
        let (memo, far, clock) = (Memo::default(), Far::default(), At(0.into()));
        for (second, asked) in [(0, 1), (599, 1), (600, 2), (1199, 2)] {
            clock.0.store(second, Ordering::Relaxed);
            memo.answer(&clock, "/Accounts", far.ask(3)).await.unwrap();
            assert_eq!(far.asked(), asked, "after {second} s");
        }
    }

    #[tokio::test]
    async fn what_does_not_fit_is_asked_for_again() {
        let (memo, far, clock) = (Memo::default(), Far::default(), At(0.into()));
        for (key, size, asked) in [
            ("a", CAPACITY - 1, 1),
            ("b", 2, 2),
            ("b", 2, 3),
            ("a", 0, 3),
            ("c", 1, 4),
            ("c", 1, 4),
        ] {
            memo.answer(&clock, key, far.ask(size)).await.unwrap();
            assert_eq!(far.asked(), asked, "{key}");
        }
    }

    #[tokio::test]
    async fn a_read_knows_how_old_the_oldest_is_that_it_was_told() {
        let (memo, far, clock) = (Memo::default(), Far::default(), At(0.into()));
        let first = memo.at(5);
        first.answer(&clock, "/Accounts", far.ask(3)).await.unwrap();
        let second = memo.at(9);
        assert_eq!(second.oldest(), 9);
        second.answer(&clock, "/Organisation", far.ask(3)).await.unwrap();
        assert_eq!(second.oldest(), 9);
        second.answer(&clock, "/Accounts", far.ask(3)).await.unwrap();
        assert_eq!((second.oldest(), far.asked()), (5, 2));
    }
}
