//! Expenses on their way into the customer's books.

/// What the app sends: one expense transaction, in neutral words.
mod expense;
/// By what name the platform knows a request of ours again.
mod key;
/// Where an expense has to arrive, and how far it got there.
mod leg;
/// Which of the company's objects an expense is booked on.
mod mapping;
/// An expense with every choice made.
mod order;

pub use expense::{Contact, ContactKind, Expense, ExpenseKind, Line, Tracking, TrackingKind};
pub use key::{Key, KeyParts};
pub use leg::{Leg, LegState};
pub use mapping::Mapping;
pub use order::{Choice, Order, OrderLine};
