use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};

use super::token::{Form, client};
use crate::Sandbox;

/// End the consent that a refresh token stands for. Unknown tokens are answered alike, as RFC 7009 has it.
pub(in crate::xero) async fn revoke_token(
    State(sandbox): State<Arc<Sandbox>>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let form = Form::read(&body);
    if client(&headers, &form).is_none() {
        return super::refuse("invalid_client");
    }
    let Some(token) = form.get("token") else {
        return super::refuse("invalid_request");
    };
    sandbox.xero.grants().revoke(token);
    sandbox.keep();
    StatusCode::OK.into_response()
}
