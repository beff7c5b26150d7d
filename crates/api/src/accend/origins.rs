use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use super::errors::Error;
use crate::auth::{Caller, Means};

/// Refuse a token from a page of an origin that the app did not name.
pub fn check(caller: &Caller, headers: &HeaderMap) -> Result<(), Error> {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return Ok(());
    };
    let is_token = matches!(caller.means, Means::Token(_));
    let allowed = &caller.allowed_origins;
    let is_allowed = allowed.is_empty()
        || allowed
            .iter()
            .any(|allowed| allowed.as_bytes() == origin.as_bytes());
    if is_token && !is_allowed {
        return Err(Error::new(
            StatusCode::FORBIDDEN,
            "This customer access token is not for pages of this origin",
        ));
    }
    Ok(())
}

/// Let pages of other origins read the answers (the Fetch standard, §3.3). No cookie opens anything here, so that a
/// page reads nothing but what its own token does.
pub async fn share(request: Request, next: Next) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let Some(origin) = origin else {
        return next.run(request).await;
    };
    let is_preflight = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if is_preflight {
        (StatusCode::NO_CONTENT, PREFLIGHT.clone()).into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    response
}

static PREFLIGHT: [(HeaderName, HeaderValue); 3] = [
    (
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, POST"),
    ),
    (
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("authorization, content-type"),
    ),
    (header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600")),
];
