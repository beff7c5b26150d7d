use std::collections::BTreeMap;
use std::sync::Arc;

use ledgerline_engine::{Manner, Shape};
use ledgerline_model::event::{Body, CompanySnapshot, Endpoint, Event, PullSnapshot, RunSnapshot};
use ledgerline_model::run::Reason;
use ledgerline_model::{DataType, Instant};
use ledgerline_platform::Registry;
use serde::Serialize;
use url::Url;
use utoipa::ToSchema;
use uuid::Uuid;

use super::consistency::ConsistencyView;
use super::expenses::ExpensesSync;
use super::views::{CompanyReference, ConnectionView};

/// The dialect's name at the endpoints that its route makes.
pub const DIALECT: &str = "codat";

/// How this dialect tells events.
pub fn shape(registry: Registry, public_url: Url) -> Shape {
    let teller = Teller {
        registry,
        public: public_url.as_str().trim_end_matches('/').to_owned(),
    };
    Shape {
        wants: Arc::new(wants),
        body: Arc::new(move |telling| teller.body(telling.event)),
        manner: Manner::Signed,
    }
}

/// The types match whatever their case; of the tags any match is enough, case and all.
fn wants(endpoint: &Endpoint, event: &Event) -> bool {
    let Some(name) = name(&event.body) else {
        return false;
    };
    let types = &endpoint.event_types;
    let tags = &event.body.company().tags;
    (types.is_empty() || types.iter().any(|wanted| wanted.eq_ignore_ascii_case(name)))
        && (endpoint.company_tags.is_empty()
            || endpoint.company_tags.iter().any(|wanted| {
                wanted
                    .split_once(':')
                    .is_some_and(|(key, value)| tags.get(key).is_some_and(|found| found == value))
            }))
}

/// The event's type. The first read after each consent is `initial`, once anything of it succeeded. Of batches the
/// dialect knows nothing.
fn name(body: &Body) -> Option<&'static str> {
    Some(match body {
        Body::CompanyCreated { .. }
        | Body::CompanyDeleted { .. }
        | Body::ConnectionCreated { .. }
        | Body::ConnectionConnected { .. }
        | Body::ConnectionReconnected { .. }
        | Body::ConnectionDisconnected { .. }
        | Body::ConnectionFailed { .. }
        | Body::ConnectionDeleted { .. } => body.name(),
        Body::RunCompleted { run, .. } if is_initial(run) => "read.completed.initial",
        Body::RunCompleted { .. } => "read.completed",
        Body::PushStarted { .. } => "expenses.sync.started",
        Body::PushSucceeded { .. } => "expenses.sync.successful",
        Body::PushFailed { .. } => "expenses.sync.unsuccessful",
        Body::BatchStarted { .. }
        | Body::BatchCompleted { .. }
        | Body::BatchFailed { .. }
        | Body::ExpenseSynced { .. }
        | Body::ExpenseFailed { .. }
        | Body::AttachmentUploaded { .. } => return None,
    })
}

fn is_initial(run: &RunSnapshot) -> bool {
    let first = match Reason::from_key(&run.reason) {
        Some(Reason::Initial | Reason::AfterLink) => true,
        Some(Reason::Recurring | Reason::OnDemand) | None => false,
    };
    first && run.pulls.iter().any(|pull| pull.state == "Complete")
}

struct Teller {
    registry: Registry,
    /// Where browsers reach this server, without a slash at its end.
    public: String,
}

impl Teller {
    fn body(&self, event: &Event) -> Option<String> {
        let (id, at) = (event.id.0, event.at);
        let event_type = name(&event.body)?;
        let envelope = match &event.body {
            Body::CompanyCreated { company } | Body::CompanyDeleted { company } => {
                write(id, event_type, at, CompanyDetails::new(company, &self.public))
            }
            Body::ConnectionCreated { company, connection }
            | Body::ConnectionConnected { company, connection }
            | Body::ConnectionReconnected { company, connection }
            | Body::ConnectionDisconnected { company, connection }
            | Body::ConnectionFailed { company, connection }
            | Body::ConnectionDeleted { company, connection } => write(
                id,
                event_type,
                at,
                ConnectionPayload {
                    reference_company: self.company(company),
                    connection: ConnectionView::of_snapshot(connection, &self.registry),
                },
            ),
            Body::RunCompleted { company, run } => {
                write(id, event_type, at, self.read_completed(company, run))
            }
            Body::PushStarted { company, push }
            | Body::PushSucceeded { company, push }
            | Body::PushFailed { company, push } => {
                write(id, event_type, at, ExpensesSync::new(self.company(company), push))
            }
            Body::BatchStarted { .. }
            | Body::BatchCompleted { .. }
            | Body::BatchFailed { .. }
            | Body::ExpenseSynced { .. }
            | Body::ExpenseFailed { .. }
            | Body::AttachmentUploaded { .. } => return None,
        };
        envelope.ok()
    }

    fn company(&self, company: &CompanySnapshot) -> CompanyReference {
        CompanyReference::new(company, portal(&self.public, company.id))
    }

    fn read_completed(&self, company: &CompanySnapshot, run: &RunSnapshot) -> ReadCompleted {
        let data_types = run.pulls.iter().map(|pull| DataTypeRead {
            connection_id: run.connection,
            data_type: pull.data_type,
            records_modified: pull.changed > 0 || pull.deleted > 0,
            status: pull.state.clone(),
            issues: self.issues(company, pull),
        });
        ReadCompleted {
            reference_company: self.company(company),
            // What this read changed has a `modifiedDate` of this or later.
            modified_from_date: Instant(run.started_at),
            data_types: data_types.collect(),
            consistency: run.consistency.clone().map(Into::into),
        }
    }

    fn issues(&self, company: &CompanySnapshot, pull: &PullSnapshot) -> Vec<ReadIssue> {
        let links = || IssueLinks {
            logs: format!(
                "{}/companies/{}/sync/{}/validation",
                self.public, company.id, pull.id
            ),
            portal: portal(&self.public, company.id),
            read_more: format!("{}/docs", self.public),
        };
        let mut issues = Vec::new();
        if pull.issues > 0 || pull.quarantined > 0 {
            issues.push(ReadIssue {
                kind: "warning.validation",
                message: format!(
                    "{} validation issues, {} records without a standard form.",
                    pull.issues, pull.quarantined
                ),
                links: links(),
            });
        }
        if pull.state != "Complete"
            && let Some(message) = &pull.message
        {
            issues.push(ReadIssue {
                kind: "error.read",
                message: message.clone(),
                links: links(),
            });
        }
        issues
    }
}

fn portal(public: &str, company: Uuid) -> String {
    format!("{public}/dashboard/companies/{company}")
}

fn write(
    id: Uuid,
    event_type: &'static str,
    at: ledgerline_model::Timestamp,
    payload: impl Serialize,
) -> serde_json::Result<String> {
    serde_json::to_string(&Envelope {
        id,
        event_type,
        generated_date: Instant(at),
        payload,
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<P> {
    id: Uuid,
    event_type: &'static str,
    generated_date: Instant,
    payload: P,
}

/// Payload of `company.created` and `company.deleted`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CompanyDetails {
    id: Uuid,
    name: String,
    description: String,
    #[schema(value_type = String)]
    created: Instant,
    links: BTreeMap<&'static str, String>,
    tags: BTreeMap<String, String>,
}

impl CompanyDetails {
    fn new(company: &CompanySnapshot, public: &str) -> Self {
        Self {
            id: company.id,
            name: company.name.clone(),
            description: company.description.clone().unwrap_or_default(),
            created: Instant(company.created_at),
            links: BTreeMap::from([("portal", portal(public, company.id))]),
            tags: company.tags.clone(),
        }
    }
}

/// Payload of the `connection.…` events.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionPayload {
    reference_company: CompanyReference,
    connection: ConnectionView,
}

/// Payload of `read.completed` and `read.completed.initial`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReadCompleted {
    reference_company: CompanyReference,
    #[schema(value_type = String)]
    modified_from_date: Instant,
    data_types: Vec<DataTypeRead>,
    /// How far they agree with each other. Ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    consistency: Option<ConsistencyView>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DataTypeRead {
    connection_id: Uuid,
    #[schema(value_type = String)]
    data_type: DataType,
    /// Whether records were created, changed or deleted.
    records_modified: bool,
    status: String,
    issues: Vec<ReadIssue>,
}

#[derive(Serialize, ToSchema)]
pub struct ReadIssue {
    /// `warning.validation` or `error.read`.
    #[serde(rename = "type")]
    kind: &'static str,
    message: String,
    links: IssueLinks,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IssueLinks {
    logs: String,
    portal: String,
    read_more: String,
}

#[cfg(test)]
mod tests {
    use ledgerline_engine::Telling;
    use ledgerline_model::app::{App, Environment, Settings};
    use ledgerline_model::event::ConnectionSnapshot;
    use ledgerline_model::{AppId, CompanyId, DeliveryId, EndpointId, EventId, Timestamp};

    use super::*;

    fn at() -> Timestamp {
        "2027-03-05T12:00:00Z".parse().unwrap()
    }

    fn event(body: Body) -> Event {
        Event {
            app: AppId(Uuid::nil()),
            id: EventId(Uuid::from_u128(1)),
            environment: Environment::Test,
            company: CompanyId(Uuid::from_u128(2)),
            sequence: 1,
            at: at(),
            body,
        }
    }

    fn company() -> CompanySnapshot {
        CompanySnapshot {
            id: Uuid::from_u128(2),
            name: "Kern".to_owned(),
            description: None,
            tags: [("region".to_owned(), "uk".to_owned())].into(),
            created_at: at(),
            external_id: None,
        }
    }

    fn run(reason: Reason, state: &str) -> Body {
        Body::RunCompleted {
            company: company(),
            run: RunSnapshot {
                id: Uuid::from_u128(3),
                reason: reason.key().to_owned(),
                connection: Uuid::from_u128(4),
                platform: "xero".to_owned(),
                period: None,
                dialect: None,
                data_period: None,
                started_at: at(),
                finished_at: at(),
                pulls: vec![PullSnapshot {
                    id: Uuid::from_u128(5),
                    data_type: DataType::Invoices,
                    state: state.to_owned(),
                    read: 3,
                    gone: 0,
                    changed: 2,
                    deleted: 0,
                    quarantined: 0,
                    issues: 1,
                    message: None,
                    cause: None,
                    failed_attempts: None,
                    changed_months: Vec::new(),
                }],
                next_at: None,
                consistency: None,
            },
        }
    }

    fn endpoint(types: &[&str], tags: &[&str]) -> Endpoint {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Endpoint {
            app: AppId(Uuid::nil()),
            id: EndpointId(Uuid::nil()),
            environment: Environment::Test,
            dialect: DIALECT.to_owned(),
            url: String::new(),
            event_types: owned(types),
            company_tags: owned(tags),
            disabled: false,
            created_at: at(),
            failing_since: None,
        }
    }

    fn told(body: Body) -> String {
        let shape = shape(Registry::default(), "https://books.example/".parse().unwrap());
        let app = App {
            id: AppId(Uuid::nil()),
            name: "Lender".to_owned(),
            settings: Settings::default(),
            created_at: at(),
        };
        let telling = Telling {
            app: &app,
            endpoint: &endpoint(&[], &[]),
            event: &event(body),
            delivery: DeliveryId(Uuid::nil()),
        };
        (shape.body)(&telling).unwrap()
    }

    #[test]
    fn a_completed_read_says_what_was_read() {
        assert_eq!(
            told(run(Reason::OnDemand, "Complete")),
            concat!(
                r#"{"id":"00000000-0000-0000-0000-000000000001","eventType":"read.completed","#,
                r#""generatedDate":"2027-03-05T12:00:00.0000000Z","payload":{"referenceCompany":{"#,
                r#""id":"00000000-0000-0000-0000-000000000002","name":"Kern","description":"","#,
                r#""links":{"portal":"https://books.example/dashboard/companies/00000000-0000-0000-0000-000000000002"},"#,
                r#""tags":{"region":"uk"}},"modifiedFromDate":"2027-03-05T12:00:00.0000000Z","dataTypes":[{"#,
                r#""connectionId":"00000000-0000-0000-0000-000000000004","dataType":"invoices","#,
                r#""recordsModified":true,"status":"Complete","issues":[{"type":"warning.validation","#,
                r#""message":"1 validation issues, 0 records without a standard form.","links":{"#,
                r#""logs":"https://books.example/companies/00000000-0000-0000-0000-000000000002/sync/00000000-0000-0000-0000-000000000005/validation","#,
                r#""portal":"https://books.example/dashboard/companies/00000000-0000-0000-0000-000000000002","#,
                r#""readMore":"https://books.example/docs"}}]}]}}"#
            )
        );
    }

    #[test]
    fn the_first_read_after_a_consent_is_initial_if_anything_succeeded() {
        for (reason, state, expected) in [
            (Reason::Initial, "Complete", "read.completed.initial"),
            (Reason::AfterLink, "Complete", "read.completed.initial"),
            (Reason::Initial, "FetchError", "read.completed"),
            (Reason::Recurring, "Complete", "read.completed"),
        ] {
            assert_eq!(name(&run(reason, state)), Some(expected));
        }
    }

    #[test]
    fn a_connection_is_told_in_full() {
        let connection = ConnectionSnapshot {
            id: Uuid::from_u128(4),
            platform: "abacus".to_owned(),
            state: "needs_reauth".to_owned(),
            environment: "test".to_owned(),
            link_url: "https://books.example/link/s/x".to_owned(),
            created_at: at(),
            last_sync_at: None,
            errors: Vec::new(),
            organisation: Some("org-1".to_owned()),
        };
        let body = told(Body::ConnectionDisconnected {
            company: company(),
            connection,
        });
        assert!(body.contains(r#""eventType":"connection.disconnected""#));
        assert!(body.contains(r#""linkUrl":"https://books.example/link/s/x","status":"Deauthorized""#));
    }

    #[test]
    fn an_endpoint_hears_its_types_of_companies_with_any_of_its_tags() {
        let event = event(run(Reason::OnDemand, "Complete"));
        assert!(wants(&endpoint(&[], &[]), &event));
        assert!(wants(
            &endpoint(&["Read.Completed"], &["region:us", "region:uk"]),
            &event
        ));
        assert!(!wants(&endpoint(&["read.completed.initial"], &[]), &event));
        assert!(!wants(&endpoint(&["read.completed"], &["region:UK"]), &event));
        assert!(!wants(&endpoint(&["read.completed"], &["region"]), &event));
    }
}
