//! The Codat-shaped dialect, mounted at `/`.

/// Refusals, in the dialect's words and shape.
mod errors;
/// Query strings.
mod query;
/// What the dialect prints of our nouns.
mod views;
/// Events, in the dialect's words and shape.
pub mod webhooks;

/// Companies and connections that the path names.
mod owned;
/// Pages of lists.
mod paging;
/// The headers that tell how many requests are left.
mod rate;

/// Tokens for code in a customer's browser.
mod access_token;
/// The app's keys.
mod api_keys;
/// The platforms that companies can be connected to.
mod integrations;
/// What the app says of itself.
mod profile;

/// What the description says beyond what the handlers do.
mod openapi;

pub(crate) use rate::Usage;

use axum::Router;
use axum::middleware::from_fn;
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Api;
use crate::correlation::{note_route, panicked};

/// The routes, and their description.
pub(crate) fn router(api: &Api) -> (Router<Api>, utoipa::openapi::OpenApi) {
    let (router, mut description) = OpenApiRouter::with_openapi(openapi::base())
        .routes(routes!(integrations::list_integrations))
        .routes(routes!(integrations::get_integration))
        .routes(routes!(integrations::get_branding))
        .routes(routes!(access_token::company_access_token))
        .routes(routes!(api_keys::list_api_keys, api_keys::create_api_key))
        .routes(routes!(api_keys::delete_api_key))
        .routes(routes!(profile::get_profile, profile::update_profile))
        .split_for_parts();
    openapi::complete(&mut description, &api.engine.config.public_url);

    let router = router
        .route("/logos/{file}", get(integrations::logo))
        .fallback(async || errors::Error::not_found())
        .layer(CatchPanicLayer::custom(panicked))
        .layer(axum::middleware::from_fn_with_state(api.clone(), rate::limit))
        .layer(from_fn(errors::render))
        .layer(from_fn(note_route));
    (router, description)
}
