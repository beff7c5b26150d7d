use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{StatusCode, header};
use ledgerline_engine::Engine;
use ledgerline_engine::clock::facts::WORLD;
use ledgerline_store::{apps, facts};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

/// `/healthz`, `/readyz` and `/metrics`; none of them needs a key or tells of any app.
pub fn router(engine: Arc<Engine>) -> Router {
    // The recorder is the process's: whoever builds the first router installs it.
    let _ = recorder();
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(engine)
}

/// Whether requests can be served: the store answers, and the sandbox, where one is followed, is not behind
/// the time that the data has seen.
async fn readyz(State(engine): State<Arc<Engine>>) -> Response {
    match look(&engine).await {
        Ok(None) => "ready\n".into_response(),
        Ok(Some(reason)) => {
            tracing::warn!(reason, "Not ready");
            (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {reason}\n")).into_response()
        }
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "Not ready");
            let text = format!("not ready: the store does not answer ({error})\n");
            (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
        }
    }
}

/// Why it is not ready, if it is not.
async fn look(engine: &Engine) -> ledgerline_store::Result<Option<String>> {
    let mut tx = engine.store.read().await?;
    apps::all(&mut tx).await?;
    let world = facts::get(&mut tx, WORLD)
        .await?
        .and_then(|micros| micros.parse::<i64>().ok());
    let ours = engine.clock.offset_micros();
    Ok(world.filter(|world| *world < ours).map(|world| {
        format!(
            "the sandbox's clock is {} s ahead of real time, but this store has already seen {} s",
            world / 1_000_000,
            ours / 1_000_000
        )
    }))
}

async fn metrics() -> Response {
    match recorder() {
        Some(handle) => (
            [(header::CONTENT_TYPE, "text/plain; version=0.0.4")],
            handle.render(),
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// `None` if something else in this process took the place first.
fn recorder() -> Option<&'static PrometheusHandle> {
    static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    RECORDER
        .get_or_init(|| PrometheusBuilder::new().install_recorder().ok())
        .as_ref()
}
