use crate::{AppId, CompanyId, ConnectionId, DatasetId, PushId, Timestamp};

/// A dataset that is written without being asked for again, when its turn comes: those of a company one after the
/// other.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Batch {
    pub app: AppId,
    /// Of the dataset that holds its expenses.
    pub id: DatasetId,
    pub company: CompanyId,
    /// The one that it was handed over for.
    pub connection: ConnectionId,
    /// How many expenses it holds.
    pub items: i64,
    pub created_at: Timestamp,
    pub state: BatchState,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BatchState {
    /// Its turn has not come.
    Queued,
    /// This push writes it, or has.
    Taken(PushId),
    /// Its turn came, and it could not be begun.
    Refused { at: Timestamp, reason: String },
}

/// How far a batch has got, as lists of batches ask for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BatchStatus {
    Pending,
    Processing,
    /// Something of it is in the books.
    Completed,
    /// Nothing of it is.
    Failed,
}

impl BatchStatus {
    pub const ALL: [Self; 4] = [Self::Pending, Self::Processing, Self::Completed, Self::Failed];
}

/// An expense of a batch, as events of it need to know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Member {
    pub batch: DatasetId,
    pub connection: ConnectionId,
    pub transaction: String,
    /// When the batch was handed over.
    pub created_at: Timestamp,
}

/// Why an expense of a batch is not in the books.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cause {
    /// It cannot be booked as it is.
    Content,
    /// The platform has refused it.
    Platform,
    /// The connection is not linked any more.
    Connection,
    /// Nobody knows whether it is.
    Doubt,
    /// The platform was not to be reached.
    Unreachable,
}

impl Cause {
    pub const ALL: [Self; 5] = [
        Self::Content,
        Self::Platform,
        Self::Connection,
        Self::Doubt,
        Self::Unreachable,
    ];

    pub const fn key(self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::Platform => "platform",
            Self::Connection => "connection",
            Self::Doubt => "doubt",
            Self::Unreachable => "unreachable",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.key() == key)
    }
}
