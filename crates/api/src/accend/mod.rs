//! The Accend-shaped dialect, mounted at `/api/v1/financials`.

/// Refusals, in the dialect's words and shape.
pub(crate) mod errors;
/// Query strings, and the filter language.
mod query;
/// What the dialect prints of our nouns.
mod views;
/// Events, in the dialect's words and shape.
pub mod webhooks;

/// Pages of other origins, which use customers' tokens.
mod origins;
/// Customers and link connections that the path names.
mod owned;

/// Tokens for code in a customer's browser, and the link that they open.
mod access_tokens;
/// The app's customers.
mod customers;
/// What the app says of a customer.
mod fields;
/// Their ties to platforms.
mod link_connections;
/// Lists of customers, filtered, page by page.
mod list;
/// Asking the platform itself.
mod pass_through;
/// The reads of a link connection.
mod syncs;
/// Who is told of syncs.
mod targets;

/// What the description says beyond what the handlers do.
mod openapi;

#[cfg(test)]
mod tests;

use axum::Router;
use axum::middleware::from_fn;
use axum::routing::any;
use tower_http::catch_panic::CatchPanicLayer;
use url::Url;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Api;
use crate::correlation::panicked;

/// Where the dialect is mounted.
const BASE: &str = "/api/v1/financials";

/// The routes, and their description.
pub(crate) fn router(api: &Api) -> (Router<Api>, OpenApi) {
    let (router, description) = described(&api.engine.config.public_url);
    let nothing = || any(async || errors::Error::not_found());
    let router = router
        .route(BASE, nothing())
        .route(&format!("{BASE}/"), nothing())
        .route(&format!("{BASE}/{{*rest}}"), nothing())
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(errors::render))
        .layer(from_fn(origins::share));
    (router, description)
}

/// The description of this dialect, for a server at this address.
pub fn description(public_url: &Url) -> OpenApi {
    described(public_url).1
}

fn described(public_url: &Url) -> (Router<Api>, OpenApi) {
    let routes = OpenApiRouter::new()
        .routes(routes!(
            list::list_customers,
            customers::create_customer,
            customers::replace_customer
        ))
        .routes(routes!(
            customers::get_customer,
            customers::update_customer,
            customers::delete_customer
        ))
        .routes(routes!(link_connections::list_link_connections))
        .routes(routes!(link_connections::get_link_connection))
        .routes(routes!(link_connections::disconnect))
        .routes(routes!(pass_through::pass_through))
        .routes(routes!(
            access_tokens::create_access_token,
            access_tokens::revoke_access_tokens
        ))
        .routes(routes!(syncs::list_syncs))
        .routes(routes!(syncs::start_sync))
        .routes(routes!(targets::list_webhooks, targets::create_webhook))
        .routes(routes!(targets::delete_webhook));
    let (router, mut description) = OpenApiRouter::with_openapi(openapi::base())
        .nest(BASE, routes)
        .split_for_parts();
    openapi::complete(&mut description, public_url);
    (router, description)
}
