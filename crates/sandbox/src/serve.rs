//! The whole sandbox as one service.

#[cfg(test)]
mod tests;

use std::{io, path::Path, sync::Arc};

use axum::Router;
use tokio::{net::TcpListener, sync::Notify};

use crate::{Sandbox, control, state::StateFile, xero};

/// Everything: the control API and every platform's face.
pub fn router(sandbox: Arc<Sandbox>) -> Router {
    control::router(sandbox.clone()).merge(xero::router(sandbox))
}

/// Serve until `stop` comes, with what `state` kept of an earlier process, and keep it there.
pub async fn serve(
    listener: TcpListener,
    sandbox: Arc<Sandbox>,
    state: Option<&Path>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let state = match state {
        Some(path) => Some(StateFile::open(path, &sandbox)?),
        None => None,
    };
    let stopping = Arc::new(Notify::new());
    let told = stopping.clone();
    let world = sandbox.clone();
    let stop = async move {
        stop.await;
        world.clock.release();
        // Stored, if nobody waits yet: no stop gets lost.
        told.notify_one();
    };
    let serving = axum::serve(listener, router(sandbox.clone())).with_graceful_shutdown(stop);
    let Some(state) = state else { return serving.await };
    let saving = state.keep(sandbox, async move { stopping.notified().await });
    let (served, saved) = tokio::join!(async { serving.await }, saving);
    served.and(saved)
}
