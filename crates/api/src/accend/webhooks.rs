use std::sync::Arc;

use ledgerline_engine::{Manner, Shape};
use ledgerline_model::event::{Body, CompanySnapshot, Endpoint, Event, PullSnapshot, RunSnapshot};
use ledgerline_model::run::{Cause, Failure, Reason};
use ledgerline_model::{DataType, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::views::{DataPeriodView, SyncError, failed, print_customer, print_link_connection, sync_type};
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
    let failures: Vec<Failure> = run.pulls.iter().filter_map(failure).collect();
    let is_cancelled = |failure: &Failure| *failure == Failure::Cancelled;
    let name = if !failed(run.pulls.len(), &failures) {
        COMPLETION
    } else if failures.iter().all(is_cancelled) {
        return None;
    } else {
        ERROR
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
    statements: Vec<StatementRead>,
    data_types: Vec<DataTypeRead>,
    /// What the customer's consent or plan does not show; ours.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    forbidden_data_types: Vec<DataType>,
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

/// One kind of financial statement that was read.
#[derive(Serialize, ToSchema)]
pub struct StatementRead {
    /// `balance_sheet`, `income_statement` or `cash_flow_statement`.
    statement_type: &'static str,
    /// How many months were read.
    periods: i64,
    /// Months before the last closed one that were not as they had been read before, e.g. `2026-08`.
    restated_periods: Vec<String>,
}

#[derive(Serialize, ToSchema)]
pub struct DataTypeRead {
    #[schema(value_type = String)]
    data_type: DataType,
    /// Records of the type that were read.
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
        let (forbidden, read): (Vec<_>, Vec<_>) =
            told.run.pulls.iter().partition(|pull| failure(pull).is_some());
        let statements = read
            .iter()
            .filter_map(|pull| StatementRead::of(told, pull))
            .collect();
        let data_types = read.iter().map(|pull| DataTypeRead {
            data_type: pull.data_type,
            records: pull.read - pull.gone,
            deleted: pull.deleted,
        });
        Self {
            sync: SyncReference::of(told),
            data_period: told.run.data_period.map(Into::into),
            started_at: told.run.started_at,
            completed_at: told.run.finished_at,
            statements,
            data_types: data_types.collect(),
            forbidden_data_types: forbidden.into_iter().map(|pull| pull.data_type).collect(),
        }
    }
}

impl StatementRead {
    fn of(told: &Told<'_>, pull: &PullSnapshot) -> Option<Self> {
        let statement_type = match pull.data_type {
            DataType::BalanceSheet => "balance_sheet",
            DataType::ProfitAndLoss => "income_statement",
            DataType::CashFlowStatement => "cash_flow_statement",
            _ => return None,
        };
        // What is read for the first time restates nothing.
        let closed = match told.reason {
            Reason::Initial => None,
            Reason::Recurring | Reason::OnDemand | Reason::AfterLink => told.run.data_period,
        };
        let last_closed = closed.map(|period| period.end.strftime("%Y-%m").to_string());
        let is_before = |month: &&String| last_closed.as_ref().is_some_and(|last| *month < last);
        Some(Self {
            statement_type,
            periods: pull.read - pull.gone,
            restated_periods: pull.changed_months.iter().filter(is_before).cloned().collect(),
        })
    }
}

impl Failed {
    fn of(told: &Told<'_>) -> Option<Self> {
        let is_failed = |pull: &&PullSnapshot| failure(pull).is_some();
        let told_of = |pull: &PullSnapshot| {
            let failure = failure(pull).filter(|failure| *failure != Failure::Cancelled)?;
            let cause = pull.cause.as_deref().and_then(Cause::from_key);
            let error = SyncError::new(pull.id, failure, cause, pull.message.as_deref());
            Some((failure, error.after(pull.failed_attempts, told.run.next_at)))
        };
        let errors = told.run.pulls.iter().filter_map(told_of);
        // What is forbidden is told only if there is nothing else.
        let first = errors.min_by_key(|(failure, _)| *failure == Failure::Permissions);
        let first = first.map(|(_, error)| error);
        let (failed, completed): (Vec<_>, Vec<_>) = told.run.pulls.iter().partition(is_failed);
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
            read: 1240,
            gone: 6,
            changed: 3,
            deleted: 2,
            quarantined: 0,
            issues: 0,
            message: (state != "Complete").then(|| "Xero answered 503 for Invoices".to_owned()),
            cause: None,
            failed_attempts: None,
            changed_months: Vec::new(),
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
            next_at: None,
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
                r#""started_at":"2026-11-20T23:10:00Z","statements":[],"#,
                r#""sync_id":"00000000-0000-0000-0000-000000000003","sync_type":"initial"}}"#
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
                "request_id": "00000000000000000000000000000000",
            })
        );
        assert_eq!(
            told["data"]["completed_data_types"],
            serde_json::json!(["chartOfAccounts"])
        );
        assert_eq!(told["data"]["failed_data_types"], serde_json::json!(["invoices"]));
    }

    #[test]
    fn months_that_were_read_before_and_have_changed_are_restated() {
        let statements = |reason| {
            let sheet = PullSnapshot {
                read: 4,
                gone: 0,
                changed_months: ["2026-08", "2026-10", "2026-11"].map(str::to_owned).to_vec(),
                ..pull(DataType::BalanceSheet, "Complete")
            };
            let told = body(&event(reason, None, vec![sheet])).unwrap();
            let told: serde_json::Value = serde_json::from_str(&told).unwrap();
            told["data"]["statements"].clone()
        };
        let of = |restated: &[&str]| {
            serde_json::json!([
                { "statement_type": "balance_sheet", "periods": 4, "restated_periods": restated }
            ])
        };
        assert_eq!(statements(Reason::Recurring), of(&["2026-08"]));
        assert_eq!(statements(Reason::Initial), of(&[]));
    }

    #[test]
    fn what_is_forbidden_keeps_nobody_waiting_for_the_rest() {
        let pulls = || {
            vec![
                pull(DataType::Invoices, "Complete"),
                pull(DataType::JournalEntries, "PermissionsError"),
            ]
        };
        let told = body(&event(Reason::Initial, None, pulls())).unwrap();
        let told: serde_json::Value = serde_json::from_str(&told).unwrap();
        assert_eq!(told["type"], COMPLETION);
        assert_eq!(
            told["data"]["forbidden_data_types"],
            serde_json::json!(["journalEntries"])
        );
        assert_eq!(told["data"]["data_types"].as_array().unwrap().len(), 1);
        // Nothing at all may be read, or something else went wrong.
        for (others, code) in [
            (vec![], "provider_error"),
            (vec![pull(DataType::Bills, "RateLimitError")], "rate_limited"),
        ] {
            let pulls = pulls().into_iter().skip(1).chain(others).collect();
            let told = body(&event(Reason::Initial, None, pulls)).unwrap();
            let told: serde_json::Value = serde_json::from_str(&told).unwrap();
            assert_eq!(told["type"], ERROR);
            assert_eq!(told["data"]["error"]["code"], code);
        }
    }

    #[test]
    fn an_error_says_what_the_platform_did_and_when_it_is_tried_again() {
        for (cause, code, retryable, action) in [
            (None, "provider_unavailable", true, "none"),
            (Some("unavailable"), "provider_unavailable", true, "none"),
            (Some("malformed"), "provider_error", true, "contact_support"),
            (Some("short_list"), "provider_error", true, "none"),
            (Some("refused"), "provider_error", false, "contact_support"),
        ] {
            let failed = PullSnapshot {
                cause: cause.map(str::to_owned),
                failed_attempts: Some(7),
                ..pull(DataType::Invoices, "FetchError")
            };
            let mut event = event(Reason::Recurring, None, vec![failed]);
            if let Body::RunCompleted { run, .. } = &mut event.body {
                run.next_at = Some(at());
            }
            let told: serde_json::Value = serde_json::from_str(&body(&event).unwrap()).unwrap();
            let error = &told["data"]["error"];
            assert_eq!(error["code"], code, "{cause:?}");
            assert_eq!(error["retryable"], retryable, "{cause:?}");
            assert_eq!(error["action_required"], action, "{cause:?}");
            assert_eq!(error["attempts"], 7);
            assert_eq!(error["next_retry_at"].is_string(), retryable, "{cause:?}");
        }
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
