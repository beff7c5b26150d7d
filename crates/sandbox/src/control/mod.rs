//! The control API under `/_sandbox`: made for tests and demos, without a key.

mod attachments;
mod clock;
mod error;
mod faults;
mod ledger;
mod mutate;
mod organisations;
mod requests;
mod revoke;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::{
    Router,
    routing::{get, post},
};

use crate::Sandbox;

pub use organisations::Wanted;

/// Everything under `/_sandbox`.
pub fn router(sandbox: Arc<Sandbox>) -> Router {
    let organisation = Router::new()
        .route("/", get(organisations::show))
        .route("/mutate", post(mutate::mutate).delete(mutate::forget))
        .route(
            "/faults",
            get(faults::list).post(faults::plan).delete(faults::clear),
        )
        .route("/revoke", post(revoke::revoke))
        .route("/ledger", get(ledger::rows))
        .route("/attachments", get(attachments::list))
        .route("/requests", get(requests::list));
    Router::new()
        .route(
            "/_sandbox/organisations",
            get(organisations::list).post(organisations::create),
        )
        .nest("/_sandbox/organisations/{id}", organisation)
        .route("/_sandbox/clock", get(clock::read).post(clock::advance))
        .with_state(sandbox)
}
