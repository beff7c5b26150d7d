use ledgerline_model::connection::State;
use ledgerline_model::event::{Body, CompanySnapshot, ConnectionSnapshot, Event};
use ledgerline_platform::Registry;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::views::{ConnectionView, status};
use super::CompanyReference;
use crate::envelope;

pub const CREATED: &str = "connection.created";
pub const CONNECTED: &str = "connection.connected";
pub const DISCONNECTED: &str = "connection.disconnected";
pub const ERROR: &str = "connection.error";

/// What the dialect tells of an event, and the status that the connection has by it.
pub struct Told<'a> {
    pub name: &'static str,
    company: &'a CompanySnapshot,
    connection: &'a ConnectionSnapshot,
    status: &'static str,
}

/// Nothing of a connection that nobody has consented to: it does not exist in this dialect.
pub fn told(body: &Body) -> Option<Told<'_>> {
    let (company, connection) = match body {
        Body::ConnectionCreated { company, connection }
        | Body::ConnectionConnected { company, connection }
        | Body::ConnectionReconnected { company, connection }
        | Body::ConnectionDisconnected { company, connection }
        | Body::ConnectionFailed { company, connection }
        | Body::ConnectionDeleted { company, connection } => (company, connection),
        Body::CompanyCreated { .. }
        | Body::CompanyDeleted { .. }
        | Body::RunCompleted { .. }
        | Body::PushStarted { .. }
        | Body::PushSucceeded { .. }
        | Body::PushFailed { .. }
        | Body::BatchStarted { .. }
        | Body::BatchCompleted { .. }
        | Body::BatchFailed { .. }
        | Body::ExpenseSynced { .. }
        | Body::ExpenseFailed { .. }
        | Body::AttachmentUploaded { .. } => return None,
    };
    let now = status(State::from_key(&connection.state)?);
    let (name, status) = match body {
        // Made by a consent, which links it in the same instant.
        Body::ConnectionCreated { .. } => {
            connection.organisation.as_ref()?;
            (CREATED, "CONNECTED")
        }
        Body::ConnectionConnected { .. } | Body::ConnectionReconnected { .. } => (CONNECTED, now?),
        Body::ConnectionDisconnected { .. } if now? == "ERROR" => (ERROR, "ERROR"),
        Body::ConnectionDisconnected { .. } => (DISCONNECTED, now?),
        Body::ConnectionDeleted { .. } if now? != "DISCONNECTED" => (DISCONNECTED, "DISCONNECTED"),
        // It was told as disconnected before; an attempt to link that failed changes no status.
        Body::ConnectionDeleted { .. }
        | Body::ConnectionFailed { .. }
        | Body::CompanyCreated { .. }
        | Body::CompanyDeleted { .. }
        | Body::RunCompleted { .. }
        | Body::PushStarted { .. }
        | Body::PushSucceeded { .. }
        | Body::PushFailed { .. }
        | Body::BatchStarted { .. }
        | Body::BatchCompleted { .. }
        | Body::BatchFailed { .. }
        | Body::ExpenseSynced { .. }
        | Body::ExpenseFailed { .. }
        | Body::AttachmentUploaded { .. } => return None,
    };
    Some(Told {
        name,
        company,
        connection,
        status,
    })
}

pub fn body(event: &Event, told: &Told<'_>, registry: &Registry) -> Option<String> {
    let error = told.connection.errors.last();
    let error = error.filter(|error| told.name == ERROR && error.resolved_at.is_none());
    let data = ConnectionEvent {
        company: told.company.into(),
        connection: ConnectionView::of_snapshot(told.connection, told.company.id, told.status, registry),
        error_message: error.map(|error| error.message.clone()),
    };
    envelope::write(event, told.name, data)
}

/// `data` of the `connection.…` events.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionEvent {
    company: CompanyReference,
    connection: ConnectionView,
    /// With `connection.error`: what needs attention.
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
}

#[cfg(test)]
mod tests {
    use ledgerline_model::app::Environment;
    use ledgerline_model::connection::ConnectionError;
    use ledgerline_model::event::Endpoint;
    use ledgerline_model::{AppId, CompanyId, EndpointId, EventId, Timestamp};

    use uuid::Uuid;

    use super::super::{DIALECT, body, wants};
    use super::*;

    fn at() -> Timestamp {
        "2026-11-20T23:10:00.123456Z".parse().unwrap()
    }

    fn company() -> CompanySnapshot {
        CompanySnapshot {
            id: Uuid::from_u128(2),
            name: "Kern".to_owned(),
            description: None,
            tags: Default::default(),
            created_at: at(),
            external_id: None,
        }
    }

    fn connection(state: State, organisation: Option<&str>) -> ConnectionSnapshot {
        ConnectionSnapshot {
            id: Uuid::from_u128(4),
            platform: "abacus".to_owned(),
            state: state.key().to_owned(),
            environment: "test".to_owned(),
            link_url: "https://books.example/link/s/x".to_owned(),
            created_at: at(),
            last_sync_at: None,
            errors: vec![ConnectionError {
                status: 401,
                text: "Deauthorized".to_owned(),
                message: "The consent was withdrawn.".to_owned(),
                at: at(),
                resolved_at: None,
            }],
            organisation: organisation.map(str::to_owned),
        }
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

    #[test]
    fn each_change_of_status_is_told_once_and_nothing_before_a_consent() {
        let company = company();
        let some = Some("org-1");
        type Make = fn(CompanySnapshot, ConnectionSnapshot) -> Body;
        let created: Make = |company, connection| Body::ConnectionCreated { company, connection };
        let connected: Make = |company, connection| Body::ConnectionConnected { company, connection };
        let reconnected: Make = |company, connection| Body::ConnectionReconnected { company, connection };
        let cut: Make = |company, connection| Body::ConnectionDisconnected { company, connection };
        let failed: Make = |company, connection| Body::ConnectionFailed { company, connection };
        let deleted: Make = |company, connection| Body::ConnectionDeleted { company, connection };
        for (make, state, organisation, expected) in [
            (created, State::PendingAuth, None, None),
            (created, State::PendingAuth, some, Some((CREATED, "CONNECTED"))),
            (connected, State::Linked, some, Some((CONNECTED, "CONNECTED"))),
            (reconnected, State::Linked, some, Some((CONNECTED, "CONNECTED"))),
            (cut, State::NeedsReauth, some, Some((ERROR, "ERROR"))),
            (cut, State::Faulty, some, Some((ERROR, "ERROR"))),
            (cut, State::Unlinked, some, Some((DISCONNECTED, "DISCONNECTED"))),
            (failed, State::PendingAuth, None, None),
            (failed, State::NeedsReauth, some, None),
            (deleted, State::Linked, some, Some((DISCONNECTED, "DISCONNECTED"))),
            (deleted, State::Unlinked, some, None),
            (deleted, State::PendingAuth, None, None),
        ] {
            let body = make(company.clone(), connection(state, organisation));
            let found = told(&body).map(|told| (told.name, told.status));
            assert_eq!(found, expected, "{body:?}");
        }
    }

    #[test]
    fn an_event_says_whose_connection_it_is_and_what_needs_attention() {
        let told = event(Body::ConnectionDisconnected {
            company: company(),
            connection: connection(State::NeedsReauth, Some("org-1")),
        });
        assert_eq!(
            body(&told, &Registry::default()).unwrap(),
            concat!(
                r#"{"id":"evt_00000000000000000000000000000001","type":"connection.error","#,
                r#""created_at":"2026-11-20T23:10:00.123456Z","api_version":"v1","data":{"#,
                r#""company":{"id":"00000000-0000-0000-0000-000000000002","name":"Kern"},"#,
                r#""connection":{"id":"00000000-0000-0000-0000-000000000004","integrationKey":"ABACUS","#,
                r#""companyId":"00000000-0000-0000-0000-000000000002","status":"ERROR","#,
                r#""created":"2026-11-20T23:10:00.1234560Z"},"errorMessage":"The consent was withdrawn."}}"#
            )
        );
        let mut endpoint = Endpoint {
            app: AppId(Uuid::nil()),
            id: EndpointId(Uuid::nil()),
            environment: Environment::Test,
            dialect: DIALECT.to_owned(),
            url: String::new(),
            event_types: Vec::new(),
            company_tags: Vec::new(),
            disabled: false,
            created_at: at(),
            failing_since: None,
        };
        assert!(wants(&endpoint, &told));
        endpoint.event_types = vec![CONNECTED.to_owned()];
        assert!(!wants(&endpoint, &told));
        endpoint.event_types.push(ERROR.to_owned());
        assert!(wants(&endpoint, &told));
    }
}
