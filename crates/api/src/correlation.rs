use std::any::Any;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode};
use ledgerline_engine::Engine;
use tracing::Instrument;

/// The id under which a request can be found in the log: 32 hex digits, in every error body and in the
/// header `X-Correlation-Id` of every answer.
#[derive(Clone, Debug)]
pub struct CorrelationId(pub String);

static HEADER: HeaderName = HeaderName::from_static("x-correlation-id");

/// A handler panicked; each dialect prints it in its own shape.
#[derive(Clone, Copy, Debug)]
pub struct Panicked;

/// Give the request its id, log how it ended, and count it.
pub async fn correlate(State(engine): State<Arc<Engine>>, mut request: Request, next: Next) -> Response {
    let id = format!("{:032x}", engine.uuid().as_u128());
    let span = tracing::info_span!("request", correlation_id = %id, method = %request.method());
    request.extensions_mut().insert(CorrelationId(id.clone()));
    let method = request.method().clone();
    let started = Instant::now();

    let mut response = next.run(request).instrument(span.clone()).await;

    let elapsed = started.elapsed();
    // Paths hold ids and link tokens: only the route's template is logged.
    let route = response
        .extensions()
        .get::<Route>()
        .map_or_else(String::new, |route| route.0.clone());
    let status = response.status().as_u16();
    span.in_scope(|| {
        tracing::info!(
            route,
            status,
            elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
            "Answered {method} {route} with {status}"
        );
    });
    metrics::histogram!("http_request_seconds", "method" => method.to_string(), "route" => route, "status" => status.to_string())
        .record(elapsed.as_secs_f64());
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HEADER.clone(), value);
    }
    response
}

/// The template of the route that answered.
#[derive(Clone, Debug)]
struct Route(String);

/// Leave the route's template in the answer, for [`correlate`], which stands outside of the routes.
pub async fn note_route(path: Option<MatchedPath>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if let Some(path) = path {
        response.extensions_mut().insert(Route(path.as_str().to_owned()));
    }
    response
}

/// What a caught panic is turned into; the panic itself was logged by its hook.
pub fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
    response.extensions_mut().insert(Panicked);
    response
}
