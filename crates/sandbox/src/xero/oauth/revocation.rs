use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};

use super::token::{Form, client};
use crate::Sandbox;
use crate::requests::Request;

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
    let concerned = sandbox.xero.grants().organisations_of_refresh_token(token);
    sandbox.xero.grants().revoke(token);
    sandbox.keep();
    let (now, status) = (sandbox.clock.now(), StatusCode::OK);
    for organisation in concerned.into_iter().filter_map(|id| sandbox.organisation(id)) {
        let path = "/identity/connect/revocation".to_owned();
        organisation
            .requests
            .record(Request::plain(now, "POST", path, status));
    }
    status.into_response()
}
