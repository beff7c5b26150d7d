//! The tables: one file per aggregate, SQLite and PostgreSQL behind one code path. Only here is SQL.

/// Connections, transactions, statements and rows over either database.
pub mod db;
/// What the two databases say differently.
mod dialect;
/// What can go wrong, constraints included.
mod error;

/// Tokens that reach one company only.
pub mod access_tokens;
/// Secrets at rest.
pub mod seal;

/// What publications changed, of all companies of an app, in their order.
pub mod change_feed;
/// What a later Pull found different, until its completion applies it.
pub mod changes;
/// How Runs are closed, and how far their types agree.
pub mod closings;
/// One feed, read for all the Pulls of a Run that need it; what it saw; high-water marks.
pub mod feed_reads;
/// What is wrong with records.
pub mod issues;
/// The steps of what readers may see.
pub mod publications;
/// One data type of one connection, read once.
pub mod pulls;
/// What readers are given: lists with filter, order and pages.
pub mod reading;
/// The records as readers see them.
pub mod records;
/// References that lead nowhere.
pub mod references;
/// Why data is read; groups Pulls.
pub mod runs;
/// How fresh each data type is.
pub mod status;
/// Superseded forms of records.
pub mod versions;

/// Expenses on their way into the books: what was handed over, how far it got, and each attempt.
pub mod push;

/// Their keys.
pub mod api_keys;
/// The tenants.
pub mod apps;
/// The tenants' customers.
pub mod companies;
/// What the tenants say of them beyond their names.
pub mod company_details;
/// A company's ties to organisations.
pub mod connections;
/// Customers as lists show them, filtered and ordered.
pub mod directory;
/// For which customers the tenants hand over expenses.
pub mod expense_providers;
/// What is left of a deleted company or connection, taken away in batches.
pub mod purge;

/// What customers consented to, with its tokens.
pub mod grants;
/// Opened links, and consents under way.
pub mod link;

/// What platforms let us ask, and how much of it was taken.
pub mod budgets;
/// Each telling, and how it went.
pub mod deliveries;
/// Who is told.
pub mod endpoints;
/// What happened: the outbox.
pub mod events;
/// What has to be done, by whichever node is free.
pub mod jobs;

/// Who did what to whom.
pub mod audit;
/// Who may see the dashboard.
pub mod dashboard;
/// Facts of the server as a whole.
pub mod facts;
/// What is fetched of whom, and how far back.
pub mod settings;

/// Tests run on SQLite and on PostgreSQL alike.
#[cfg(test)]
mod testing;

pub use db::{Options, Store, Tx};
pub use dialect::Dialect;
pub use error::Error;
pub use seal::Keyring;

pub type Result<T, E = Error> = std::result::Result<T, E>;
