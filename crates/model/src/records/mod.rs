//! The standard schema: one file per data type, fields in the order and spelling that the API answers with.
//!
//! Records carry neither `modifiedDate` nor `metadata`: both are known only when a record is read. Text is
//! borrowed from the page that it came on, since a record lives no longer than its page.

/// Bank side of payments, direct costs and incomes, and transfers.
mod account_transaction;
mod bank_account;
mod bill;
mod bill_credit_note;
mod bill_payment;
mod chart_of_accounts;
mod company;
mod credit_note;
mod customer;
mod direct_cost;
mod direct_income;
mod invoice;
mod item;
mod journal_entry;
mod payment;
mod purchase_order;
/// Balance sheet, profit and loss, and cash flow: one record per calendar month.
mod statements;
mod supplier;
mod tax_rate;
mod tracking_category;
mod transfer;

/// Addresses, phones and the names of people.
mod contact_details;
/// Lines of documents.
mod line;
/// What documents say of the payments that settle them.
mod payment_allocation;
/// How one record names another.
mod reference;
/// What has no place in the schema, by the platform's own names.
mod supplemental_data;

pub use account_transaction::*;
pub use bank_account::*;
pub use bill::*;
pub use bill_credit_note::*;
pub use bill_payment::*;
pub use chart_of_accounts::*;
pub use company::*;
pub use contact_details::*;
pub use credit_note::*;
pub use customer::*;
pub use direct_cost::*;
pub use direct_income::*;
pub use invoice::*;
pub use item::*;
pub use journal_entry::*;
pub use line::*;
pub use payment::*;
pub use payment_allocation::*;
pub use purchase_order::*;
pub use reference::*;
pub use statements::*;
pub use supplemental_data::*;
pub use supplier::*;
pub use tax_rate::*;
pub use tracking_category::*;
pub use transfer::*;

/// Text of a record, borrowed from the page where it can be.
pub type Text<'a> = std::borrow::Cow<'a, str>;
