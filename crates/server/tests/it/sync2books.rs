/// The guide "Configure Customer", step by step.
mod configure_customer;
/// Expenses, batches, and what they are booked on.
mod expenses;
