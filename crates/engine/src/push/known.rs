use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::SignedDuration;
use ledgerline_model::{PushId, Timestamp};
use ledgerline_platform::Memo;
use ledgerline_platform::push::{Named, References};

/// What was told longer ago is asked again.
const FRESH: SignedDuration = SignedDuration::from_mins(5);

/// Pushes of which something is kept: what another had been told is asked again.
const AT_MOST: usize = 16;

/// What the books have told each push of what its expenses refer to, in this process: whoever goes on with the push
/// need not ask again.
#[derive(Default)]
pub struct Known {
    kept: Mutex<Vec<Kept>>,
    /// What has to be known of the books to read documents of theirs.
    memos: Mutex<Vec<(PushId, Arc<Memo>)>>,
}

struct Kept {
    push: PushId,
    asked_at: Timestamp,
    /// What was asked for, found or not.
    named: HashSet<Named>,
    references: Arc<References>,
}

impl Known {
    /// What is known of all of these; `None`: it has to be asked.
    pub(super) fn of(&self, push: PushId, now: Timestamp, named: &[Named]) -> Option<Arc<References>> {
        let mut kept = self.kept();
        kept.retain(|one| now.duration_since(one.asked_at) < FRESH);
        let one = kept.iter().find(|one| one.push == push)?;
        let is_known = named.iter().all(|named| one.named.contains(named));
        is_known.then(|| one.references.clone())
    }

    /// What was asked for at that time, and told.
    pub(super) fn keep(
        &self,
        push: PushId,
        asked_at: Timestamp,
        named: Vec<Named>,
        references: References,
    ) -> Arc<References> {
        let references = Arc::new(references);
        let mut kept = self.kept();
        kept.retain(|one| one.push != push);
        if kept.len() >= AT_MOST {
            kept.remove(0);
        }
        kept.push(Kept {
            push,
            asked_at,
            named: named.into_iter().collect(),
            references: references.clone(),
        });
        references
    }

    /// The push has ended.
    pub(super) fn drop_push(&self, push: PushId) {
        self.kept().retain(|one| one.push != push);
        self.memos().retain(|(of, _)| *of != push);
    }

    /// What a connector may remember while it reads what the push has written.
    pub(super) fn memo(&self, push: PushId) -> Arc<Memo> {
        let mut memos = self.memos();
        if let Some((_, memo)) = memos.iter().find(|(of, _)| *of == push) {
            return memo.clone();
        }
        if memos.len() >= AT_MOST {
            memos.remove(0);
        }
        let memo = Arc::new(Memo::default());
        memos.push((push, memo.clone()));
        memo
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn memos(&self) -> MutexGuard<'_, Vec<(PushId, Arc<Memo>)>> {
        self.memos.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use ledgerline_model::DataType;
    use uuid::Uuid;

    use super::*;

    fn push(number: u128) -> PushId {
        PushId(Uuid::from_u128(number))
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn account(id: &str) -> Named {
        Named {
            data_type: DataType::ChartOfAccounts,
            id: id.to_owned(),
        }
    }

    #[test]
    fn what_was_told_is_known_for_some_minutes_and_no_more_than_was_asked_for() {
        let known = Known::default();
        let named = || vec![account("a"), account("b")];
        assert!(known.of(push(1), at(0), &named()).is_none());
        known.keep(push(1), at(0), named(), References::default());
        assert!(known.of(push(1), at(299), &named()).is_some());
        assert!(known.of(push(1), at(299), &[account("a")]).is_some());
        assert!(
            known
                .of(push(1), at(299), &[account("a"), account("c")])
                .is_none()
        );
        assert!(known.of(push(2), at(299), &named()).is_none());
        assert!(known.of(push(1), at(300), &named()).is_none());
        known.keep(push(1), at(300), named(), References::default());
        known.drop_push(push(1));
        assert!(known.of(push(1), at(300), &named()).is_none());
    }

    #[test]
    fn only_so_many_are_kept() {
        let known = Known::default();
        let first = known.memo(push(0));
        assert!(Arc::ptr_eq(&first, &known.memo(push(0))));
        for number in 0..40 {
            known.keep(push(number), at(0), Vec::new(), References::default());
            known.memo(push(number));
        }
        let left = (0..40).filter(|number| known.of(push(*number), at(0), &[]).is_some());
        assert_eq!(left.collect::<Vec<_>>(), (24..40).collect::<Vec<_>>());
        assert!(!Arc::ptr_eq(&first, &known.memo(push(0))));
    }
}
