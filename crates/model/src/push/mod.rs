//! Expenses on their way into the customer's books.

/// One attempt to write, and what it saw of each transaction.
mod attempt;
/// Lists of them that are written one after the other.
mod batch;
/// Lists of them, as they were handed over.
mod dataset;
/// What the app sends: one expense transaction, in neutral words.
mod expense;
/// One leg of one item, with all that is needed to go on after a crash.
mod item;
/// By what name the platform knows a request of ours again.
mod key;
/// Where an expense has to arrive, and how far it got there.
mod leg;
/// Which of the company's objects an expense is booked on.
mod mapping;
/// An expense with every choice made.
mod order;

pub use attempt::{End, Found, Outcome, Push, PushState, Row, RowStatus};
pub use batch::{Batch, BatchState, BatchStatus, Cause, Member};
pub use dataset::{Content, Dataset};
pub use expense::{Contact, ContactKind, Expense, ExpenseKind, Line, Tracking, TrackingKind};
pub use item::{BooksOf, ItemLeg, Operation};
pub use key::{Key, KeyParts};
pub use leg::{Leg, LegState};
pub use mapping::Mapping;
pub use order::{Choice, Order, OrderLine};
