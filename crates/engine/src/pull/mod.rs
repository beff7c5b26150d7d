//! Pulls: data of a connection is asked for, read feed by feed, and published type by type.
//!
//! A Run asks for data types; each is one Pull. The feeds that serve them are read once for all, each by one
//! job (`feed.read`), page by page; a page's rows, its cursor and its counters are one transaction. The
//! transaction that ends the last feed of a Pull queues its completion (`pull.complete`), which makes what
//! was read visible in one step. The Pull that ends last queues the closing of the Run (`run.close`), which brings
//! the types of a set to one instant and completes the Run.

/// Asking for data.
mod request;

/// What came instead of a page, for the operator.
mod bad_answer;
/// With whose consent.
pub(crate) mod credentials;
/// How much of a feed is read: what changed, or everything.
mod extent;
/// What to do about a platform that refuses.
mod fault;
/// One page, from the platform.
mod fetch;
/// What the platforms have told each Run.
mod memos;
/// Reading one feed: the job.
mod read_feed;
/// What to do with a row, given what the store has.
mod sort;
/// Reading one feed from its beginning after all.
mod start_over;
/// One page, into the store.
mod store_page;

/// Cleaning up after a Run: the job.
mod clean;
/// Bringing the types of a Run to one instant: the job.
mod close;
/// Making visible what was read: the job.
mod complete;
/// The ends of Pulls and Runs.
mod end;
/// Writing what was read over the records.
mod overwrite;
/// Finding what is no longer there.
mod sweep;
/// Publishing what we wrote ourselves.
mod written;

/// Against a scripted platform, on both stores.
#[cfg(test)]
mod tests;

use ledgerline_model::{CompanyId, DataType, FeedReadId, PullId, RunId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(crate) use clean::clean;
pub(crate) use close::close;
pub(crate) use complete::complete;
pub use end::{cancel_all, end_all};
pub(crate) use fault::LONGEST_PAUSE;
pub(crate) use fetch::{Source, Stop, is_connected};
pub use memos::Memos;
pub(crate) use read_feed::read_feed;
pub(crate) use request::{LANES, start_period};
pub use request::{request, request_all, start_days, start_initial};
pub(crate) use written::publish_written;

/// Why data cannot be asked for.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("a Pull of {data_type} of {company} is still running: {running}")]
    AlreadyInProgress {
        company: CompanyId,
        running: PullId,
        data_type: DataType,
    },
    #[error("{platform} does not give {data_type}")]
    NotSupported {
        data_type: DataType,
        /// For people.
        platform: String,
    },
    #[error("the company has no linked connection")]
    NotLinked,
    /// Certain days were asked for before the first Run has read what the settings say.
    #[error("the first read has not completed")]
    NotReadYet,
    #[error(transparent)]
    Job(#[from] crate::jobs::Error),
}

impl From<ledgerline_store::Error> for Error {
    fn from(error: ledgerline_store::Error) -> Self {
        Self::Job(error.into())
    }
}

/// Payload of `feed.read`.
#[derive(Serialize, Deserialize)]
struct ReadFeed {
    feed_read: Uuid,
}

/// Payload of `pull.complete`.
#[derive(Serialize, Deserialize)]
struct CompletePull {
    pull: Uuid,
}

/// Payload of `run.close`.
#[derive(Serialize, Deserialize)]
struct CloseRun {
    run: Uuid,
}

/// Payload of `staged.clean`.
#[derive(Serialize, Deserialize)]
struct CleanRun {
    run: Uuid,
}

impl ReadFeed {
    fn of(id: FeedReadId) -> Self {
        Self { feed_read: id.0 }
    }
}

impl CompletePull {
    fn of(id: PullId) -> Self {
        Self { pull: id.0 }
    }
}

impl CloseRun {
    fn of(id: RunId) -> Self {
        Self { run: id.0 }
    }
}

impl CleanRun {
    fn of(id: RunId) -> Self {
        Self { run: id.0 }
    }
}
