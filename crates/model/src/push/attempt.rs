use super::Leg;
use crate::{AppId, CompanyId, ConnectionId, PushId, Timestamp};

/// One attempt to write datasets: at most one of a company runs at a time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Push {
    pub app: AppId,
    pub id: PushId,
    pub company: CompanyId,
    pub connection: ConnectionId,
    /// Of the app's words: see [`super::Dataset::version`].
    pub version: i64,
    pub state: PushState,
    pub requested_at: Timestamp,
    /// When a leg was last settled, pauses that the platform announced added.
    pub last_progress_at: Timestamp,
    /// Something was written by it.
    pub data_pushed: bool,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PushState {
    Running,
    Ended(End),
}

/// How a push ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct End {
    pub at: Timestamp,
    pub outcome: Outcome,
    /// Why it is no better, for people; empty where it is good.
    pub message: String,
    /// The cause in other words, where there is one; else the same.
    pub exception: String,
}

/// Every end that a push can have; the dialects have numbers and words for them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Outcome {
    /// Everything was written.
    Written,
    /// There was nothing to write.
    NothingToWrite,
    /// The company's mapping was never set, and nothing could be written without it.
    NotConfigured,
    /// The customer's consent ended, or the connection was cut, before everything was written.
    Deauthorized,
    /// The platform refuses the organisation, e.g. because its subscription has lapsed.
    Suspended,
    /// Some transactions had been written by an earlier push; whatever else was asked for was written.
    Duplicate,
    /// At least one transaction could not be written.
    WriteFailed,
    /// The platform could not be reached for so long that the push was given up, or something of ours broke.
    Unavailable,
}

impl Outcome {
    pub const ALL: [Self; 8] = [
        Self::Written,
        Self::NothingToWrite,
        Self::NotConfigured,
        Self::Deauthorized,
        Self::Suspended,
        Self::Duplicate,
        Self::WriteFailed,
        Self::Unavailable,
    ];

    pub const fn key(self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::NothingToWrite => "nothing_to_write",
            Self::NotConfigured => "not_configured",
            Self::Deauthorized => "deauthorized",
            Self::Suspended => "suspended",
            Self::Duplicate => "duplicate",
            Self::WriteFailed => "write_failed",
            Self::Unavailable => "unavailable",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.key() == key)
    }

    /// Whether all that was asked for is in the books by this push.
    pub const fn is_success(self) -> bool {
        match self {
            Self::Written | Self::NothingToWrite => true,
            Self::NotConfigured
            | Self::Deauthorized
            | Self::Suspended
            | Self::Duplicate
            | Self::WriteFailed
            | Self::Unavailable => false,
        }
    }
}

/// What a push saw of one leg of one transaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    pub transaction: String,
    pub leg: Leg,
    pub status: RowStatus,
    pub message: Option<String>,
    /// Written by this push; not so of what an earlier one had written.
    pub is_written: bool,
    /// Of what the push had left in doubt: what became known of it when the push had ended.
    pub found: Option<Found>,
}

/// What became of a leg after the push that shows it as unknown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    /// It was in the books, or has come into them since; not so: it was not, and why.
    pub is_posted: bool,
    pub message: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum RowStatus {
    /// Whether it is in the books cannot be told: the push ended before it could, or somebody has to look.
    Unknown,
    /// Not settled yet, or not sent before the push ended.
    Pending,
    /// It was not sent, since it cannot be booked as it is.
    Invalid,
    /// In the books.
    Completed,
    /// The platform refused it.
    Failed,
}

impl RowStatus {
    pub const ALL: [Self; 5] = [
        Self::Unknown,
        Self::Pending,
        Self::Invalid,
        Self::Completed,
        Self::Failed,
    ];

    pub const fn key(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Pending => "pending",
            Self::Invalid => "invalid",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.key() == key)
    }
}
