/// What expenses can be booked on, and expenses that are.
mod booking;

/// Files on expenses.
mod attachments;
/// The guide "Configure Customer", step by step.
mod configure_customer;
/// What is told of batches, expenses and files.
mod events;
/// Expenses, batches, and what they are booked on.
mod expenses;
/// The guide and what follows it, from a new company to its last request.
mod whole_story;
