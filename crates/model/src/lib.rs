//! The nouns of Ledgerline: what there is, without any I/O.

/// The 28 data types of the standard schema, and what readers may ask of each.
/// What a platform sent that is no answer.
mod bad_answer;
mod data_type;
/// Exact decimals: the digits of the JSON, never a float.
mod decimal;
/// Public and internal identifiers: UUIDv7, one type per noun.
mod id;
/// Secrets: values that print `[redacted]`.
mod secret;
/// Instants, dates without a zone, and the clock that everybody has to ask.
mod time;
/// Which part of the history is read, and which days a Run is about.
mod window;

/// The app: the tenant of this server, its settings and its API keys.
pub mod app;
/// The app's customer.
pub mod company;
/// A company's tie to one organisation on an accounting platform.
pub mod connection;
/// How far the data types that one Run has read agree with each other.
pub mod consistency;
/// What happened, and who is told.
pub mod event;
/// What a customer consented to: sealed tokens that serve one or more connections.
pub mod grant;
/// What a record has open on a control account.
pub mod open;
/// Bugs on purpose, for tests of the tests; none without the feature `planted`.
pub mod planted;
/// Expenses on their way into the customer's books.
pub mod push;
/// The query language of the list endpoints: parser, tree, evaluation.
pub mod query;
/// One accounting record: its standard JSON, its source, its hash.
pub mod record;
/// The standard schema, one file per data type.
pub mod records;
/// Why data is read (Run), and one data type of it (Pull).
pub mod run;
/// How fresh data is kept, and how far back it is read.
pub mod setting;
/// What must hold of a record by itself.
pub mod validation;

pub use bad_answer::BadAnswer;
pub use data_type::DataType;
pub use decimal::Decimal;
pub use id::*;
pub use secret::Secret;
pub use time::{Clock, Date, Instant, LocalDateTime, Timestamp, from_micros, micros};
pub use window::{DataPeriod, Days, Window};
