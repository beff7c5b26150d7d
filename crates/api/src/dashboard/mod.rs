//! The dashboard: what the operator of this server sees of it, in a browser.

/// Getting in and out: one-time links, sessions.
mod login;
/// Who is looking, at which app and environment.
mod room;
/// The cookie of a session, and what its forms carry.
mod session;

/// How far the data types agree with each other.
mod agreement;
/// All companies.
mod companies;
/// One company: its connections, data and Runs.
mod company;
/// What was told to the app's endpoints.
mod deliveries;
/// API keys.
mod keys;
/// How fresh each data type is, kept live while one is read.
mod progress;
/// Runs, and what went wrong in them.
mod runs;

/// What can go wrong, as pages.
mod errors;
/// Words and colours of states.
mod states;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use ledgerline_engine::Engine;

pub use login::login_url;

/// `/dashboard/…`. Every route but the login is behind a session.
pub fn router(engine: Arc<Engine>) -> Router {
    const ROOM: &str = "/dashboard/{app}/{environment}";
    Router::new()
        .route("/dashboard", get(login::home))
        .route("/dashboard/login/{token}", get(login::open))
        .route("/dashboard/logout", post(login::leave))
        .route(&format!("{ROOM}/companies"), get(companies::list))
        .route(&format!("{ROOM}/companies/{{company}}"), get(company::show))
        .route(
            &format!("{ROOM}/companies/{{company}}/progress"),
            get(company::progress),
        )
        .route(
            &format!("{ROOM}/companies/{{company}}/refresh"),
            post(company::refresh),
        )
        .route(&format!("{ROOM}/runs"), get(runs::list))
        .route(&format!("{ROOM}/runs/{{run}}"), get(runs::show))
        .route(&format!("{ROOM}/runs/{{run}}/progress"), get(runs::progress))
        .route(&format!("{ROOM}/deliveries"), get(deliveries::list))
        .route(&format!("{ROOM}/keys"), get(keys::list).post(keys::make))
        .route(&format!("{ROOM}/keys/{{key}}/revoke"), post(keys::revoke))
        .with_state(engine)
}
