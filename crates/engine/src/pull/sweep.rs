use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, Hasher};

use ledgerline_model::run::{FeedRead, Pull};
use ledgerline_model::{FeedReadId, Timestamp};
use ledgerline_store::records::Place;
use ledgerline_store::{Tx, feed_reads, issues, records};

use crate::jobs;

/// Ids that are held in memory at a time: larger companies are gone through in several parts.
const AT_ONCE: i64 = 65_536;

/// What complete enumerations say of the records that readers see.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Survey {
    /// Live records.
    pub live: u64,
    /// Those that the first enumeration did not see.
    pub unseen: u64,
    /// Those of the unseen that the second enumeration did not see either.
    pub confirmed: u64,
}

/// What follows from a survey.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Verdict {
    Nothing,
    Sweep,
    /// So much would go that the platform has to say it twice.
    LookAgain,
    /// The second enumeration contradicts the first: the platform cannot be believed.
    Refuse,
}

/// A sweep of more than 20 % and more than 50 records is applied only if a second enumeration agrees.
pub(super) fn judge(survey: Survey, looked_again: bool) -> Verdict {
    let Survey {
        live,
        unseen,
        confirmed,
    } = survey;
    if unseen == 0 {
        return Verdict::Nothing;
    }
    let massive = unseen > 50 && unseen.saturating_mul(5) > live;
    match (massive, looked_again) {
        (false, _) => Verdict::Sweep,
        (true, false) => Verdict::LookAgain,
        (true, true) if confirmed == unseen => Verdict::Sweep,
        (true, true) => Verdict::Refuse,
    }
}

/// Go through the live records of the Pull's type that lie in its window, feed by feed, and hand each that the first enumeration
/// did not see to `visit`, a batch at a time.
pub(super) async fn survey(
    tx: &mut Tx,
    pull: &Pull,
    reads: &[FeedRead],
    now: Timestamp,
    mut visit: impl FnMut(&str, String),
) -> Result<Survey, jobs::Error> {
    let mut survey = Survey::default();
    for first in reads.iter().filter(|read| serves(read, pull, 1)) {
        let second = reads
            .iter()
            .find(|read| serves(read, pull, 2) && read.feed == first.feed);
        let place = Place {
            app: pull.app,
            connection: pull.connection,
            data_type: pull.data_type,
            feed: &first.feed,
        };
        let seen = feed_reads::count_seen(tx, pull.app, first.id, pull.data_type).await?;
        let parts = u64::try_from(seen / AT_ONCE + 1).unwrap_or(1);
        for part in 0..parts {
            let part = Part { part, of: parts };
            let in_first = seen_ids(tx, pull, first.id, &part).await?;
            let in_second = match second {
                Some(second) => seen_ids(tx, pull, second.id, &part).await?,
                None => HashSet::default(),
            };
            records::each_live_id_within(tx, &place, &pull.window, now, |id| {
                let hash = fingerprint(&id);
                if !part.has(hash) {
                    return;
                }
                survey.live += 1;
                if !in_first.contains(&hash) {
                    survey.unseen += 1;
                    survey.confirmed += u64::from(!in_second.contains(&hash));
                    visit(&first.feed, id);
                }
            })
            .await?;
        }
    }
    Ok(survey)
}

/// The records with issues that complete enumerations did not see, with their feeds: they are gone, also those
/// that were never stored since nothing legal could be made of them.
pub(super) async fn unseen_with_issues(
    tx: &mut Tx,
    pull: &Pull,
    reads: &[FeedRead],
) -> Result<Vec<(String, Vec<String>)>, jobs::Error> {
    let mut unseen = Vec::new();
    if pull.window.documents_from.is_some() || pull.window.modified_from.is_some() {
        // What was not seen may lie outside the window.
        return Ok(unseen);
    }
    for read in reads.iter().filter(|read| serves(read, pull, 1)) {
        let mut suspects = HashMap::new();
        issues::each_record(tx, pull, &read.feed, |id| {
            suspects.insert(fingerprint(&id), id);
        })
        .await?;
        if suspects.is_empty() {
            continue;
        }
        feed_reads::each_seen(tx, pull.app, read.id, pull.data_type, |page| {
            for id in page {
                suspects.remove(&fingerprint(&id));
            }
        })
        .await?;
        if !suspects.is_empty() {
            unseen.push((read.feed.clone(), suspects.into_values().collect()));
        }
    }
    Ok(unseen)
}

/// Only a complete enumeration shows what is gone.
pub(super) fn serves(read: &FeedRead, pull: &Pull, pass: i64) -> bool {
    read.pass == pass && read.since.is_none() && read.wanted.contains(&pull.data_type)
}

async fn seen_ids(
    tx: &mut Tx,
    pull: &Pull,
    read: FeedReadId,
    part: &Part,
) -> Result<HashSet<u128, Prehashed>, jobs::Error> {
    let mut ids = HashSet::default();
    feed_reads::each_seen(tx, pull.app, read, pull.data_type, |page| {
        ids.extend(
            page.iter()
                .map(|id| fingerprint(id))
                .filter(|hash| part.has(*hash)),
        );
    })
    .await?;
    Ok(ids)
}

/// One of several parts that all ids are divided into.
struct Part {
    part: u64,
    of: u64,
}

impl Part {
    fn has(&self, hash: u128) -> bool {
        (hash >> 64) % u128::from(self.of) == u128::from(self.part)
    }
}

/// Stands for an id: 16 bytes however long it is, and no two ids share one.
fn fingerprint(id: &str) -> u128 {
    xxhash_rust::xxh3::xxh3_128(id.as_bytes())
}

/// For keys that are hashes already.
#[derive(Clone, Copy, Default)]
struct Prehashed;

struct Low(u64);

impl BuildHasher for Prehashed {
    type Hasher = Low;

    fn build_hasher(&self) -> Low {
        Low(0)
    }
}

impl Hasher for Low {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u128(&mut self, hash: u128) {
        self.0 = u64::try_from(hash & u128::from(u64::MAX)).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn survey(live: u64, unseen: u64, confirmed: u64) -> Survey {
        Survey {
            live,
            unseen,
            confirmed,
        }
    }

    #[test]
    fn a_mass_deletion_has_to_be_said_twice() {
        assert_eq!(judge(survey(1000, 0, 0), false), Verdict::Nothing);
        assert_eq!(judge(survey(1000, 200, 200), false), Verdict::Sweep);
        assert_eq!(judge(survey(1000, 201, 201), false), Verdict::LookAgain);
        assert_eq!(judge(survey(50, 50, 50), false), Verdict::Sweep);
        assert_eq!(judge(survey(51, 51, 51), false), Verdict::LookAgain);
        assert_eq!(judge(survey(1000, 900, 900), true), Verdict::Sweep);
        assert_eq!(judge(survey(1000, 900, 899), true), Verdict::Refuse);
    }
}
