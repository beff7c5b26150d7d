use ledgerline_model::connection::{Connection, State};
use ledgerline_model::run::{Cause, Failure, Pull, PullState, Reason, Run};
use ledgerline_model::{CompanyId, ConnectionId, DataPeriod, DataType, Date, Timestamp};
use ledgerline_store::directory::Entry;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use uuid::Uuid;

const CUSTOMER: &str = "sp_cust_";
const LINK_CONNECTION: &str = "link_conn_";

/// As the dialect prints the id of a customer.
pub fn print_customer(id: Uuid) -> String {
    format!("{CUSTOMER}{}", id.simple())
}

/// As the dialect prints the id of a link connection.
pub fn print_link_connection(id: Uuid) -> String {
    format!("{LINK_CONNECTION}{}", id.simple())
}

/// With its prefix or plain.
pub fn customer_id(text: &str) -> Option<CompanyId> {
    text.strip_prefix(CUSTOMER).unwrap_or(text).parse().ok()
}

/// With its prefix or plain.
pub fn link_connection_id(text: &str) -> Option<ConnectionId> {
    text.strip_prefix(LINK_CONNECTION).unwrap_or(text).parse().ok()
}

/// The dialect's word for the state of a connection.
pub const fn link_status(state: State) -> &'static str {
    match state {
        State::PendingAuth => "pending",
        State::Linked => "active",
        State::NeedsReauth => "needs_reauth",
        State::Faulty => "error",
        State::Unlinked => "disconnected",
    }
}

/// The dialect's word for why data is read.
pub const fn sync_type(reason: Reason) -> &'static str {
    match reason {
        Reason::Initial => "initial",
        Reason::Recurring | Reason::OnDemand | Reason::AfterLink => "recurring",
    }
}

/// The app's customer.
#[derive(Serialize, ToSchema)]
#[schema(as = Customer)]
pub struct CustomerView {
    /// `sp_cust_` and 32 hex digits.
    customer_id: String,
    legal_name: String,
    external_customer_id: Option<String>,
    /// ISO 4217.
    currency: Option<String>,
    /// 1 to 12.
    fiscal_year_start_month: Option<u8>,
    website: Option<String>,
    address: Option<String>,
    full_address: Option<String>,
    ticker: Option<String>,
    customer_type: Option<String>,
    dba_name: Option<String>,
    /// As the app wrote it.
    #[schema(value_type = Option<Object>)]
    metadata: Option<Box<RawValue>>,
    link_connections: Vec<LinkConnectionInBrief>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

/// A link connection as a customer shows it.
#[derive(Serialize, ToSchema)]
pub struct LinkConnectionInBrief {
    /// `link_conn_` and 32 hex digits.
    link_connection_id: String,
    platform: String,
    /// `active`, `pending`, `needs_reauth`, `disconnected` or `error`.
    status: &'static str,
}

impl From<Entry> for CustomerView {
    fn from(entry: Entry) -> Self {
        let details = entry.details;
        Self {
            customer_id: print_customer(entry.company.id.0),
            legal_name: entry.company.name,
            external_customer_id: details.external_id,
            currency: details.currency,
            fiscal_year_start_month: details.fiscal_year_start_month,
            website: details.website,
            address: details.address,
            full_address: details.full_address,
            ticker: details.ticker,
            customer_type: details.customer_type,
            dba_name: details.dba_name,
            metadata: details
                .metadata
                .and_then(|metadata| RawValue::from_string(metadata).ok()),
            link_connections: entry.connections.iter().map(Into::into).collect(),
            created_at: entry.company.created_at,
            updated_at: entry.updated_at,
        }
    }
}

impl From<&Connection> for LinkConnectionInBrief {
    fn from(connection: &Connection) -> Self {
        Self {
            link_connection_id: print_link_connection(connection.id.0),
            platform: connection.platform.clone(),
            status: link_status(connection.state),
        }
    }
}

/// The days that a sync is about; both ends belong to it.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[schema(as = DataPeriod)]
pub struct DataPeriodView {
    /// Null: as far back as the platform goes.
    #[schema(value_type = Option<String>, format = Date)]
    start: Option<Date>,
    /// The last day of the last closed month, unless other days were asked for.
    #[schema(value_type = String, format = Date)]
    end: Date,
}

impl From<DataPeriod> for DataPeriodView {
    fn from(period: DataPeriod) -> Self {
        Self {
            start: period.start,
            end: period.end,
        }
    }
}

/// A read of a link connection, in brief.
#[derive(Serialize, ToSchema)]
#[schema(as = SyncInBrief)]
pub struct SyncInBrief {
    sync_id: Uuid,
    /// `initial` or `recurring`; what was asked for counts as `recurring`.
    sync_type: &'static str,
    /// `queued`, `running`, `completed` or `failed`.
    status: &'static str,
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    completed_at: Option<Timestamp>,
    data_period: Option<DataPeriodView>,
}

/// A read of a link connection.
#[derive(Serialize, ToSchema)]
#[schema(as = Sync)]
pub struct SyncView {
    #[serde(flatten)]
    brief: SyncInBrief,
    data_types: Vec<DataTypeOfSync>,
    /// What went wrong, if something did.
    error: Option<SyncError>,
}

/// One data type of a sync.
#[derive(Serialize, ToSchema)]
pub struct DataTypeOfSync {
    #[schema(value_type = String)]
    data_type: DataType,
    /// `queued`, `running`, `completed` or `failed`.
    status: &'static str,
    /// Records of the type that were read.
    records: i64,
    /// Of these, new or different.
    changed: i64,
    deleted: i64,
    error: Option<SyncError>,
}

/// Why a sync, or one data type of it, failed.
#[derive(Clone, Serialize, ToSchema)]
pub struct SyncError {
    /// `auth_revoked`, `provider_unavailable`, `rate_limited`, `provider_error`, `mapping_error` or `internal`.
    code: &'static str,
    message: String,
    /// The status that the platform answered with, where it is known.
    provider_status: Option<u16>,
    /// Whether the same sync may succeed later without anybody's doing.
    retryable: bool,
    /// `none`, `reconnect` or `contact_support`.
    action_required: &'static str,
    /// How often in a row the request that ended it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    attempts: Option<i64>,
    /// When a sync is made again by itself, if it may succeed then.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    next_retry_at: Option<Timestamp>,
    /// Under which the server's log knows the read that failed: 32 hex digits.
    request_id: String,
}

impl SyncInBrief {
    pub fn new(run: &Run, pulls: &[Pull]) -> Self {
        Self {
            sync_id: run.id.0,
            sync_type: sync_type(run.reason),
            status: status(run, pulls),
            started_at: run.created_at,
            completed_at: run.finished_at,
            data_period: run.data_period.map(Into::into),
        }
    }
}

impl SyncView {
    pub fn new(run: &Run, pulls: &[Pull]) -> Self {
        Self {
            brief: SyncInBrief::new(run, pulls),
            data_types: pulls.iter().map(Into::into).collect(),
            error: worst(pulls),
        }
    }
}

impl From<&Pull> for DataTypeOfSync {
    fn from(pull: &Pull) -> Self {
        Self {
            data_type: pull.data_type,
            status: match pull.state {
                PullState::Queued => "queued",
                PullState::Fetching | PullState::Processing => "running",
                PullState::Complete { .. } => "completed",
                PullState::Failed { .. } => "failed",
            },
            records: pull.read - pull.gone,
            changed: pull.changed,
            deleted: pull.deleted,
            error: failure(pull),
        }
    }
}

fn status(run: &Run, pulls: &[Pull]) -> &'static str {
    let mut states = pulls.iter().map(|pull| pull.state);
    if run.finished_at.is_none() {
        return if states.all(|state| state == PullState::Queued) {
            "queued"
        } else {
            "running"
        };
    }
    let failures: Vec<Failure> = states.filter_map(failure_of).collect();
    if failed(pulls.len(), &failures) {
        "failed"
    } else {
        "completed"
    }
}

const fn failure_of(state: PullState) -> Option<Failure> {
    match state {
        PullState::Failed { failure, .. } => Some(failure),
        PullState::Queued | PullState::Fetching | PullState::Processing | PullState::Complete { .. } => None,
    }
}

/// Whether a sync of so many data types has failed. What the customer may not see keeps it from being complete no
/// more than what the platform does not have, as long as there is something that was read.
pub fn failed(data_types: usize, failures: &[Failure]) -> bool {
    failures.len() == data_types || failures.iter().any(|failure| *failure != Failure::Permissions)
}

fn failure(pull: &Pull) -> Option<SyncError> {
    let error = SyncError::new(
        pull.id.0,
        failure_of(pull.state)?,
        pull.cause,
        pull.message.as_deref(),
    );
    Some(error.after(pull.failed_attempts, None))
}

/// Of a sync that failed; what is forbidden is told only if there is nothing else.
fn worst(pulls: &[Pull]) -> Option<SyncError> {
    let failures: Vec<Failure> = pulls.iter().filter_map(|pull| failure_of(pull.state)).collect();
    let is_forbidden = |pull: &&Pull| failure_of(pull.state) == Some(Failure::Permissions);
    let (forbidden, others): (Vec<_>, Vec<_>) = pulls.iter().partition(is_forbidden);
    let mut told = others.into_iter().chain(forbidden).filter_map(failure);
    failed(pulls.len(), &failures).then(|| told.next()).flatten()
}

impl SyncError {
    /// Of this Pull.
    pub fn new(pull: Uuid, failure: Failure, cause: Option<Cause>, message: Option<&str>) -> Self {
        let (code, provider_status, retryable, action_required) = match failure {
            Failure::Auth => ("auth_revoked", Some(401), false, "reconnect"),
            Failure::Permissions => ("provider_error", Some(403), false, "reconnect"),
            Failure::RateLimit => ("rate_limited", Some(429), true, "none"),
            Failure::Fetch => match cause {
                Some(Cause::Unavailable) | None => ("provider_unavailable", None, true, "none"),
                Some(Cause::ShortList) => ("provider_error", None, true, "none"),
                Some(Cause::Malformed) => ("provider_error", None, true, "contact_support"),
                Some(Cause::Refused) => ("provider_error", None, false, "contact_support"),
            },
            Failure::Internal => ("internal", None, true, "contact_support"),
            Failure::Cancelled => ("internal", None, false, "none"),
        };
        Self {
            code,
            message: message.unwrap_or(failure.key()).to_owned(),
            provider_status,
            retryable,
            action_required,
            attempts: None,
            next_retry_at: None,
            request_id: pull.simple().to_string(),
        }
    }

    /// After so many attempts, and before the next sync.
    pub fn after(self, attempts: Option<i64>, next_at: Option<Timestamp>) -> Self {
        Self {
            attempts,
            next_retry_at: next_at.filter(|_| self.retryable),
            ..self
        }
    }
}
