use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde_json::json;

use super::{ACCOUNTING, bearer, issuer};
use crate::quickbooks_online::errors::{Denied, json_response};
use crate::{Sandbox, ids};

/// Where everything is.
pub(in crate::quickbooks_online) async fn discover(headers: HeaderMap) -> Response {
    let issuer = issuer(&headers);
    let body = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/connect/oauth2"),
        "token_endpoint": format!("{issuer}/oauth2/v1/tokens/bearer"),
        "userinfo_endpoint": format!("{issuer}/v1/openid_connect/userinfo"),
        "revocation_endpoint": format!("{issuer}/v2/oauth2/tokens/revoke"),
        "jwks_uri": format!("{issuer}/op/v1/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile", "address", "phone", ACCOUNTING],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "claims_supported": ["aud", "exp", "iat", "iss", "realmid", "sub"],
    });
    json_response(StatusCode::OK, &body)
}

/// There is no key that tokens are signed with.
pub(in crate::quickbooks_online) async fn keys() -> Response {
    json_response(StatusCode::OK, &json!({ "keys": [] }))
}

/// Who consented.
pub(in crate::quickbooks_online) async fn user_info(
    State(sandbox): State<Arc<Sandbox>>,
    headers: HeaderMap,
) -> Response {
    let now = sandbox.clock.now();
    let grants = sandbox.quickbooks_online.grants();
    let grant = match bearer(&headers)
        .ok_or(Denied::BadToken)
        .and_then(|token| grants.of_access_token(token, now))
    {
        Ok(grant) => grant,
        Err(denied) => return denied.into_response(),
    };
    let asked = |wanted: &str| grant.scope.split_whitespace().any(|scope| scope == wanted);
    if !asked("openid") {
        return Denied::WrongCompany.into_response();
    }
    let mut body = json!({ "sub": ids::derived("user", &grant.organisation.to_string()) });
    if asked("email") {
        body["email"] = "robin@example.com".into();
        body["emailVerified"] = true.into();
    }
    if asked("profile") {
        body["givenName"] = "Robin".into();
        body["familyName"] = "Keeper".into();
    }
    json_response(StatusCode::OK, &body)
}
