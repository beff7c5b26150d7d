use std::sync::Arc;

use ledgerline_engine::{Manner, Shape, Telling};
use ledgerline_model::connection::State;
use ledgerline_model::event::{
    Body, ConnectionSnapshot, Endpoint, Event, PullSnapshot, PushSnapshot, RunSnapshot,
};
use ledgerline_platform::Registry;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::views::ConnectionStatus;
use super::company_of;
use super::kind::{Kind, has_changed, is_complete};

/// The header that names the app.
const APP_HEADER: &str = "X-Codat-ClientId";

/// How rules tell events.
pub fn shape(registry: Registry) -> Shape {
    Shape {
        wants: Arc::new(wants),
        body: Arc::new(move |telling| body(&registry, telling)),
        manner: Manner::Authorized {
            app_header: APP_HEADER,
        },
    }
}

fn wants(endpoint: &Endpoint, event: &Event) -> bool {
    let is_of_company = company_of(endpoint).is_none_or(|company| company == event.company.to_string());
    is_of_company && kind_of(endpoint).is_some_and(|kind| kind.is_of(&event.body))
}

fn kind_of(endpoint: &Endpoint) -> Option<Kind> {
    Kind::named(endpoint.event_types.first()?)
}

/// What a rule tells.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Alert<'a> {
    /// The app.
    client_id: Uuid,
    client_name: &'a str,
    company_id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_connection_id: Option<Uuid>,
    rule_id: Uuid,
    rule_type: &'static str,
    alert_id: Uuid,
    message: String,
    #[schema(value_type = Object)]
    data: Data<'a>,
}

#[derive(Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
enum Data<'a> {
    Sync {
        sync_id: Uuid,
        sync_type: &'static str,
        #[serde(rename = "FailureStage", skip_serializing_if = "Option::is_none")]
        failure_stage: Option<&'static str>,
    },
    Connection {
        data_connection_id: Uuid,
        new_status: ConnectionStatus,
        old_status: Option<ConnectionStatus>,
        platform_key: &'a str,
    },
    Company {},
    /// The first of them stands by itself, as clients expect it; `datasets` are all.
    Datasets {
        #[serde(flatten)]
        first: Dataset<'a>,
        datasets: Vec<Dataset<'a>>,
    },
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Dataset<'a> {
    data_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    dataset_status: Option<&'a str>,
    dataset_id: Uuid,
}

fn body(registry: &Registry, telling: &Telling<'_>) -> Option<String> {
    let kind = kind_of(telling.endpoint)?;
    let company = telling.event.company;
    let (connection, message, data) = match &telling.event.body {
        Body::PushStarted { push, .. } | Body::PushSucceeded { push, .. } | Body::PushFailed { push, .. } => {
            of_sync(kind, company.0, push)
        }
        Body::ConnectionConnected { connection, .. }
        | Body::ConnectionReconnected { connection, .. }
        | Body::ConnectionDisconnected { connection, .. } => {
            of_connection(registry, &telling.event.body, company.0, connection)?
        }
        Body::RunCompleted { company: named, run } => of_run(kind, &named.name, run)?,
        Body::CompanyCreated { .. }
        | Body::CompanyDeleted { .. }
        | Body::ConnectionCreated { .. }
        | Body::ConnectionFailed { .. }
        | Body::ConnectionDeleted { .. }
        | Body::BatchStarted { .. }
        | Body::BatchCompleted { .. }
        | Body::BatchFailed { .. }
        | Body::ExpenseSynced { .. }
        | Body::ExpenseFailed { .. }
        | Body::AttachmentUploaded { .. } => return None,
    };
    let alert = Alert {
        client_id: telling.app.id.0,
        client_name: &telling.app.name,
        company_id: company.0,
        data_connection_id: connection,
        rule_id: telling.endpoint.id.0,
        rule_type: kind.name(),
        alert_id: telling.delivery.0,
        message,
        data,
    };
    serde_json::to_string(&alert).ok()
}

type Told<'a> = (Option<Uuid>, String, Data<'a>);

fn of_sync(kind: Kind, company: Uuid, push: &PushSnapshot) -> Told<'_> {
    let end = match kind {
        Kind::SyncStarted => "has started.",
        Kind::SyncFailed => "has failed at step Pushing.",
        Kind::SyncCompleted
        | Kind::ConnectionStatusChanged
        | Kind::NewCompanySynchronized
        | Kind::DataSyncCompleted
        | Kind::DatasetDataChanged
        | Kind::DataSyncStatusChangedToError => "completed successfully.",
    };
    let data = Data::Sync {
        sync_id: push.id,
        sync_type: "Expense",
        failure_stage: (kind == Kind::SyncFailed).then_some("Pushing"),
    };
    let message = format!("Sync {} for company {company} of type Expense {end}", push.id);
    (None, message, data)
}

fn of_connection<'a>(
    registry: &Registry,
    body: &Body,
    company: Uuid,
    connection: &ConnectionSnapshot,
) -> Option<Told<'a>> {
    let new_status = ConnectionStatus::from(State::from_key(&connection.state)?);
    // Of a connection that is linked again nobody has noted how it had been cut.
    let old_status = match body {
        Body::ConnectionConnected { .. } => Some(ConnectionStatus::PendingAuth),
        Body::ConnectionDisconnected { .. } => Some(ConnectionStatus::Linked),
        Body::CompanyCreated { .. }
        | Body::CompanyDeleted { .. }
        | Body::ConnectionCreated { .. }
        | Body::ConnectionReconnected { .. }
        | Body::ConnectionFailed { .. }
        | Body::ConnectionDeleted { .. }
        | Body::RunCompleted { .. }
        | Body::PushStarted { .. }
        | Body::PushSucceeded { .. }
        | Body::PushFailed { .. }
        | Body::BatchStarted { .. }
        | Body::BatchCompleted { .. }
        | Body::BatchFailed { .. }
        | Body::ExpenseSynced { .. }
        | Body::ExpenseFailed { .. }
        | Body::AttachmentUploaded { .. } => None,
    };
    let platform_key = registry
        .find(&connection.platform)
        .map_or("", |entry| entry.about().codat.key);
    let message = format!(
        "Data connection {} of company {company} is {} now.",
        connection.id,
        new_status.word()
    );
    let data = Data::Connection {
        data_connection_id: connection.id,
        new_status,
        old_status,
        platform_key,
    };
    Some((Some(connection.id), message, data))
}

fn of_run<'a>(kind: Kind, company: &str, run: &'a RunSnapshot) -> Option<Told<'a>> {
    if kind == Kind::NewCompanySynchronized {
        let message = format!("The data of {company} was read for the first time.");
        return Some((Some(run.connection), message, Data::Company {}));
    }
    let is_told = |pull: &&PullSnapshot| match kind {
        Kind::DatasetDataChanged => has_changed(pull),
        Kind::DataSyncStatusChangedToError => !is_complete(pull),
        Kind::SyncStarted
        | Kind::SyncCompleted
        | Kind::SyncFailed
        | Kind::ConnectionStatusChanged
        | Kind::NewCompanySynchronized
        | Kind::DataSyncCompleted => is_complete(pull),
    };
    let datasets: Vec<Dataset<'_>> = run
        .pulls
        .iter()
        .filter(is_told)
        .map(|pull| Dataset {
            data_type: pull.data_type.key(),
            dataset_status: (kind == Kind::DataSyncStatusChangedToError).then_some(pull.state.as_str()),
            dataset_id: pull.id,
        })
        .collect();
    let names: Vec<_> = datasets.iter().map(|dataset| dataset.data_type).collect();
    let what = match kind {
        Kind::DatasetDataChanged => "Data changed",
        Kind::DataSyncStatusChangedToError => "Data could not be read",
        Kind::SyncStarted
        | Kind::SyncCompleted
        | Kind::SyncFailed
        | Kind::ConnectionStatusChanged
        | Kind::NewCompanySynchronized
        | Kind::DataSyncCompleted => "Data was read",
    };
    let message = format!("{what} for {company}: {}.", names.join(", "));
    let first = datasets.first()?.clone();
    Some((Some(run.connection), message, Data::Datasets { first, datasets }))
}
