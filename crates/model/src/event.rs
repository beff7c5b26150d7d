/// Of batches, their expenses and the files on them.
mod batch;

pub use batch::{AttachmentSnapshot, BatchSnapshot, DocumentSnapshot, ItemSnapshot};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::app::Environment;
use crate::{AppId, CompanyId, EndpointId, EventId, Timestamp};

/// Something that happened, with a neutral snapshot of all that any dialect prints of it.
#[derive(Clone, Debug)]
pub struct Event {
    pub app: AppId,
    pub id: EventId,
    pub environment: Environment,
    pub company: CompanyId,
    /// Counts the events of the company, from 1.
    pub sequence: i64,
    pub at: Timestamp,
    pub body: Body,
}

/// What happened; stored as JSON.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Body {
    CompanyCreated {
        company: CompanySnapshot,
    },
    CompanyDeleted {
        company: CompanySnapshot,
    },
    ConnectionCreated {
        company: CompanySnapshot,
        connection: ConnectionSnapshot,
    },
    ConnectionConnected {
        company: CompanySnapshot,
        connection: ConnectionSnapshot,
    },
    ConnectionReconnected {
        company: CompanySnapshot,
        connection: ConnectionSnapshot,
    },
    ConnectionDisconnected {
        company: CompanySnapshot,
        connection: ConnectionSnapshot,
    },
    ConnectionFailed {
        company: CompanySnapshot,
        connection: ConnectionSnapshot,
    },
    ConnectionDeleted {
        company: CompanySnapshot,
        connection: ConnectionSnapshot,
    },
    RunCompleted {
        company: CompanySnapshot,
        run: RunSnapshot,
    },
    PushStarted {
        company: CompanySnapshot,
        push: PushSnapshot,
    },
    /// All that was asked for is in the books.
    PushSucceeded {
        company: CompanySnapshot,
        push: PushSnapshot,
    },
    PushFailed {
        company: CompanySnapshot,
        push: PushSnapshot,
    },
    BatchStarted {
        company: CompanySnapshot,
        batch: BatchSnapshot,
    },
    /// Something of it is in the books.
    BatchCompleted {
        company: CompanySnapshot,
        batch: BatchSnapshot,
    },
    /// Nothing of it is.
    BatchFailed {
        company: CompanySnapshot,
        batch: BatchSnapshot,
    },
    /// An expense of a batch is in the books.
    ExpenseSynced {
        company: CompanySnapshot,
        item: ItemSnapshot,
    },
    /// It is not, or nobody knows.
    ExpenseFailed {
        company: CompanySnapshot,
        item: ItemSnapshot,
    },
    AttachmentUploaded {
        company: CompanySnapshot,
        attachment: AttachmentSnapshot,
    },
}

impl Body {
    /// Our name of it, `noun.verb-ed`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::CompanyCreated { .. } => "company.created",
            Self::CompanyDeleted { .. } => "company.deleted",
            Self::ConnectionCreated { .. } => "connection.created",
            Self::ConnectionConnected { .. } => "connection.connected",
            Self::ConnectionReconnected { .. } => "connection.reconnected",
            Self::ConnectionDisconnected { .. } => "connection.disconnected",
            Self::ConnectionFailed { .. } => "connection.failed",
            Self::ConnectionDeleted { .. } => "connection.deleted",
            Self::RunCompleted { .. } => "run.completed",
            Self::PushStarted { .. } => "push.started",
            Self::PushSucceeded { .. } => "push.succeeded",
            Self::PushFailed { .. } => "push.failed",
            Self::BatchStarted { .. } => "batch.started",
            Self::BatchCompleted { .. } => "batch.completed",
            Self::BatchFailed { .. } => "batch.failed",
            Self::ExpenseSynced { .. } => "expense.synced",
            Self::ExpenseFailed { .. } => "expense.failed",
            Self::AttachmentUploaded { .. } => "attachment.uploaded",
        }
    }

    pub const fn company(&self) -> &CompanySnapshot {
        match self {
            Self::CompanyCreated { company }
            | Self::CompanyDeleted { company }
            | Self::ConnectionCreated { company, .. }
            | Self::ConnectionConnected { company, .. }
            | Self::ConnectionReconnected { company, .. }
            | Self::ConnectionDisconnected { company, .. }
            | Self::ConnectionFailed { company, .. }
            | Self::ConnectionDeleted { company, .. }
            | Self::RunCompleted { company, .. }
            | Self::PushStarted { company, .. }
            | Self::PushSucceeded { company, .. }
            | Self::PushFailed { company, .. }
            | Self::BatchStarted { company, .. }
            | Self::BatchCompleted { company, .. }
            | Self::BatchFailed { company, .. }
            | Self::ExpenseSynced { company, .. }
            | Self::ExpenseFailed { company, .. }
            | Self::AttachmentUploaded { company, .. } => company,
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CompanySnapshot {
    pub id: Uuid,
    pub name: String,
    pub description: Option<String>,
    pub tags: std::collections::BTreeMap<String, String>,
    pub created_at: Timestamp,
    /// The app's own id of it; in events of Runs only.
    #[serde(default)]
    pub external_id: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ConnectionSnapshot {
    pub id: Uuid,
    pub platform: String,
    /// Key of [`crate::connection::State`].
    pub state: String,
    pub environment: String,
    pub link_url: String,
    pub created_at: Timestamp,
    pub last_sync_at: Option<Timestamp>,
    pub errors: Vec<crate::connection::ConnectionError>,
    /// The platform's id of the organisation, once a customer has consented: of a connection that is made by a
    /// consent it is there from the beginning.
    #[serde(default)]
    pub organisation: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RunSnapshot {
    pub id: Uuid,
    /// Key of [`crate::run::Reason`].
    pub reason: String,
    pub connection: Uuid,
    /// Our key of the platform.
    pub platform: String,
    /// Which due instant it was for; `None`: somebody asked.
    pub period: Option<String>,
    /// Through which dialect somebody asked, where it is known.
    #[serde(default)]
    pub dialect: Option<String>,
    pub data_period: Option<crate::DataPeriod>,
    pub started_at: Timestamp,
    pub finished_at: Timestamp,
    pub pulls: Vec<PullSnapshot>,
    /// When one of its types is read next by itself.
    #[serde(default)]
    pub next_at: Option<Timestamp>,
    /// How far its types agree; absent where none was read.
    #[serde(default)]
    pub consistency: Option<crate::consistency::Consistency>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PullSnapshot {
    pub id: Uuid,
    pub data_type: crate::DataType,
    /// Key of [`crate::run::PullState`].
    pub state: String,
    /// Rows that the platform's pages held.
    pub read: i64,
    /// Of these, the ones that said of a record that it is not, or no longer, of the type.
    #[serde(default)]
    pub gone: i64,
    pub changed: i64,
    pub deleted: i64,
    pub quarantined: i64,
    pub issues: i64,
    pub message: Option<String>,
    /// Key of [`crate::run::Cause`].
    #[serde(default)]
    pub cause: Option<String>,
    #[serde(default)]
    pub failed_attempts: Option<i64>,
    /// Of statements: the months that the Run changed, `2027-03`.
    #[serde(default)]
    pub changed_months: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PushSnapshot {
    pub id: Uuid,
    pub connection: Uuid,
    /// Our key of the platform.
    pub platform: String,
    /// Of the app's words: see [`crate::push::Dataset::version`].
    pub version: i64,
    pub requested_at: Timestamp,
    /// Absent while it runs.
    pub finished_at: Option<Timestamp>,
    /// Key of [`crate::push::Outcome`]; absent while it runs.
    pub outcome: Option<String>,
    /// Why it is no better; empty where it is good.
    pub message: String,
    pub exception: String,
    pub data_pushed: bool,
    /// Every leg of every transaction in their order; none while it runs.
    pub transactions: Vec<PushedSnapshot>,
}

/// One leg of one transaction.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PushedSnapshot {
    pub transaction: String,
    /// Key of [`crate::push::Leg`].
    pub leg: String,
    /// Key of [`crate::push::RowStatus`].
    pub status: String,
    pub message: Option<String>,
}

/// Who is told: an address of the app that receives signed deliveries.
#[derive(Clone, Debug)]
pub struct Endpoint {
    pub app: AppId,
    pub id: EndpointId,
    pub environment: Environment,
    pub dialect: String,
    pub url: String,
    /// Names in the words of the dialect; empty means every event.
    pub event_types: Vec<String>,
    /// `key:value`; any match delivers, empty means every company.
    pub company_tags: Vec<String>,
    pub disabled: bool,
    pub created_at: Timestamp,
    pub failing_since: Option<Timestamp>,
}
