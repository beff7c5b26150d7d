/// Companies: made, read, changed, deleted; nobody sees another's.
mod companies;
/// Connections and their states.
mod connections;
/// Every bad input has a clear answer, and none is a 500.
mod errors;
/// Expenses: from a dataset into the books.
pub mod expenses;
/// The data as it was, and what changed since.
mod history;
/// Lists: pages, queries, order.
mod lists;
/// Refreshing data and how fresh it is.
mod refresh;
/// What the vendor's page on refreshing says, sentence by sentence.
mod refresh_guide;
/// Scheduled refresh, and how far back data is read.
mod schedules;
/// Financial statements, held against each other.
mod statements;
/// Signed webhooks, retried until they are heard.
mod webhooks;
