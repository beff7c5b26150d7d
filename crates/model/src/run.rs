use crate::{
    AppId, CompanyId, ConnectionId, DataPeriod, DataType, FeedReadId, PublicationId, PullId, RunId,
    Timestamp, Window,
};

/// Why data of a connection is read: it groups the Pulls that were asked for together.
#[derive(Clone, Debug)]
pub struct Run {
    pub app: AppId,
    pub id: RunId,
    pub company: CompanyId,
    pub connection: ConnectionId,
    pub reason: Reason,
    /// Which due instant it is for, at most one Run each; `None`: somebody asked.
    pub period: Option<String>,
    pub data_period: Option<DataPeriod>,
    pub created_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    /// Pulls that have not ended yet.
    pub pulls_left: i64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    /// The first read after the first link.
    Initial,
    /// By schedule.
    Recurring,
    /// Somebody asked.
    OnDemand,
    /// On demand, because the connection was linked again.
    AfterLink,
}

impl Reason {
    pub const ALL: [Self; 4] = [Self::Initial, Self::Recurring, Self::OnDemand, Self::AfterLink];

    pub const fn key(self) -> &'static str {
        match self {
            Self::Initial => "initial",
            Self::Recurring => "recurring",
            Self::OnDemand => "on_demand",
            Self::AfterLink => "after_link",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.key() == key)
    }

    /// Whether a calendar schedule counts it as the Run of its period.
    pub const fn is_scheduled(self) -> bool {
        match self {
            Self::Initial | Self::Recurring => true,
            Self::OnDemand | Self::AfterLink => false,
        }
    }
}

/// How much a Run asks the platforms for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Extent {
    /// What changed since the last read, where a feed can tell.
    Changes,
    /// Everything, whatever was read before.
    Everything,
}

/// The read of one data type of one connection.
#[derive(Clone, Debug)]
pub struct Pull {
    pub app: AppId,
    pub id: PullId,
    pub run: RunId,
    pub company: CompanyId,
    pub connection: ConnectionId,
    pub data_type: DataType,
    pub state: PullState,
    /// What readers see once it is complete.
    pub publication: PublicationId,
    /// The type could not be read before: its pages go straight to where readers will look.
    pub first_load: bool,
    pub window: Window,
    pub requested_at: Timestamp,
    /// Number of the app's last publication before the first page was asked for.
    pub first_asked_seq: Option<i64>,
    /// Feeds that have not been read to their end yet.
    pub feeds_left: i64,
    /// Rows that the platform's pages held for this type so far.
    pub read: i64,
    /// Of these, the ones that said of a record that it is not, or no longer, of the type.
    pub gone: i64,
    /// How many rows the platform said there are, where it says so.
    pub expected: Option<i64>,
    /// Rows that were new or different.
    pub changed: i64,
    pub deleted: i64,
    pub quarantined: i64,
    /// Set while a recoverable fault holds it up.
    pub paused_until: Option<Timestamp>,
    /// Why it is held up, or why it ended badly; for people.
    pub message: Option<String>,
    /// What lay behind a bad end, where the platform brought it about.
    pub cause: Option<Cause>,
    /// How often in a row the request that ended it had failed.
    pub failed_attempts: Option<i64>,
}

/// One reading of one feed, for all the Pulls of its Run that need it.
#[derive(Clone, Debug)]
pub struct FeedRead {
    pub app: AppId,
    pub id: FeedReadId,
    pub run: RunId,
    pub connection: ConnectionId,
    pub feed: String,
    /// The data types that are wanted of it; never empty.
    pub wanted: Vec<DataType>,
    /// What of their history; types of one feed with different windows are read apart.
    pub window: Window,
    /// The platform's time from which on changes are asked for; `None`: everything is, and what it leaves out is
    /// gone.
    pub since: Option<Timestamp>,
    /// Version of the connector's mapping when the read began.
    pub mapping: i64,
    /// How often the platform made it start over.
    pub restarts: i64,
    /// Where the next page starts, in the connector's words; `None` before the first.
    pub cursor: Option<String>,
    pub pages: i64,
    /// Source objects on the pages so far.
    pub objects: i64,
    /// 1, or 2 where a mass deletion is looked at again.
    pub pass: i64,
    /// The platform's clock at the first answer: the next high-water mark.
    pub platform_time: Option<Timestamp>,
    /// When a page was last stored; moved on by the pauses that the platform announced.
    pub last_progress_at: Timestamp,
    pub finished_at: Option<Timestamp>,
}

/// Where a Pull stands; the end states carry when.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PullState {
    Queued,
    Fetching,
    Processing,
    Complete { at: Timestamp },
    Failed { at: Timestamp, failure: Failure },
}

/// How a Pull can end badly.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Failure {
    Fetch,
    Auth,
    Permissions,
    RateLimit,
    Internal,
    Cancelled,
}

/// What a platform did that ended a Pull. [`Failure`] is what all dialects tell; this is what a client can act upon.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cause {
    /// It did not answer for a day.
    Unavailable,
    /// Its answers could not be read.
    Malformed,
    /// It refused the request, or does not offer what was asked for.
    Refused,
    /// It left out records that are there.
    ShortList,
}

impl Cause {
    pub const ALL: [Self; 4] = [Self::Unavailable, Self::Malformed, Self::Refused, Self::ShortList];

    pub const fn key(self) -> &'static str {
        match self {
            Self::Unavailable => "unavailable",
            Self::Malformed => "malformed",
            Self::Refused => "refused",
            Self::ShortList => "short_list",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.key() == key)
    }
}

impl PullState {
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Queued | Self::Fetching | Self::Processing)
    }

    pub const fn is_complete(self) -> bool {
        matches!(self, Self::Complete { .. })
    }

    /// The stored key; end states share it with [`Failure`].
    pub const fn key(self) -> &'static str {
        match self {
            Self::Queued => "Queued",
            Self::Fetching => "Fetching",
            Self::Processing => "Processing",
            Self::Complete { .. } => "Complete",
            Self::Failed { failure, .. } => failure.key(),
        }
    }

    /// From a stored key and the time of the end; `None` for a key that is none, or an end without a time.
    pub fn from_key(key: &str, finished_at: Option<Timestamp>) -> Option<Self> {
        match key {
            "Queued" => Some(Self::Queued),
            "Fetching" => Some(Self::Fetching),
            "Processing" => Some(Self::Processing),
            "Complete" => Some(Self::Complete { at: finished_at? }),
            _ => Some(Self::Failed {
                at: finished_at?,
                failure: Failure::from_key(key)?,
            }),
        }
    }

    pub const fn finished_at(self) -> Option<Timestamp> {
        match self {
            Self::Queued | Self::Fetching | Self::Processing => None,
            Self::Complete { at } | Self::Failed { at, .. } => Some(at),
        }
    }
}

impl Failure {
    pub const ALL: [Self; 6] = [
        Self::Fetch,
        Self::Auth,
        Self::Permissions,
        Self::RateLimit,
        Self::Internal,
        Self::Cancelled,
    ];

    pub const fn key(self) -> &'static str {
        match self {
            Self::Fetch => "FetchError",
            Self::Auth => "AuthError",
            Self::Permissions => "PermissionsError",
            Self::RateLimit => "RateLimitError",
            Self::Internal => "InternalError",
            Self::Cancelled => "Cancelled",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|failure| failure.key() == key)
    }
}

/// How fresh one data type of one connection is.
#[derive(Clone, Debug)]
pub struct DataStatus {
    pub data_type: DataType,
    pub state: PullState,
    pub latest_pull: PullId,
    pub last_success: Option<(PullId, Timestamp)>,
    /// Live (not deleted) records.
    pub records: i64,
}
