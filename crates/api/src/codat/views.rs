use std::collections::BTreeMap;

use ledgerline_model::company::Company;
use ledgerline_model::connection::{Connection, ConnectionError, State};
use ledgerline_model::consistency::Consistency;
use ledgerline_model::event::{CompanySnapshot, ConnectionSnapshot};
use ledgerline_model::query::{Found, Properties, Value};
use ledgerline_model::run::{Failure, Pull, PullState};
use ledgerline_model::{ConnectionId, DataType, Instant, RunId, Timestamp};
use ledgerline_platform::{About, Registry};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::consistency::ConsistencyView;

/// The app's customer.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Company)]
pub struct CompanyView {
    id: Uuid,
    name: String,
    description: String,
    /// Always empty: a company's platforms are those of its connections.
    platform: String,
    /// The hosted page on which the customer links the books.
    redirect: String,
    /// When data of it was last read to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    last_sync: Option<Instant>,
    pub data_connections: Vec<ConnectionView>,
    #[schema(value_type = String)]
    created: Instant,
    created_by_user_name: Option<String>,
    products: Vec<String>,
    pub tags: BTreeMap<String, String>,
    /// Ours, there where it is `false`: consents that nobody uses are left to end.
    #[serde(skip_serializing_if = "Option::is_none")]
    keep_alive: Option<bool>,
    /// Ours: IANA name of the company's time zone, where it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    time_zone: Option<String>,
    #[schema(value_type = Vec<Object>)]
    reference_subsidiary_companies: [(); 0],
}

impl CompanyView {
    pub fn new(company: Company, redirect: String, data_connections: Vec<ConnectionView>) -> Self {
        Self {
            id: company.id.0,
            name: company.name,
            description: company.description.unwrap_or_default(),
            platform: String::new(),
            redirect,
            last_sync: data_connections
                .iter()
                .filter_map(|connection| connection.last_sync)
                .max(),
            data_connections,
            created: Instant(company.created_at),
            created_by_user_name: company.created_by,
            products: Vec::new(),
            tags: company.tags,
            keep_alive: (!company.keep_alive).then_some(false),
            time_zone: company.zone,
            reference_subsidiary_companies: [],
        }
    }
}

/// A company's tie to one organisation on a platform.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Connection)]
pub struct ConnectionView {
    id: Uuid,
    integration_id: String,
    /// Four letters, e.g. `gbol`.
    integration_key: String,
    source_id: String,
    /// `Accounting`; `Expense` for the one that says that the app hands over expenses.
    source_type: &'static str,
    platform_name: String,
    /// The hosted page on which the customer links these books.
    link_url: String,
    pub status: ConnectionStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    last_sync: Option<Instant>,
    #[schema(value_type = String)]
    created: Instant,
    data_connection_errors: Vec<ConnectionErrorView>,
    /// Which organisation it is at the platform, once that is known.
    #[schema(value_type = Option<Object>)]
    connection_info: Option<ConnectionInfo>,
    /// Ours, there where it is `true`: statement lines are fed beside the expenses that are written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bank_feed: Option<bool>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[schema(as = DataConnectionStatus)]
pub enum ConnectionStatus {
    PendingAuth,
    Linked,
    Unlinked,
    Deauthorized,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ConnectionInfo {
    organisation_id: String,
    organisation_name: String,
}

/// What went wrong while linking or using a connection.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DataConnectionError)]
pub struct ConnectionErrorView {
    /// HTTP-like, as text.
    status_code: String,
    status_text: String,
    error_message: String,
    #[schema(value_type = String)]
    errored_on_utc: Instant,
    /// `Active` or `Resolved`.
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    resolved_on_utc: Option<Instant>,
}

impl ConnectionView {
    pub fn new(connection: Connection, registry: &Registry, link_url: String) -> Self {
        let about = registry.find(&connection.platform).map(|entry| entry.about());
        Self {
            status: connection.state.into(),
            last_sync: connection.last_sync_at.map(Instant),
            created: Instant(connection.created_at),
            data_connection_errors: connection.errors.into_iter().map(Into::into).collect(),
            connection_info: connection.organisation.map(|organisation| ConnectionInfo {
                organisation_id: organisation.id,
                organisation_name: organisation.name,
            }),
            ..Self::bare(connection.id.0, &connection.platform, about, link_url)
        }
    }

    /// As it was when an event told of it.
    pub fn of_snapshot(connection: &ConnectionSnapshot, registry: &Registry) -> Self {
        let about = registry.find(&connection.platform).map(|entry| entry.about());
        let state = State::from_key(&connection.state).unwrap_or(State::PendingAuth);
        Self {
            status: state.into(),
            last_sync: connection.last_sync_at.map(Instant),
            created: Instant(connection.created_at),
            data_connection_errors: connection.errors.iter().cloned().map(Into::into).collect(),
            ..Self::bare(
                connection.id,
                &connection.platform,
                about,
                connection.link_url.clone(),
            )
        }
    }

    /// That the app hands over expenses for the company: linked by itself, with books of nobody.
    pub fn of_provider(id: ConnectionId, created_at: Timestamp, name: &str, link_url: String) -> Self {
        Self {
            source_type: "Expense",
            status: ConnectionStatus::Linked,
            created: Instant(created_at),
            ..Self::bare(id.0, name, None, link_url)
        }
    }

    /// What follows from the platform; one that this server no longer knows is shown by its key.
    fn bare(id: Uuid, platform: &str, about: Option<&'static About>, link_url: String) -> Self {
        let nil = || Uuid::nil().to_string();
        Self {
            id,
            integration_id: about.map_or_else(nil, |about| about.codat.integration_id.to_owned()),
            integration_key: about.map_or_else(String::new, |about| about.codat.key.to_owned()),
            source_id: about.map_or_else(nil, |about| about.codat.source_id.to_owned()),
            source_type: "Accounting",
            platform_name: about.map_or_else(|| platform.to_owned(), |about| about.name.to_owned()),
            link_url,
            status: ConnectionStatus::PendingAuth,
            last_sync: None,
            created: Instant(Timestamp::UNIX_EPOCH),
            data_connection_errors: Vec::new(),
            connection_info: None,
            bank_feed: None,
        }
    }
}

impl From<State> for ConnectionStatus {
    /// A faulty connection stands: its consent does.
    fn from(state: State) -> Self {
        match state {
            State::PendingAuth => Self::PendingAuth,
            State::Linked | State::Faulty => Self::Linked,
            State::NeedsReauth => Self::Deauthorized,
            State::Unlinked => Self::Unlinked,
        }
    }
}

impl From<ConnectionError> for ConnectionErrorView {
    fn from(error: ConnectionError) -> Self {
        Self {
            status_code: error.status.to_string(),
            status_text: error.text,
            error_message: error.message,
            errored_on_utc: Instant(error.at),
            status: if error.resolved_at.is_some() {
                "Resolved"
            } else {
                "Active"
            },
            resolved_on_utc: error.resolved_at.map(Instant),
        }
    }
}

/// The company as events name it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CompanyReference {
    id: Uuid,
    name: String,
    description: String,
    links: CompanyLinks,
    tags: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CompanyLinks {
    /// The company's room of the dashboard.
    portal: String,
}

impl CompanyReference {
    pub fn new(company: &CompanySnapshot, portal: String) -> Self {
        Self {
            id: company.id,
            name: company.name.clone(),
            description: company.description.clone().unwrap_or_default(),
            links: CompanyLinks { portal },
            tags: company.tags.clone(),
        }
    }
}

impl Properties for ConnectionView {
    fn property(&self, path: &str) -> Found<'_> {
        match path {
            "id" => Found::text(self.id.to_string()),
            "integrationId" => Found::text(&self.integration_id),
            "integrationKey" => Found::text(&self.integration_key),
            "sourceId" => Found::text(&self.source_id),
            "sourceType" => Found::text(self.source_type),
            "platformName" => Found::text(&self.platform_name),
            "linkUrl" => Found::text(&self.link_url),
            "status" => Found::text(self.status.word()),
            "lastSync" => Found::opt_at(self.last_sync.map(|at| at.0)),
            "created" => Found::at(self.created.0),
            _ => Found::Missing,
        }
    }
}

impl Properties for CompanyView {
    fn property(&self, path: &str) -> Found<'_> {
        if let Some(path) = path.strip_prefix("dataConnections.") {
            return Found::Many(self.connections_have(path));
        }
        match path {
            "id" => Found::text(self.id.to_string()),
            "name" => Found::text(&self.name),
            "description" => Found::text(&self.description),
            "platform" => Found::text(&self.platform),
            "redirect" => Found::text(&self.redirect),
            "createdByUserName" => Found::opt_text(self.created_by_user_name.as_deref()),
            "lastSync" => Found::opt_at(self.last_sync.map(|at| at.0)),
            "created" => Found::at(self.created.0),
            _ => Found::Missing,
        }
    }
}

impl CompanyView {
    fn connections_have(&self, path: &str) -> Vec<Value<'_>> {
        let of_each = self
            .data_connections
            .iter()
            .map(|connection| connection.property(path));
        of_each
            .filter_map(|found| match found {
                Found::One(value) => Some(value),
                Found::Missing | Found::Many(_) => None,
            })
            .collect()
    }
}

impl ConnectionStatus {
    pub const fn word(self) -> &'static str {
        match self {
            Self::PendingAuth => "PendingAuth",
            Self::Linked => "Linked",
            Self::Unlinked => "Unlinked",
            Self::Deauthorized => "Deauthorized",
        }
    }
}

/// One read of one data type.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PullOperation {
    id: Uuid,
    company_id: Uuid,
    connection_id: Uuid,
    #[schema(value_type = String)]
    data_type: DataType,
    /// One of the 21 states of a dataset, e.g. `Fetching`, `Complete`, `FetchError`.
    status: &'static str,
    /// Why it is held up, and until when.
    status_description: Option<String>,
    error_message: Option<String>,
    #[schema(value_type = String)]
    requested: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    completed: Option<Instant>,
    /// Percent.
    progress: i64,
    /// Ours: how many rows have been read so far.
    records_read: i64,
    /// Whether it ended well.
    is_completed: bool,
    is_errored: bool,
    /// How far the types that were read with it agree; in the history only, once their Run has been closed. Ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    consistency: Option<ConsistencyView>,
    #[serde(skip)]
    run: RunId,
}

impl PullOperation {
    /// The Run whose consistency is that of its type: none of a read that has brought nothing.
    pub fn closed_with(&self) -> Option<RunId> {
        self.is_completed.then_some(self.run)
    }

    pub fn with(self, consistency: Option<Consistency>) -> Self {
        Self {
            consistency: consistency.map(Into::into),
            ..self
        }
    }
}

impl From<Pull> for PullOperation {
    fn from(pull: Pull) -> Self {
        let failed = matches!(pull.state, PullState::Failed { .. });
        Self {
            id: pull.id.0,
            company_id: pull.company.0,
            connection_id: pull.connection.0,
            data_type: pull.data_type,
            status: pull.state.key(),
            progress: progress(&pull),
            records_read: pull.read,
            is_completed: matches!(pull.state, PullState::Complete { .. }),
            is_errored: matches!(
                pull.state,
                PullState::Failed { failure, .. } if failure != Failure::Cancelled
            ),
            requested: Instant(pull.requested_at),
            completed: pull.state.finished_at().map(Instant),
            status_description: status_description(&pull),
            consistency: None,
            run: pull.run,
            error_message: pull.message.filter(|_| failed),
        }
    }
}

impl Properties for PullOperation {
    fn property(&self, path: &str) -> Found<'_> {
        match path {
            "id" => Found::text(self.id.to_string()),
            "companyId" => Found::text(self.company_id.to_string()),
            "connectionId" => Found::text(self.connection_id.to_string()),
            "dataType" => Found::text(self.data_type.key()),
            "status" => Found::text(self.status),
            "errorMessage" => Found::opt_text(self.error_message.as_deref()),
            "progress" => Found::One(Value::Number(self.progress.into())),
            "recordsRead" => Found::One(Value::Number(self.records_read.into())),
            "requested" => Found::at(self.requested.0),
            "completed" => Found::opt_at(self.completed.map(|at| at.0)),
            _ => Found::Missing,
        }
    }
}

/// The last tenth is for what comes after the last page.
fn progress(pull: &Pull) -> i64 {
    match pull.state {
        PullState::Queued => 0,
        PullState::Complete { .. } => 100,
        PullState::Processing => 90,
        PullState::Fetching | PullState::Failed { .. } => match pull.expected {
            Some(expected @ 1..) => (pull.read.saturating_mul(90) / expected).clamp(0, 90),
            _ => 0,
        },
    }
}

fn status_description(pull: &Pull) -> Option<String> {
    if !pull.state.is_active() {
        return None;
    }
    match (pull.paused_until, &pull.message) {
        (Some(until), Some(reason)) => Some(format!("Paused until {}: {reason}", Instant(until))),
        (Some(until), None) => Some(format!("Paused until {}", Instant(until))),
        (None, reason) => reason.clone(),
    }
}
