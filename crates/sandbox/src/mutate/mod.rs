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
    ledger::{Ledger, List, Platform, Record, Table},
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
    /// Manual journals of 12.34 each against the account that customers owe to: no document shows them.
    pub adjustments: usize,
}

/// One change that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// `create`, `edit`, `delete`, `void`, `restore` or `adjust`.
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
                changes.extend(done.map(|(data_type, id)| Change {
                    what,
                    data_type,
                    id: api_id(books.ledger, data_type, id),
                }));
            }
        };
        turns(self.creates, "create", &create::TURNS);
        turns(self.edits, "edit", &edit::TURNS);
        turns(self.voids, "void", &void::TURNS);
        turns(self.deletes, "delete", &delete::TURNS);
        turns(self.restores, "restore", &restore::TURNS);
        turns(self.adjustments, "adjust", &[create::adjustment]);
        ledger.version += 1;
        changes
    }
}

/// The id by which the platform's API knows a record that the books call `id`.
fn api_id(ledger: &Ledger, data_type: &str, id: String) -> String {
    match ledger.facts.platform {
        Platform::Xero => return id,
        Platform::QuickBooksOnline => {}
    }
    let list = match data_type {
        "chartOfAccounts" | "bankAccounts" => List::Accounts,
        "customers" | "suppliers" => List::Contacts,
        "items" => List::Items,
        "invoices" | "bills" => List::Invoices,
        "creditNotes" | "billCreditNotes" => List::CreditNotes,
        "payments" | "billPayments" => List::Payments,
        "directCosts" | "directIncomes" => List::BankTransactions,
        "transfers" => List::Transfers,
        "journalEntries" => List::ManualJournals,
        "purchaseOrders" => List::PurchaseOrders,
        "taxRates" => {
            let rate = ledger.tax_rate_by_code(&id);
            return rate.map_or(id, |rate| ledger.api_id(List::TaxRates, rate.meta.id));
        }
        "trackingCategories" => return ledger.option_api_id(&id).unwrap_or(id),
        _ => return id,
    };
    match id.parse() {
        Ok(found) => ledger.api_id(list, found),
        Err(_) => id,
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
