use std::sync::Arc;

use ledgerline_engine::{Manner, Shape};
use ledgerline_model::event::{Body, CompanySnapshot, Endpoint, Event, PullSnapshot, RunSnapshot};
use ledgerline_model::run::{Failure, Reason};
use ledgerline_model::{DataType, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::views::{DataPeriodView, SyncError, print_customer, print_link_connection, sync_type};
use crate::envelope;

/// The dialect's name at the endpoints that its route makes.
pub const DIALECT: &str = "accend";

const COMPLETION: &str = "link_sync_completion_event";
const ERROR: &str = "link_sync_error_event";

/// All that there are.
pub const TYPES: [&str; 2] = [COMPLETION, ERROR];

/// How this dialect tells events.
pub fn shape() -> Shape {
    Shape {
        wants: Arc::new(wants),
        body: Arc::new(|telling| body(telling.event)),
        manner: Manner::Signed,
    }
}

fn wants(endpoint: &Endpoint, event: &Event) -> bool {
    told(&event.body).is_some_and(|told| {
        let types = &endpoint.event_types;
        types.is_empty() || types.iter().any(|wanted| wanted == told.name)
    })
}

/// A Run of which the dialect tells, and as what.
struct Told<'a> {
    name: &'static str,
    reason: Reason,
    company: &'a CompanySnapshot,
    run: &'a RunSnapshot,
}

/// Of first, scheduled and in this dialect requested Runs. One that was cut short by a disconnect is nothing.
fn told(body: &Body) -> Option<Told<'_>> {
    let Body::RunCompleted { company, run } = body else {
        return None;
    };
    let reason = Reason::from_key(&run.reason)?;
    let is_told = match reason {
        Reason::Initial | Reason::Recurring => true,
        Reason::OnDemand => run.dialect.as_deref() == Some(DIALECT),
        Reason::AfterLink => false,
    };
    let mut failures = run.pulls.iter().filter_map(failure).peekable();
    let name = match failures.peek() {
        None => COMPLETION,
        Some(_) => {
            failures.find(|failure| *failure != Failure::Cancelled)?;
            ERROR
        }
    };
    is_told.then_some(Told {
        name,
        reason,
        company,
        run,
    })
}

fn failure(pull: &PullSnapshot) -> Option<Failure> {
    Failure::from_key(&pull.state)
}

fn body(event: &Event) -> Option<String> {
    let told = told(&event.body)?;
    let data = if told.name == COMPLETION {
        serde_json::to_value(Completion::of(&told))
    } else {
        serde_json::to_value(Failed::of(&told)?)
    };
    envelope::write(event, told.name, data.ok()?)
}

/// `data` of `link_sync_completion_event`.
#[derive(Serialize, ToSchema)]
#[schema(as = LinkSyncCompletion)]
pub struct Completion {
    #[serde(flatten)]
    sync: SyncReference,
    /// The days that were read.
    data_period: Option<DataPeriodView>,
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    completed_at: Timestamp,
    data_types: Vec<DataTypeRead>,
}

/// `data` of `link_sync_error_event`.
#[derive(Serialize, ToSchema)]
#[schema(as = LinkSyncError)]
pub struct Failed {
    #[serde(flatten)]
    sync: SyncReference,
    error: SyncError,
    #[schema(value_type = Vec<String>)]
    completed_data_types: Vec<DataType>,
    #[schema(value_type = Vec<String>)]
    failed_data_types: Vec<DataType>,
}

/// Which sync of whose books.
#[derive(Serialize, ToSchema)]
pub struct SyncReference {
    sync_id: Uuid,
    /// `initial` or `recurring`.
    sync_type: &'static str,
    customer: CustomerReference,
    link_connection_id: String,
    platform: String,
}

#[derive(Serialize, ToSchema)]
pub struct CustomerReference {
    customer_id: String,
    external_customer_id: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct DataTypeRead {
    #[schema(value_type = String)]
    data_type: DataType,
    /// Records on the platform's pages.
    records: i64,
    deleted: i64,
}

impl SyncReference {
    fn of(told: &Told<'_>) -> Self {
        Self {
            sync_id: told.run.id,
            sync_type: sync_type(told.reason),
            customer: CustomerReference {
                customer_id: print_customer(told.company.id),
                external_customer_id: told.company.external_id.clone(),
            },
            link_connection_id: print_link_connection(told.run.connection),
            platform: told.run.platform.clone(),
        }
    }
}

impl Completion {
    fn of(told: &Told<'_>) -> Self {
        let data_types = told.run.pulls.iter().map(|pull| DataTypeRead {
            data_type: pull.data_type,
            records: pull.read,
            deleted: pull.deleted,
        });
        Self {
            sync: SyncReference::of(told),
            data_period: told.run.data_period.map(Into::into),
            started_at: told.run.started_at,
            completed_at: told.run.finished_at,
            data_types: data_types.collect(),
        }
    }
}

impl Failed {
    fn of(told: &Told<'_>) -> Option<Self> {
        let failed = |pull: &&PullSnapshot| failure(pull).is_some();
        let first = told.run.pulls.iter().find_map(|pull| {
            let failure = failure(pull).filter(|failure| *failure != Failure::Cancelled)?;
            Some(SyncError::new(failure, pull.message.as_deref()))
        });
        let (failed, completed): (Vec<_>, Vec<_>) = told.run.pulls.iter().partition(failed);
        let data_types = |pulls: Vec<&PullSnapshot>| pulls.into_iter().map(|pull| pull.data_type).collect();
        Some(Self {
            sync: SyncReference::of(told),
            error: first?,
            completed_data_types: data_types(completed),
            failed_data_types: data_types(failed),
        })
    }
}

#[cfg(test)]
mod tests {
    use ledgerline_model::app::Environment;
    use ledgerline_model::{AppId, CompanyId, DataPeriod, EndpointId, EventId};

    use super::*;

    fn at() -> Timestamp {
        "2026-11-20T23:10:00Z".parse().unwrap()
    }

    fn pull(data_type: DataType, state: &str) -> PullSnapshot {
        PullSnapshot {
            id: Uuid::nil(),
            data_type,
            state: state.to_owned(),
            read: 1234,
            changed: 3,
            deleted: 2,
            quarantined: 0,
            issues: 0,
            message: (state != "Complete").then(|| "Xero answered 503 for Invoices".to_owned()),
        }
    }

    fn event(reason: Reason, dialect: Option<&str>, pulls: Vec<PullSnapshot>) -> Event {
        let company = CompanySnapshot {
            id: Uuid::from_u128(2),
            name: "Kern".to_owned(),
            description: None,
            tags: Default::default(),
            created_at: at(),
            external_id: Some("CUST-001".to_owned()),
        };
        let run = RunSnapshot {
            id: Uuid::from_u128(3),
            reason: reason.key().to_owned(),
            connection: Uuid::from_u128(4),
            platform: "abacus".to_owned(),
            period: None,
            dialect: dialect.map(str::to_owned),
            data_period: Some(DataPeriod {
                start: Some("2023-11-01".parse().unwrap()),
                end: "2026-10-31".parse().unwrap(),
            }),
            started_at: at(),
            finished_at: at(),
            pulls,
            consistency: None,
        };
        Event {
            app: AppId(Uuid::nil()),
            id: EventId(Uuid::from_u128(1)),
            environment: Environment::Test,
            company: CompanyId(Uuid::from_u128(2)),
            sequence: 1,
            at: at(),
            body: Body::RunCompleted { company, run },
        }
    }

    fn endpoint(types: &[&str]) -> Endpoint {
        Endpoint {
            app: AppId(Uuid::nil()),
            id: EndpointId(Uuid::nil()),
            environment: Environment::Test,
            dialect: DIALECT.to_owned(),
            url: String::new(),
            event_types: types.iter().map(|name| (*name).to_owned()).collect(),
            company_tags: Vec::new(),
            disabled: false,
            created_at: at(),
            failing_since: None,
        }
    }

    #[test]
    fn a_completion_says_the_sync_type_the_customer_and_the_data_period() {
        let told = body(&event(
            Reason::Initial,
            None,
            vec![pull(DataType::Invoices, "Complete")],
        ));
        assert_eq!(
            told.unwrap(),
            concat!(
                r#"{"id":"evt_00000000000000000000000000000001","type":"link_sync_completion_event","#,
                r#""created_at":"2026-11-20T23:10:00Z","api_version":"v1","data":{"completed_at":"2026-11-20T23:10:00Z","#,
                r#""customer":{"customer_id":"sp_cust_00000000000000000000000000000002","external_customer_id":"CUST-001"},"#,
                r#""data_period":{"end":"2026-10-31","start":"2023-11-01"},"#,
                r#""data_types":[{"data_type":"invoices","deleted":2,"records":1234}],"#,
                r#""link_connection_id":"link_conn_00000000000000000000000000000004","platform":"abacus","#,
                r#""started_at":"2026-11-20T23:10:00Z","sync_id":"00000000-0000-0000-0000-000000000003","sync_type":"initial"}}"#
            )
        );
    }

    #[test]
    fn an_error_says_what_failed_and_for_whom() {
        let pulls = vec![
            pull(DataType::ChartOfAccounts, "Complete"),
            pull(DataType::Invoices, "AuthError"),
        ];
        let told = body(&event(Reason::Recurring, None, pulls)).unwrap();
        let told: serde_json::Value = serde_json::from_str(&told).unwrap();
        assert_eq!(told["type"], "link_sync_error_event");
        assert_eq!(told["data"]["sync_type"], "recurring");
        assert_eq!(
            told["data"]["customer"]["customer_id"],
            "sp_cust_00000000000000000000000000000002"
        );
        assert_eq!(
            told["data"]["error"],
            serde_json::json!({
                "code": "auth_revoked", "message": "Xero answered 503 for Invoices", "provider_status": 401,
                "retryable": false, "action_required": "reconnect",
            })
        );
        assert_eq!(
            told["data"]["completed_data_types"],
            serde_json::json!(["chartOfAccounts"])
        );
        assert_eq!(told["data"]["failed_data_types"], serde_json::json!(["invoices"]));
    }

    #[test]
    fn of_a_relink_of_another_dialects_request_and_of_a_disconnect_nothing_is_told() {
        let complete = || vec![pull(DataType::Invoices, "Complete")];
        for (reason, dialect, pulls, expected) in [
            (Reason::Initial, None, complete(), Some(COMPLETION)),
            (Reason::Recurring, None, complete(), Some(COMPLETION)),
            (Reason::OnDemand, Some("accend"), complete(), Some(COMPLETION)),
            (Reason::OnDemand, Some("codat"), complete(), None),
            (Reason::OnDemand, None, complete(), None),
            (Reason::AfterLink, None, complete(), None),
            (
                Reason::Initial,
                None,
                vec![pull(DataType::Invoices, "FetchError")],
                Some(ERROR),
            ),
            (
                Reason::Initial,
                None,
                vec![pull(DataType::Invoices, "Cancelled")],
                None,
            ),
        ] {
            let event = event(reason, dialect, pulls);
            assert_eq!(
                told(&event.body).map(|told| told.name),
                expected,
                "{reason:?} {dialect:?}"
            );
            assert_eq!(wants(&endpoint(&[]), &event), expected.is_some());
            assert_eq!(wants(&endpoint(&[ERROR]), &event), expected == Some(ERROR));
        }
    }
}
