//! The books as entities of the API: which there are, which records each has, and how one is written.

mod company;
mod documents;
/// Lines, tax and references, which documents share.
mod lines;
mod lists;
mod money;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use uuid::Uuid;

use super::json::{self, Object};
use super::times;
use crate::ledger::{ActiveStatus, Direction, Ledger, List, Meta, MoneyFlow, Record, Table};

/// A type of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Entity {
    Account,
    Attachable,
    Bill,
    BillPayment,
    Class,
    CompanyInfo,
    CreditMemo,
    Customer,
    Department,
    Deposit,
    Invoice,
    Item,
    JournalEntry,
    Payment,
    Preferences,
    Purchase,
    PurchaseOrder,
    SalesReceipt,
    TaxAgency,
    TaxCode,
    TaxRate,
    Transfer,
    Vendor,
    VendorCredit,
    /// Known by name, and never in these books.
    Absent(&'static str),
}

use Entity as E;

/// Name, entity, standard data types.
const ENTITIES: [(&str, Entity, &[&str]); 24] = [
    ("Account", E::Account, &["chartOfAccounts", "bankAccounts"]),
    ("Attachable", E::Attachable, &[]),
    ("Bill", E::Bill, &["bills"]),
    (
        "BillPayment",
        E::BillPayment,
        &["billPayments", "accountTransactions"],
    ),
    ("Class", E::Class, &["trackingCategories"]),
    ("CompanyInfo", E::CompanyInfo, &["company"]),
    ("CreditMemo", E::CreditMemo, &["creditNotes"]),
    ("Customer", E::Customer, &["customers"]),
    ("Department", E::Department, &["trackingCategories"]),
    ("Deposit", E::Deposit, &["directIncomes", "accountTransactions"]),
    ("Invoice", E::Invoice, &["invoices"]),
    ("Item", E::Item, &["items"]),
    ("JournalEntry", E::JournalEntry, &["journalEntries"]),
    ("Payment", E::Payment, &["payments", "accountTransactions"]),
    ("Preferences", E::Preferences, &["company"]),
    ("Purchase", E::Purchase, &["directCosts", "accountTransactions"]),
    ("PurchaseOrder", E::PurchaseOrder, &["purchaseOrders"]),
    (
        "SalesReceipt",
        E::SalesReceipt,
        &["directIncomes", "accountTransactions"],
    ),
    ("TaxAgency", E::TaxAgency, &["taxRates"]),
    ("TaxCode", E::TaxCode, &["taxRates"]),
    ("TaxRate", E::TaxRate, &["taxRates"]),
    ("Transfer", E::Transfer, &["transfers", "accountTransactions"]),
    ("Vendor", E::Vendor, &["suppliers"]),
    ("VendorCredit", E::VendorCredit, &["billCreditNotes"]),
];

const ABSENT: [&str; 10] = [
    "Budget",
    "CompanyCurrency",
    "Employee",
    "Estimate",
    "ExchangeRate",
    "JournalCode",
    "PaymentMethod",
    "RefundReceipt",
    "Term",
    "TimeActivity",
];

impl Entity {
    /// By its name, however it is capitalised.
    pub(super) fn named(text: &str) -> Option<Self> {
        let known = ENTITIES.iter().find(|(name, ..)| name.eq_ignore_ascii_case(text));
        known.map(|(_, entity, _)| *entity).or_else(|| {
            let absent = ABSENT.iter().find(|name| name.eq_ignore_ascii_case(text));
            absent.map(|name| Self::Absent(name))
        })
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Absent(name) => name,
            known => ENTITIES
                .iter()
                .find(|(_, entity, _)| *entity == known)
                .map_or("", |(name, ..)| name),
        }
    }

    /// The standard data types that it could be about.
    pub(super) fn data_types(self) -> &'static [&'static str] {
        ENTITIES
            .iter()
            .find(|(_, entity, _)| *entity == self)
            .map_or(&[], |(_, _, data_types)| data_types)
    }

    /// Whether its records can be taken off a list, which hides them, and not be deleted.
    pub(super) fn is_list(self) -> bool {
        matches!(
            self,
            E::Account
                | E::Class
                | E::Customer
                | E::Department
                | E::Item
                | E::TaxCode
                | E::TaxRate
                | E::Vendor
        )
    }

    /// Whether its changes can be asked for.
    pub(super) fn has_changes(self) -> bool {
        !matches!(
            self,
            E::TaxAgency
                | E::TaxCode
                | E::TaxRate
                | E::CompanyInfo
                | E::Preferences
                | E::Absent("JournalCode" | "TimeActivity" | "ExchangeRate" | "CompanyCurrency")
        )
    }
}

/// What a record is told by without being written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    pub(super) number: u64,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    pub(super) sync_token: u32,
    pub(super) active: bool,
    pub(super) deleted: bool,
    pub(super) source: Source,
}

/// Where a record is in the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Record(Uuid),
    /// The credit note, and the position of an allocation of it.
    Allocation(Uuid, usize),
    /// The dimension, and the position of an option of it.
    Option(Uuid, usize),
    /// A component of a tax rate, on the side of sales or of purchases.
    Component(Uuid, usize, Side),
    /// A code that only lines know.
    Pseudo(&'static str),
    Whole,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Sales,
    Purchases,
}

impl Head {
    fn of(number: u64, meta: &Meta, active: bool, source: Source) -> Self {
        Self {
            number,
            created_at: meta.created_at,
            updated_at: meta.updated_at,
            sync_token: meta.version.saturating_sub(1),
            active,
            deleted: meta.deleted,
            source,
        }
    }

    pub(super) fn id(&self) -> String {
        match self.source {
            Source::Pseudo(id) => id.to_owned(),
            Source::Record(_)
            | Source::Allocation(..)
            | Source::Option(..)
            | Source::Component(..)
            | Source::Whole => self.number.to_string(),
        }
    }
}

/// Every record of an entity, deleted ones too, oldest first.
pub(super) fn heads(ledger: &Ledger, entity: Entity) -> Vec<Head> {
    let record = |list: List, meta: &Meta, active: bool| {
        let number = ledger.number(list, meta.id).unwrap_or_default();
        Head::of(number, meta, active, Source::Record(meta.id))
    };
    // Whatever was taken off a list is still there.
    let listed = |list: List, meta: &Meta, status: ActiveStatus| {
        let active = status == ActiveStatus::Active && !meta.deleted;
        Head {
            deleted: false,
            ..record(list, meta, active)
        }
    };
    fn all<T: Record>(table: &Table<T>, fit: impl Fn(&T) -> bool, head: impl Fn(&T) -> Head) -> Vec<Head> {
        table.iter().filter(|record| fit(record)).map(head).collect()
    }
    let money = |wanted: Entity| {
        all(
            &ledger.bank_transactions,
            |money| money::entity(ledger, money) == wanted,
            |money| record(List::BankTransactions, &money.meta, true),
        )
    };
    match entity {
        E::Account => all(
            &ledger.accounts,
            |_| true,
            |account| listed(List::Accounts, &account.meta, account.status),
        ),
        E::Attachable => all(
            &ledger.attachments,
            |_| true,
            |file| record(List::Attachments, &file.meta, true),
        ),
        E::Customer | E::Vendor => all(
            &ledger.contacts,
            |contact| {
                if entity == E::Customer {
                    contact.is_customer
                } else {
                    contact.is_supplier
                }
            },
            |contact| listed(List::Contacts, &contact.meta, contact.status),
        ),
        E::Item => all(
            &ledger.items,
            |_| true,
            |item| listed(List::Items, &item.meta, ActiveStatus::Active),
        ),
        E::Class => dimension(ledger, 0),
        E::Department => dimension(ledger, 1),
        E::TaxCode => lists::tax_codes(ledger),
        E::TaxRate => lists::tax_rates(ledger),
        E::Invoice => documents(ledger, Direction::Receivable),
        E::Bill => documents(ledger, Direction::Payable),
        E::CreditMemo => notes(ledger, Direction::Receivable),
        E::VendorCredit => notes(ledger, Direction::Payable),
        E::Payment => payments(ledger, Direction::Receivable),
        E::BillPayment => payments(ledger, Direction::Payable),
        E::Purchase | E::Deposit | E::SalesReceipt => money(entity),
        E::Transfer => all(
            &ledger.transfers,
            |_| true,
            |transfer| record(List::Transfers, &transfer.meta, true),
        ),
        E::JournalEntry => all(
            &ledger.manual_journals,
            |_| true,
            |journal| record(List::ManualJournals, &journal.meta, true),
        ),
        E::PurchaseOrder => all(
            &ledger.purchase_orders,
            |_| true,
            |order| record(List::PurchaseOrders, &order.meta, true),
        ),
        E::CompanyInfo | E::Preferences | E::TaxAgency => vec![Head {
            number: 1,
            created_at: ledger.facts.created_at,
            updated_at: ledger.facts.created_at,
            sync_token: 0,
            active: true,
            deleted: false,
            source: Source::Whole,
        }],
        E::Absent(_) => Vec::new(),
    }
}

/// The record with this id, deleted ones too.
pub(super) fn find(ledger: &Ledger, entity: Entity, id: &str) -> Option<Head> {
    // By its realm id a company is asked for as well.
    if entity == E::CompanyInfo && id == ledger.facts.realm_id() {
        return heads(ledger, entity).into_iter().next();
    }
    heads(ledger, entity).into_iter().find(|head| head.id() == id)
}

fn documents(ledger: &Ledger, direction: Direction) -> Vec<Head> {
    let invoices = ledger.invoices.iter().enumerate();
    invoices
        .filter(|(_, invoice)| invoice.direction == direction)
        .map(|(_, invoice)| {
            let id = invoice.meta.id;
            let number = ledger.number(List::Invoices, id).unwrap_or_default();
            Head::of(number, &invoice.meta, true, Source::Record(id))
        })
        .collect()
}

fn notes(ledger: &Ledger, direction: Direction) -> Vec<Head> {
    let notes = ledger.credit_notes.iter();
    notes
        .filter(|note| note.direction == direction)
        .map(|note| {
            let id = note.meta.id;
            let number = ledger.number(List::CreditNotes, id).unwrap_or_default();
            Head::of(number, &note.meta, true, Source::Record(id))
        })
        .collect()
}

/// Payments, and credits that were applied: those are payments of nothing.
fn payments(ledger: &Ledger, direction: Direction) -> Vec<Head> {
    let payments = ledger.payments.iter();
    let mut heads: Vec<Head> = payments
        .filter(|payment| payment.direction == direction)
        .map(|payment| {
            let id = payment.meta.id;
            let number = ledger.number(List::Payments, id).unwrap_or_default();
            Head::of(number, &payment.meta, true, Source::Record(id))
        })
        .collect();
    for note in ledger
        .credit_notes
        .iter()
        .filter(|note| note.direction == direction)
    {
        for position in 0..note.allocations.len() {
            let number = ledger.allocation_number(note.meta.id, position);
            heads.push(Head {
                sync_token: 0,
                ..Head::of(
                    number,
                    &note.meta,
                    true,
                    Source::Allocation(note.meta.id, position),
                )
            });
        }
    }
    heads
}

fn dimension(ledger: &Ledger, place: usize) -> Vec<Head> {
    let Some(category) = ledger.tracking.at(place) else {
        return Vec::new();
    };
    let options = category.options.iter().enumerate();
    options
        .map(|(position, option)| {
            let active = option.status == ActiveStatus::Active && !option.deleted && !category.meta.deleted;
            Head {
                deleted: false,
                ..Head::of(
                    ledger.option_number(place, position),
                    &category.meta,
                    active,
                    Source::Option(category.meta.id, position),
                )
            }
        })
        .collect()
}

/// What writing records needs to know.
pub(super) struct Cx<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) zone: TimeZone,
    /// Where lines say only whether they are taxed.
    pub(super) is_us: bool,
}

impl<'a> Cx<'a> {
    pub(super) fn new(ledger: &'a Ledger) -> Self {
        Self {
            ledger,
            zone: times::zone(ledger),
            is_us: ledger.facts.country_code == "US",
        }
    }

    /// The record as the API writes it, with what it was told and the books have no place for.
    pub(super) fn write(&self, entity: Entity, head: &Head) -> Value {
        let mut object = Object::default();
        object
            .set("domain", "QBO")
            .set("sparse", false)
            .set("Id", head.id())
            .set("SyncToken", head.sync_token.to_string())
            .set(
                "MetaData",
                json!({
                    "CreateTime": times::stamp(head.created_at, &self.zone),
                    "LastUpdatedTime": times::stamp(head.updated_at, &self.zone),
                }),
            );
        let id = match head.source {
            Source::Record(id) => id,
            Source::Allocation(note, position) => {
                money::applied_credit(self, &mut object, note, position);
                return object.done();
            }
            Source::Option(category, position) => {
                lists::option(self, &mut object, category, position);
                return object.done();
            }
            Source::Component(rate, position, side) => {
                lists::tax_rate(self, &mut object, rate, position, side);
                return object.done();
            }
            Source::Pseudo(code) => {
                lists::pseudo_code(&mut object, code);
                return object.done();
            }
            Source::Whole => {
                company::write(self, entity, &mut object);
                return object.done();
            }
        };
        match entity {
            E::Account => lists::account(self, &mut object, id),
            E::Attachable => lists::attachable(self, &mut object, id),
            E::Customer | E::Vendor => lists::person(self, &mut object, id),
            E::Item => lists::item(self, &mut object, id),
            E::TaxCode => lists::tax_code(self, &mut object, id),
            E::Invoice | E::Bill => documents::invoice(self, &mut object, id),
            E::CreditMemo | E::VendorCredit => documents::credit_note(self, &mut object, id),
            E::PurchaseOrder => documents::purchase_order(self, &mut object, id),
            E::JournalEntry => documents::journal_entry(self, &mut object, id),
            E::Payment | E::BillPayment => money::payment(self, &mut object, id),
            E::Purchase | E::Deposit | E::SalesReceipt => money::transaction(self, &mut object, id),
            E::Transfer => money::transfer(self, &mut object, id),
            E::Class
            | E::Department
            | E::TaxRate
            | E::TaxAgency
            | E::CompanyInfo
            | E::Preferences
            | E::Absent(_) => None,
        };
        let mut written = object.done();
        if let Some(told) = self.ledger.told.get(&id) {
            json::fill(&mut written, told);
        }
        written
    }

    /// A field that the record was told.
    fn told(&self, id: Uuid, name: &str) -> Option<&str> {
        self.ledger.told.get(&id)?.get(name)?.as_str()
    }
}

/// What stands in the place of a deleted record.
pub(super) fn stub(head: &Head, zone: &TimeZone) -> Value {
    json!({
        "domain": "QBO",
        "status": "Deleted",
        "Id": head.id(),
        "MetaData": { "LastUpdatedTime": times::stamp(head.updated_at, zone) },
    })
}

/// Which way money has to flow for the entity.
pub(super) fn flow(entity: Entity, credit: bool) -> MoneyFlow {
    if entity == E::Purchase && !credit {
        MoneyFlow::Spend
    } else {
        MoneyFlow::Receive
    }
}

pub(super) use company::is_closed;
pub(super) use lines::tax_rate_of;
pub(super) use lists::{account_type, full_name};
