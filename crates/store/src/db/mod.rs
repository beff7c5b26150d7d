//! Connections, transactions, statements and rows over either database.

/// Opening a store: pools, pragmas, migrations.
mod open;
/// A statement with its values, and the rows that it gives.
mod statement;
/// A transaction on either database.
mod tx;

pub use open::{Options, Store};
pub use statement::{Row, Statement, Value, json, rows_of, sql};
pub use tx::Tx;
