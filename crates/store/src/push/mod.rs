//! The aggregates of writing.

/// Files on posted expenses.
pub mod attachments;
/// Lists of expenses that are written one after the other.
pub mod batches;
/// Lists of expenses, as they were handed over.
pub mod datasets;
/// One expense of the app's, however often it was handed over.
pub mod items;
/// Where items have to arrive, and how far they got there.
pub mod legs;
/// Which of the company's objects expenses are booked on.
pub mod mapping;
/// Each attempt to write datasets.
pub mod pushes;
/// What an attempt saw of each transaction.
pub mod rows;

#[cfg(test)]
mod tests;
