//! The books of one organisation: double entry, in neutral names.
//!
//! Documents are the truth; journal lines are derived from them ([`posting`]), and balances from those ([`balances`]), so
//! that documents, balances and reports cannot disagree. A platform's face reads these types and writes its own wire format.

pub mod account;
pub mod attachment;
pub mod bank_transaction;
pub mod contact;
pub mod credit_note;
pub mod facts;
pub mod feeds;
pub mod invoice;
pub mod item;
pub mod line;
pub mod manual_journal;
pub mod numbers;
pub mod opening;
pub mod payment;
pub mod purchase_order;
pub mod table;
pub mod tax_rate;
pub mod tracking;
pub mod transfer;

/// Changes that touch more than one document.
pub mod amend;
pub mod balances;
pub mod posting;
/// What a perfect connector would have to hold.
pub mod rows;

#[cfg(test)]
pub(crate) mod agreement;

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use account::{Account, AccountClass, AccountKind, BankDetails, BankKind, SystemRole};
pub use attachment::Attachment;
pub use bank_transaction::{BankTransaction, MoneyFlow};
pub use contact::{Address, AddressKind, Contact, Phone, PhoneKind};
pub use credit_note::{Allocation, CreditNote};
pub use facts::{Facts, Platform};
pub use feeds::{FeedConnection, FeedStatement, Feeds, Rejection, StatementLine};
pub use invoice::{Invoice, SettledBy, Settlement};
pub use item::{Item, ItemTerms};
pub use line::{Line, LineAmounts, Totals, Tracked};
pub use manual_journal::{JournalLine, ManualJournal, ManualJournalStatus};
pub use numbers::List;
pub use opening::{Opening, OpeningLine};
pub use payment::{Payment, PaymentTarget};
pub use purchase_order::{PurchaseOrder, PurchaseOrderStatus};
pub use table::{Record, Table};
pub use tax_rate::{TaxComponent, TaxRate};
pub use tracking::{TrackingCategory, TrackingOption};
pub use transfer::Transfer;

/// Everything one organisation has in its books.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ledger {
    pub facts: Facts,
    pub opening: Opening,
    pub accounts: Table<Account>,
    pub tax_rates: Table<TaxRate>,
    pub tracking: Table<TrackingCategory>,
    pub contacts: Table<Contact>,
    pub items: Table<Item>,
    /// Invoices to customers and bills from suppliers, told apart by [`Invoice::direction`].
    pub invoices: Table<Invoice>,
    /// Credit notes of both directions.
    pub credit_notes: Table<CreditNote>,
    /// Payments of invoices and bills, and refunds of credit notes.
    pub payments: Table<Payment>,
    pub bank_transactions: Table<BankTransaction>,
    pub transfers: Table<Transfer>,
    pub manual_journals: Table<ManualJournal>,
    pub purchase_orders: Table<PurchaseOrder>,
    #[serde(default)]
    pub attachments: Table<Attachment>,
    #[serde(default)]
    pub feeds: Feeds,
    /// What a face was told of a record, as it was told: the books have no place for all of it.
    #[serde(default)]
    pub told: BTreeMap<Uuid, serde_json::Value>,
    /// Grows with every change; what is derived from the documents is cached by it.
    pub version: u64,
    #[serde(skip)]
    daily: balances::Cache,
}

/// What every record has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    pub id: Uuid,
    /// 1 when made, one more with each change that the platform would show.
    pub version: u32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Deleted at the platform: soft where the platform keeps a tombstone, gone from its answers where it does not.
    pub deleted: bool,
}

impl Meta {
    pub fn new(id: Uuid, at: Timestamp) -> Self {
        Self {
            id,
            version: 1,
            created_at: at,
            updated_at: at,
            deleted: false,
        }
    }

    /// The record changed at `at`; time never runs backwards on a record.
    pub fn touch(&mut self, at: Timestamp) {
        self.version += 1;
        self.updated_at = self.updated_at.max(at);
    }

    /// It is there again, since `at`.
    pub fn restore(&mut self, at: Timestamp) {
        self.deleted = false;
        self.touch(at);
    }
}

/// Which way the money of a document is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Customers owe it to the organisation: invoices, their credit notes, receipts.
    Receivable,
    /// The organisation owes it to suppliers: bills, their credit notes, bill payments.
    Payable,
}

/// The life of an invoice, a bill or a credit note. Deletion is [`Meta::deleted`], on top of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentStatus {
    Draft,
    Submitted,
    /// In the books and not (wholly) settled.
    Authorised,
    /// In the books, and nothing is due any more.
    Paid,
    /// Was in the books, and was taken out again.
    Void,
}

impl DocumentStatus {
    /// Whether the document has journal lines.
    pub fn is_posted(self) -> bool {
        match self {
            Self::Authorised | Self::Paid => true,
            Self::Draft | Self::Submitted | Self::Void => false,
        }
    }
}

/// Whether an account, contact, tax rate, tracking category or option is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActiveStatus {
    Active,
    Archived,
}

/// Round to cents, halves away from zero, as accounting platforms do; always two places.
pub fn cents(amount: Decimal) -> Decimal {
    let mut rounded = amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(2);
    rounded
}

/// `amount` of a document's currency in the base currency, at `rate` foreign units per base unit.
pub fn to_base(amount: Decimal, rate: Decimal) -> Decimal {
    if rate == Decimal::ONE || rate.is_zero() {
        cents(amount)
    } else {
        cents(amount / rate)
    }
}

impl Ledger {
    /// Whether a document has files.
    pub fn has_attachments(&self, document: Uuid) -> bool {
        self.attachments_of(document).next().is_some()
    }

    /// The files of a document.
    pub fn attachments_of(&self, document: Uuid) -> impl Iterator<Item = &Attachment> {
        let belongs = move |file: &&Attachment| !file.meta.deleted && file.attached_to.contains(&document);
        self.attachments.iter().filter(belongs)
    }

    /// Books with no record in them.
    pub fn empty(facts: Facts, opening: Opening) -> Self {
        Self {
            facts,
            opening,
            accounts: Table::default(),
            tax_rates: Table::default(),
            tracking: Table::default(),
            contacts: Table::default(),
            items: Table::default(),
            invoices: Table::default(),
            credit_notes: Table::default(),
            payments: Table::default(),
            bank_transactions: Table::default(),
            transfers: Table::default(),
            manual_journals: Table::default(),
            purchase_orders: Table::default(),
            attachments: Table::default(),
            feeds: Feeds::default(),
            told: BTreeMap::new(),
            version: 1,
            daily: balances::Cache::default(),
        }
    }

    /// The account that plays `role`; every ledger has each of them.
    pub fn system_account(&self, role: SystemRole) -> Uuid {
        self.accounts
            .iter()
            .find(|account| account.role == Some(role))
            .map_or(Uuid::nil(), |account| account.meta.id)
    }

    pub fn account_by_code(&self, code: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.code == code)
    }

    pub fn tax_rate_by_code(&self, code: &str) -> Option<&TaxRate> {
        self.tax_rates.iter().find(|rate| rate.code == code)
    }
}
