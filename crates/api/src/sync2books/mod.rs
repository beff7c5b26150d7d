//! The Sync2Books-shaped dialect, mounted at `/v1`.

/// Refusals, in the dialect's words and shape.
pub(crate) mod errors;
/// Query strings: pages.
mod query;
/// What the dialect prints of our nouns.
mod views;
/// Events, in the dialect's words and shape.
pub mod webhooks;

/// Companies and connections that the path names.
mod owned;
/// The headers that tell how many requests are left.
mod rate;
/// Requests that are signed.
mod signature;

/// Files on expenses.
mod attachments;
/// What became of them, list by list.
mod batches;
/// The app's customers, and where they connect their books.
mod companies;
/// Their ties to accounting software.
mod connections;
/// An expense, as it is handed over and shown.
mod expense;
/// What expenses are booked on by default.
mod expense_config;
/// Expenses are handed over.
mod expenses;
/// Why an expense is not in the books.
mod failure;
/// The accounting software that they can connect.
mod integrations;
/// One expense of a batch.
mod item;
/// What expenses are booked by: accounts, tax rates, contacts, tracking categories.
mod references;
/// Who is told of events.
mod targets;

/// What the description says beyond what the handlers do.
mod openapi;

#[cfg(test)]
mod tests;

pub(crate) use rate::Meters;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::any;
use tower_http::catch_panic::CatchPanicLayer;
use url::Url;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Api;
use crate::correlation::panicked;

/// Where the dialect is mounted.
const BASE: &str = "/v1";

/// Where the vendor has its reference for people and its document for programs: both stand there, too.
pub(crate) const DOCUMENTED_AT: [&str; 2] = ["", BASE];

/// The routes, and their description.
pub(crate) fn router(api: &Api) -> (Router<Api>, OpenApi) {
    let (router, description) = described(&api.engine.config.public_url);
    let nothing = || any(async |request: Request| errors::Error::no_route(&request));
    let router = router
        .route(BASE, nothing())
        .route(&format!("{BASE}/"), nothing())
        .route(&format!("{BASE}/{{*rest}}"), nothing())
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(api.clone(), signature::verify))
        .layer(from_fn_with_state(api.clone(), rate::limit))
        .layer(from_fn(errors::render));
    (router, description)
}

/// The description of this dialect, for a server at this address.
pub fn description(public_url: &Url) -> OpenApi {
    described(public_url).1
}

fn described(public_url: &Url) -> (Router<Api>, OpenApi) {
    let routes = OpenApiRouter::new()
        .routes(routes!(companies::list_companies, companies::create_company))
        .routes(routes!(companies::auth_url))
        .routes(routes!(connections::list_connections))
        .routes(routes!(connections::disconnect))
        .routes(routes!(
            expense_config::get_expense_config,
            expense_config::update_expense_config
        ))
        .routes(routes!(references::accounts::list_accounts))
        .routes(routes!(references::tax_rates::list_tax_rates))
        .routes(routes!(references::suppliers::list_suppliers))
        .routes(routes!(references::customers::list_customers))
        .routes(routes!(references::tracking_categories::list_tracking_categories))
        .routes(routes!(expenses::list_expenses))
        .routes(routes!(expenses::get_expense, expenses::create_expenses))
        .routes(routes!(batches::get_batch))
        .routes(routes!(batches::failed_items))
        .routes(routes!(batches::retry))
        .routes(routes!(batches::list_batches))
        .routes(routes!(attachments::upload_attachment))
        .routes(routes!(targets::list_webhooks, targets::create_webhook))
        .routes(routes!(targets::delete_webhook));
    let (router, mut description) = OpenApiRouter::with_openapi(openapi::base())
        .nest(BASE, routes)
        .split_for_parts();
    openapi::complete(&mut description, public_url);
    (router, description)
}
