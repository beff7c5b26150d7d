use std::borrow::Cow;
use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use crate::ledger::Ledger;
use crate::xero::accounting::resource::Resource;

/// How long a record that was written is not found, unless the fault says otherwise.
pub(super) const LAG: Duration = Duration::from_secs(5);

/// Records that lists do not show yet, and until when.
#[derive(Default)]
pub struct Lagging {
    until: HashMap<Uuid, Timestamp>,
}

impl Lagging {
    pub(super) fn hide(&mut self, ids: impl Iterator<Item = Uuid>, now: Timestamp, lag: Duration) {
        self.until.retain(|_, until| *until > now);
        self.until.extend(ids.map(|id| (id, now + lag)));
    }

    /// Those of the records, by their places in the table, that lists show by now.
    pub(in crate::xero::accounting) fn shown<'a, T: Resource>(
        &self,
        ledger: &Ledger,
        found: &'a [u32],
        now: Timestamp,
    ) -> Cow<'a, [u32]> {
        if self.until.values().all(|until| *until <= now) {
            return Cow::Borrowed(found);
        }
        let shows = |place: &u32| {
            let record = T::table(ledger).at(*place as usize);
            let until = record.and_then(|record| self.until.get(&record.meta().id));
            until.is_none_or(|until| *until <= now)
        };
        Cow::Owned(found.iter().copied().filter(shows).collect())
    }
}
