//! The tables: one file per aggregate, SQLite and PostgreSQL behind one code path. Only here is SQL.

/// Connections, transactions, statements and rows over either database.
pub mod db;
/// What the two databases say differently.
mod dialect;
/// What can go wrong, constraints included.
mod error;

/// Secrets at rest.
pub mod seal;

/// Their keys.
pub mod api_keys;
/// The tenants.
pub mod apps;
/// The tenants' customers.
pub mod companies;
/// A company's ties to organisations.
pub mod connections;

/// Tests run on SQLite and on PostgreSQL alike.
#[cfg(test)]
mod testing;

pub use db::{Options, Store, Tx};
pub use dialect::Dialect;
pub use error::Error;
pub use seal::Keyring;

pub type Result<T, E = Error> = std::result::Result<T, E>;
