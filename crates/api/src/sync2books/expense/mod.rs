//! An expense, as it is handed over and shown.

/// Its fields, as they come and go.
mod body;
/// Their way into our words, or all that is wrong with them.
mod check;
/// One thing, or a list of them.
mod one_or_many;
/// How it looks from our words.
mod shown;
/// An expense that was taken up.
mod view;

#[cfg(test)]
mod tests;

pub use body::{ExpenseBody, IdRef};
pub use one_or_many::OneOrMany;
pub use view::{ExpenseView, IntegrationResponse};
