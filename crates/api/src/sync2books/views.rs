use ledgerline_model::Instant;
use ledgerline_model::company::Company;
use ledgerline_model::connection::{Connection, State};
use ledgerline_model::event::ConnectionSnapshot;
use ledgerline_platform::Registry;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// The dialect's word for the state of a connection; `None`: it does not exist yet.
pub const fn status(state: State) -> Option<&'static str> {
    match state {
        State::PendingAuth => None,
        State::Linked => Some("CONNECTED"),
        State::NeedsReauth | State::Faulty => Some("ERROR"),
        State::Unlinked => Some("DISCONNECTED"),
    }
}

/// The dialect's key of a platform.
pub fn integration_key(registry: &Registry, platform: &str) -> String {
    match registry.find(platform) {
        Some(entry) => entry.about().sync2books_key.to_owned(),
        None => platform.to_ascii_uppercase(),
    }
}

/// The app's customer.
#[derive(Serialize, ToSchema)]
#[schema(as = Company)]
#[serde(rename_all = "camelCase")]
pub struct CompanyView {
    id: Uuid,
    name: String,
    is_active: bool,
}

impl From<Company> for CompanyView {
    fn from(company: Company) -> Self {
        Self {
            id: company.id.0,
            name: company.name,
            is_active: true,
        }
    }
}

/// A company's tie to its books.
#[derive(Serialize, ToSchema)]
#[schema(as = Connection)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionView {
    id: Uuid,
    /// E.g. `QUICKBOOKS`, `XERO`.
    integration_key: String,
    company_id: Uuid,
    /// `CONNECTED`, `DISCONNECTED` or `ERROR`.
    status: &'static str,
    #[schema(value_type = String)]
    created: Instant,
}

impl ConnectionView {
    /// `None` while nobody has consented.
    pub fn new(connection: &Connection, registry: &Registry) -> Option<Self> {
        Some(Self {
            id: connection.id.0,
            integration_key: integration_key(registry, &connection.platform),
            company_id: connection.company.0,
            status: status(connection.state)?,
            created: Instant(connection.created_at),
        })
    }

    /// As an event left it.
    pub fn of_snapshot(
        connection: &ConnectionSnapshot,
        company: Uuid,
        status: &'static str,
        registry: &Registry,
    ) -> Self {
        Self {
            id: connection.id,
            integration_key: integration_key(registry, &connection.platform),
            company_id: company,
            status,
            created: Instant(connection.created_at),
        }
    }
}
