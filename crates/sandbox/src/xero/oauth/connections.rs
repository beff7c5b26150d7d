use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use crate::Sandbox;
use crate::requests::Request;
use crate::xero::errors::Error;

/// The organisations that the token's user has connected, all or those of one sitting (`authEventId`).
pub(in crate::xero) async fn list_connections(
    State(sandbox): State<Arc<Sandbox>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let claims = match super::authenticate(&sandbox, &headers) {
        Ok(claims) => claims,
        Err(error) => return error.into_response(),
    };
    let wanted = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .find(|(name, value)| name.eq_ignore_ascii_case("authEventId") && !value.is_empty())
        .map(|(_, value)| value.into_owned());
    let wanted = match wanted.as_deref().map(Uuid::try_parse) {
        None => None,
        Some(Ok(id)) => Some(id),
        Some(Err(_)) => return Error::parameter("`authEventId` is not a Guid").into_response(),
    };
    let grants = sandbox.xero.grants();
    let connections: Vec<Connection> = grants
        .connections_of(claims.xero_userid)
        .filter(|connection| wanted.is_none_or(|event| connection.auth_event == event))
        .filter_map(|connection| {
            let organisation = sandbox.organisation(connection.organisation)?;
            connection.stands_for(&organisation).then(|| Connection {
                id: connection.id,
                auth_event_id: connection.auth_event,
                tenant_id: organisation.id,
                tenant_type: "ORGANISATION",
                tenant_name: organisation.name.clone(),
                created: seven_digits(connection.created_at),
                updated: seven_digits(connection.updated_at),
            })
        })
        .collect();
    axum::Json(connections).into_response()
}

/// Let go of one organisation.
pub(in crate::xero) async fn delete_connection(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let claims = match super::authenticate(&sandbox, &headers) {
        Ok(claims) => claims,
        Err(error) => return error.into_response(),
    };
    let (user, wanted) = (claims.xero_userid, Uuid::try_parse(&id).ok());
    let concerned = {
        let grants = sandbox.xero.grants();
        let mut connections = grants.connections_of(user);
        let found = connections.find(|connection| Some(connection.id) == wanted);
        found.map(|connection| connection.organisation)
    };
    let found = wanted.is_some_and(|id| sandbox.xero.grants().disconnect(user, id));
    sandbox.keep();
    if !found {
        return Error::NotFound.into_response();
    }
    let (now, status) = (sandbox.clock.now(), StatusCode::NO_CONTENT);
    if let Some(organisation) = concerned.and_then(|id| sandbox.organisation(id)) {
        let path = format!("/connections/{id}");
        organisation
            .requests
            .record(Request::plain(now, "DELETE", path, status));
    }
    status.into_response()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Connection {
    id: Uuid,
    auth_event_id: Uuid,
    tenant_id: Uuid,
    tenant_type: &'static str,
    tenant_name: String,
    #[serde(rename = "createdDateUtc")]
    created: String,
    #[serde(rename = "updatedDateUtc")]
    updated: String,
}

/// `2026-04-20T11:47:10.3365440`: seven digits, no zone, UTC.
fn seven_digits(at: Timestamp) -> String {
    let fraction = at.subsec_nanosecond().unsigned_abs() / 100;
    format!("{}.{fraction:07}", at.strftime("%Y-%m-%dT%H:%M:%S"))
}
