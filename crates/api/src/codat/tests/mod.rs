/// Companies and their connections.
mod companies;
/// Expenses, as far as they go without a platform that takes them.
mod expenses;
/// The data as it was, and what changed.
mod history;
/// Lists and single records, as they were stored to the digit.
mod reads;
/// What is asked badly, or by the wrong one.
mod refusals;
/// Keys, webhooks, the profile.
mod settings;
