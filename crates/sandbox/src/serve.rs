//! The whole sandbox as one service.

use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;

use crate::{Sandbox, control, xero};

/// Everything: the control API and every platform's face.
pub fn router(sandbox: Arc<Sandbox>) -> Router {
    control::router(sandbox.clone()).merge(xero::router(sandbox))
}

/// Serve until `stop` comes.
pub async fn serve(
    listener: TcpListener,
    sandbox: Arc<Sandbox>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    axum::serve(listener, router(sandbox))
        .with_graceful_shutdown(stop)
        .await
}
