//! What people do in their books: create, edit, delete, void, and bring back.

mod create;
mod delete;
mod edit;
mod restore;
#[cfg(test)]
mod tests;
mod void;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    generate::{documents::Stock, random::Random, today},
    ledger::{Ledger, Record, Table},
};

/// So many changes of each kind, spread over all types of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mutation {
    pub seed: u64,
    pub creates: usize,
    pub edits: usize,
    pub deletes: usize,
    pub voids: usize,
    /// Deleted records that come back under their ids.
    pub restores: usize,
}

/// One change that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// `create`, `edit`, `delete`, `void` or `restore`.
    pub what: &'static str,
    /// The standard data type of the record.
    pub data_type: &'static str,
    /// The platform's id of the record.
    pub id: String,
}

impl Mutation {
    /// Change the books at `now`, and tell how. A kind of change that no record allows is left out.
    pub fn apply(&self, ledger: &mut Ledger, now: Timestamp) -> Vec<Change> {
        // The version keeps two mutations of one seed apart, and is the same when both are replayed.
        let mut random = Random::new(self.seed, &format!("mutate {}", ledger.version));
        let stock = Stock::of(ledger);
        let mut books = Books {
            ledger,
            stock,
            random: &mut random,
            now,
        };
        let mut changes = Vec::new();
        let mut turns = |count: usize, what: &'static str, kinds: &[Turn]| {
            for turn in 0..count {
                // The next kind that can, so that a kind without a fit record costs no change.
                let done = (0..kinds.len()).find_map(|skip| kinds[(turn + skip) % kinds.len()](&mut books));
                changes.extend(done.map(|(data_type, id)| Change { what, data_type, id }));
            }
        };
        turns(self.creates, "create", &create::TURNS);
        turns(self.edits, "edit", &edit::TURNS);
        turns(self.voids, "void", &void::TURNS);
        turns(self.deletes, "delete", &delete::TURNS);
        turns(self.restores, "restore", &restore::TURNS);
        ledger.version += 1;
        changes
    }
}

/// One change of one type of record: its standard data type and id, if it was possible.
type Turn = fn(&mut Books<'_>) -> Option<(&'static str, String)>;

struct Books<'a> {
    ledger: &'a mut Ledger,
    stock: Stock,
    random: &'a mut Random,
    now: Timestamp,
}

impl Books<'_> {
    fn today(&self) -> jiff::civil::Date {
        today(self.now)
    }
}

/// A record of `table` that is `fit`, by chance; deleted ones are never.
fn choose<T: Record + Clone>(random: &mut Random, table: &Table<T>, fit: impl Fn(&T) -> bool) -> Option<T> {
    let start = random.below(table.len());
    (0..table.len())
        .filter_map(|step| table.at((start + step) % table.len()))
        .find(|record| !record.meta().deleted && fit(record))
        .cloned()
}

/// The id of a deleted record of `table`, by chance.
fn choose_deleted<T: Record>(random: &mut Random, table: &Table<T>) -> Option<uuid::Uuid> {
    let start = random.below(table.len());
    (0..table.len())
        .filter_map(|step| table.at((start + step) % table.len()))
        .find(|record| record.meta().deleted)
        .map(|record| record.meta().id)
}
