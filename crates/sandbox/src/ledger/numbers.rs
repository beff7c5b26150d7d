//! Ids that are numbers: where the platform counts its records instead of giving them UUIDs.
//!
//! A table only grows, so that the place of a record in it never changes: the number follows from it, and nothing has to be kept.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Ledger, Platform};

/// What records are listed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum List {
    Accounts,
    Contacts,
    Items,
    TaxRates,
    Attachments,
    Invoices,
    CreditNotes,
    Payments,
    BankTransactions,
    Transfers,
    ManualJournals,
    PurchaseOrders,
}

/// All transactions share one sequence: so many numbers belong to one place, one of each list.
const TRANSACTION_LISTS: u64 = 8;
/// The place of allocations in that sequence: they are transactions of their own there.
const ALLOCATIONS: u64 = 7;
/// How many allocations of one credit note have numbers.
const ALLOCATIONS_OF_A_NOTE: u64 = 64;
/// The numbers of the first dimension are long: clients are to take ids of every length.
const CLASS_BASE: u64 = 200_900_000_000_000_000;

impl List {
    /// The place in the sequence of transactions, for those that are in it.
    fn place(self) -> Option<u64> {
        Some(match self {
            Self::Invoices => 0,
            Self::CreditNotes => 1,
            Self::Payments => 2,
            Self::BankTransactions => 3,
            Self::Transfers => 4,
            Self::ManualJournals => 5,
            Self::PurchaseOrders => 6,
            Self::Accounts | Self::Contacts | Self::Items | Self::TaxRates | Self::Attachments => {
                return None;
            }
        })
    }

    fn number(self, index: usize) -> u64 {
        let index = index as u64;
        match self.place() {
            Some(place) => index * TRANSACTION_LISTS + place + 1,
            None => index + 1,
        }
    }

    fn index(self, number: u64) -> Option<usize> {
        let before = number.checked_sub(1)?;
        let index = match self.place() {
            Some(place) if before % TRANSACTION_LISTS == place => before / TRANSACTION_LISTS,
            Some(_) => return None,
            None => before,
        };
        usize::try_from(index).ok()
    }
}

impl Ledger {
    /// The number of a record; none if it is not there.
    pub fn number(&self, list: List, id: Uuid) -> Option<u64> {
        let index = match list {
            List::Accounts => self.accounts.index_of(id),
            List::Contacts => self.contacts.index_of(id),
            List::Items => self.items.index_of(id),
            List::TaxRates => self.tax_rates.index_of(id),
            List::Attachments => self.attachments.index_of(id),
            List::Invoices => self.invoices.index_of(id),
            List::CreditNotes => self.credit_notes.index_of(id),
            List::Payments => self.payments.index_of(id),
            List::BankTransactions => self.bank_transactions.index_of(id),
            List::Transfers => self.transfers.index_of(id),
            List::ManualJournals => self.manual_journals.index_of(id),
            List::PurchaseOrders => self.purchase_orders.index_of(id),
        }?;
        Some(list.number(index))
    }

    /// The record that has the number.
    pub fn numbered(&self, list: List, number: u64) -> Option<Uuid> {
        let index = list.index(number)?;
        Some(match list {
            List::Accounts => self.accounts.at(index)?.meta.id,
            List::Contacts => self.contacts.at(index)?.meta.id,
            List::Items => self.items.at(index)?.meta.id,
            List::TaxRates => self.tax_rates.at(index)?.meta.id,
            List::Attachments => self.attachments.at(index)?.meta.id,
            List::Invoices => self.invoices.at(index)?.meta.id,
            List::CreditNotes => self.credit_notes.at(index)?.meta.id,
            List::Payments => self.payments.at(index)?.meta.id,
            List::BankTransactions => self.bank_transactions.at(index)?.meta.id,
            List::Transfers => self.transfers.at(index)?.meta.id,
            List::ManualJournals => self.manual_journals.at(index)?.meta.id,
            List::PurchaseOrders => self.purchase_orders.at(index)?.meta.id,
        })
    }

    /// The list of transactions that a record is in.
    pub fn list_of_transaction(&self, id: Uuid) -> Option<List> {
        const TRANSACTIONS: [List; 7] = [
            List::Invoices,
            List::CreditNotes,
            List::Payments,
            List::BankTransactions,
            List::Transfers,
            List::ManualJournals,
            List::PurchaseOrders,
        ];
        TRANSACTIONS
            .into_iter()
            .find(|list| self.number(*list, id).is_some())
    }

    /// The id by which the platform's API knows a record.
    pub fn api_id(&self, list: List, id: Uuid) -> String {
        match self.facts.platform {
            Platform::Xero => id.to_string(),
            Platform::QuickBooksOnline => self.number(list, id).unwrap_or_default().to_string(),
        }
    }

    /// The number of the `position`th allocation of a credit note.
    pub fn allocation_number(&self, credit_note: Uuid, position: usize) -> u64 {
        let note = self.credit_notes.index_of(credit_note).unwrap_or_default() as u64;
        (note * ALLOCATIONS_OF_A_NOTE + position as u64) * TRANSACTION_LISTS + ALLOCATIONS + 1
    }

    /// The credit note, and the position in it, of the allocation with the number.
    pub fn numbered_allocation(&self, number: u64) -> Option<(Uuid, usize)> {
        let before = number.checked_sub(1)?;
        if before % TRANSACTION_LISTS != ALLOCATIONS {
            return None;
        }
        let allocation = before / TRANSACTION_LISTS;
        let note = self
            .credit_notes
            .at(usize::try_from(allocation / ALLOCATIONS_OF_A_NOTE).ok()?)?;
        let position = usize::try_from(allocation % ALLOCATIONS_OF_A_NOTE).ok()?;
        (position < note.allocations.len()).then_some((note.meta.id, position))
    }

    /// The number of the `position`th option of the `category`th dimension.
    pub fn option_number(&self, category: usize, position: usize) -> u64 {
        let base = if category == 0 { CLASS_BASE } else { 0 };
        base + position as u64 + 1
    }

    /// Where an option is: the place of its dimension, and its own in that.
    pub fn option_place(&self, category: Uuid, option: Uuid) -> Option<(usize, usize)> {
        let place = self.tracking.index_of(category)?;
        let options = &self.tracking.get(category)?.options;
        Some((place, options.iter().position(|found| found.id == option)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_leads_back_to_its_place_and_no_other_list() {
        let lists = [
            List::Invoices,
            List::CreditNotes,
            List::Payments,
            List::BankTransactions,
            List::Transfers,
            List::ManualJournals,
            List::PurchaseOrders,
        ];
        let mut seen = std::collections::BTreeSet::new();
        for list in lists {
            for index in [0, 1, 17, 4_000] {
                let number = list.number(index);
                assert!(seen.insert(number), "{number} twice");
                assert_eq!(list.index(number), Some(index));
                let others = lists.iter().filter(|other| **other != list);
                assert!(others.clone().all(|other| other.index(number).is_none()));
            }
        }
        assert_eq!(List::Accounts.number(0), 1);
        assert_eq!(List::Accounts.index(0), None);
    }
}
