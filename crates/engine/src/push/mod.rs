//! Pushes: expenses are handed over in datasets, asked to be written, and written each exactly once.
//!
//! A push takes datasets and decides for each transaction whether it is new, known or finished. Each item has one or
//! two legs (a line of the bank feed, the document), and each leg moves by a pure function of its state and what
//! happened ([`state`]). What may have been sent is never sent again before two searches for its key, a hold apart,
//! have found nothing.

/// Files on posted expenses.
pub mod attach;
/// Whether statement lines are fed beside the documents.
pub mod bank_feed;
/// Expenses are handed over and written one list after the other.
pub mod batches;
/// Expenses are handed over.
pub mod datasets;
/// A company's defaults.
pub mod mapping;
/// What an expense refers to and the books do not have.
pub mod missing;
/// What a push would send.
pub mod plan;
/// Asking for a push.
pub mod request;
/// How pushes stand.
pub mod status;
/// What a push saw of each transaction.
pub mod transactions;
/// A posted expense is given other content.
pub mod update;
/// What pushes wrote.
pub mod written;

/// What a push does with a transaction, given what is known of it.
mod admit;
/// Asking the platform.
mod ask;
/// From an expense to an order.
mod choose;
/// The ends of pushes.
mod end;
/// What the books have told already.
mod known;
/// Asking about many at once, as fast as the limits allow.
mod pace;
/// Bugs on purpose.
mod planted;
/// From an order to the platform's own request.
mod prepare;
/// What was posted becomes readable.
mod read_back;
/// A connection was cut, or linked again.
mod resume;
/// The job that pushes.
mod run;
/// How a leg moves: a pure function.
mod state;
/// What is told of batches and their expenses.
mod tell;
/// What is wrong with an expense before anything is sent.
mod validate;
/// What that job has in hand.
mod work;

/// Against scripted books, on both stores.
#[cfg(test)]
mod tests;

pub use known::Known;
pub(crate) use resume::{resume, wake};
pub(crate) use run::run;

use ledgerline_model::PushId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Why something cannot be asked for.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the content of an expense cannot be kept: {0}")]
    Content(String),
    #[error(transparent)]
    Job(#[from] crate::jobs::Error),
}

impl From<ledgerline_store::Error> for Error {
    fn from(error: ledgerline_store::Error) -> Self {
        Self::Job(error.into())
    }
}

/// Payload of `push.run`: a company's only one.
#[derive(Serialize, Deserialize)]
struct RunPush {
    company: Uuid,
    /// `None`: what earlier pushes have left in doubt is found out.
    push: Option<Uuid>,
}

impl RunPush {
    fn of(company: ledgerline_model::CompanyId, push: Option<PushId>) -> Self {
        Self {
            company: company.0,
            push: push.map(|push| push.0),
        }
    }
}
