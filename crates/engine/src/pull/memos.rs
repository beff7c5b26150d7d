use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::SignedDuration;
use ledgerline_model::{RunId, Timestamp};
use ledgerline_platform::Memo;

/// How many are kept, each of some megabytes at most; the one that was not used for longest makes room.
const AT_MOST: usize = 16;

/// An idle one has nothing left that is good; another process may have ended its Run.
const IDLE: SignedDuration = SignedDuration::from_mins(10);

/// What the platforms have told each Run, in this process.
///
/// An enumeration that looks again has a memo of its own: it is there to contradict the first.
#[derive(Default)]
pub struct Memos(Mutex<Vec<Kept>>);

struct Kept {
    run: RunId,
    pass: i64,
    used_at: Timestamp,
    memo: Arc<Memo>,
}

impl Memos {
    pub(super) fn of(&self, now: Timestamp, run: RunId, pass: i64) -> Arc<Memo> {
        let mut kept = self.kept();
        kept.retain(|one| now.duration_since(one.used_at) < IDLE);
        let same = |one: &&mut Kept| one.run == run && one.pass == pass;
        if let Some(one) = kept.iter_mut().find(same) {
            one.used_at = now;
            return one.memo.clone();
        }
        if kept.len() >= AT_MOST {
            kept.sort_by_key(|one| one.used_at);
            kept.remove(0);
        }
        let memo = Arc::new(Memo::default());
        kept.push(Kept {
            run,
            pass,
            used_at: now,
            memo: memo.clone(),
        });
        memo
    }

    /// The Run has ended.
    pub(super) fn drop_run(&self, run: RunId) {
        self.kept().retain(|one| one.run != run);
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn run(number: u128) -> RunId {
        RunId(Uuid::from_u128(number))
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_run_has_one_until_it_ends_and_a_second_look_has_its_own() {
        let memos = Memos::default();
        let first = memos.of(at(0), run(7), 1);
        assert!(Arc::ptr_eq(&first, &memos.of(at(599), run(7), 1)));
        assert!(!Arc::ptr_eq(&first, &memos.of(at(599), run(7), 2)));
        assert!(!Arc::ptr_eq(&first, &memos.of(at(599), run(8), 1)));
        memos.drop_run(RunId(Uuid::from_u128(7)));
        assert!(!Arc::ptr_eq(&first, &memos.of(at(600), run(7), 1)));
    }

    #[test]
    fn only_so_many_are_kept_and_none_that_is_idle() {
        let memos = Memos::default();
        for run in 0..40 {
            memos.of(at(run), self::run(u128::try_from(run).unwrap()), 1);
        }
        let runs = |memos: &Memos| {
            memos
                .kept()
                .iter()
                .map(|one| one.run.0.as_u128())
                .collect::<Vec<_>>()
        };
        assert_eq!(runs(&memos), (24..40).collect::<Vec<_>>());
        memos.of(at(638), run(99), 1);
        assert_eq!(runs(&memos), [39, 99]);
    }
}
