//! What is pushed is in the books exactly once: thousands of expenses, while servers are killed and the platforms fail
//! in every way in which a write can fail; counted in the platforms' ledgers, by somebody who knows none of our code.

/// One torture, from its seed to its report.
mod torture;

/// The trouble in which each planted bug of pushes shows.
pub mod scenario;

/// The app: it hands over, asks, learns, corrects and asks again.
mod client;
/// One expense, and what is to become of it.
mod expense;

/// What is done to servers and platforms, and the choice of what is done next.
mod trouble;

/// How the servers say that it all ended.
mod ends;
/// The independent reader: what the ledgers hold of it.
mod ledger;

/// A company's books, and what in them expenses refer to.
mod books;

pub use torture::{Options, Report, run};
