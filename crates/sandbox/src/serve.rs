//! The whole sandbox as one service.

#[cfg(test)]
mod tests;

use std::{io, sync::Arc};

use axum::Router;
use tokio::net::TcpListener;

use crate::{Sandbox, control, quickbooks_online, xero};

/// Everything: the control API and every platform's face.
pub fn router(sandbox: Arc<Sandbox>) -> Router {
    control::router(sandbox.clone())
        .merge(quickbooks_online::router(sandbox.clone()))
        .merge(xero::router(sandbox))
}

/// Serve until `stop` comes. [`crate::state::StateFile::keep`] runs beside it where a restart is to keep anything.
pub async fn serve(
    listener: TcpListener,
    sandbox: Arc<Sandbox>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let world = sandbox.clone();
    let stop = async move {
        stop.await;
        world.clock.release();
    };
    axum::serve(listener, router(sandbox))
        .with_graceful_shutdown(stop)
        .await
}
