use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};

use super::refuse;
use super::token::{Form, is_client};
use crate::{Sandbox, requests};

/// End the grant of a token, of either kind.
pub(in crate::quickbooks_online) async fn revoke_token(
    State(sandbox): State<Arc<Sandbox>>,
    headers: HeaderMap,
    body: String,
) -> Response {
    if !is_client(&headers) {
        return refuse(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            "Client authentication failed",
        );
    }
    let token = match serde_json::from_str::<serde_json::Value>(&body) {
        Ok(body) => body["token"].as_str().map(str::to_owned),
        Err(_) => Form::read(&body).get("token").map(str::to_owned),
    };
    let Some(token) = token else {
        return refuse(StatusCode::BAD_REQUEST, "invalid_request", "token is missing");
    };
    let concerned = sandbox
        .quickbooks_online
        .grants()
        .organisation_of_refresh_token(&token);
    let revoked = sandbox.quickbooks_online.grants().revoke(&token);
    sandbox.keep();
    let status = if revoked {
        StatusCode::OK
    } else {
        StatusCode::BAD_REQUEST
    };
    if let Some(organisation) = concerned.and_then(|organisation| sandbox.organisation(organisation)) {
        let path = "/v2/oauth2/tokens/revoke".to_owned();
        let now = sandbox.clock.now();
        organisation
            .requests
            .record(requests::Request::plain(now, "POST", path, status));
    }
    if revoked {
        status.into_response()
    } else {
        refuse(status, "invalid_grant", "Token invalid")
    }
}
