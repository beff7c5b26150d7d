//! The query language of the list endpoints: `{status=paid && totalAmount>100} || metadata.isDeleted!=true`.
//!
//! Text is parsed into an [`Expr`], resolved against the [`Schema`] of what is listed into a typed [`Filter`],
//! and evaluated over [`Properties`]: of stored JSON, or of anything in memory. Both databases, and lists that
//! no database holds, are answered by this one evaluator.

/// A whole request for a list: filter, order and page.
mod list;

/// The tree of a query, as written.
mod expr;
/// From text to the tree.
mod parse;

/// The properties of each data type.
mod dataset;
/// Which properties may be named, and of which type they are.
mod schema;

/// A query whose properties and values are known to fit, and whether something meets it.
mod filter;
/// Ascending or descending by one property.
mod order;
/// What properties hold, and how they compare.
mod value;

/// The properties of a JSON object, found without parsing the rest of it.
mod json;

/// Why a query cannot be answered.
mod error;

#[cfg(test)]
mod tests;

pub use error::Error;
pub use expr::{Clause, Expr, Operator};
pub use filter::{Filter, Operand, Test};
pub use json::Json;
pub use list::ListRequest;
pub use order::{Key, Order};
pub use parse::{MAX_CLAUSES, MAX_DEPTH, MAX_LENGTH, parse};
pub use schema::{Kind, Schema};
pub use value::{Found, Moment, Properties, Value, fold};
