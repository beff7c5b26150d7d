use url::Url;
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::Operation;

use super::{errors, expenses, rules, webhooks};
use crate::describe::{self, Refusals};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Ledgerline: the Codat-shaped API",
        description = "Companies, their connections to accounting platforms, and what is read from these. \
            Paths and parameter names match whatever their case."
    ),
    components(schemas(
        errors::ErrorMessage,
        webhooks::CompanyDetails,
        webhooks::ConnectionPayload,
        webhooks::ReadCompleted,
        expenses::ExpensesSync,
        rules::Alert
    ))
)]
struct Base;

/// What the description starts from.
pub fn base() -> OpenApi {
    Base::openapi()
}

/// Add what all operations share: keys, the values of their paths, and refusals.
pub fn complete(description: &mut OpenApi, public_url: &Url) {
    describe::server_and_keys(description, public_url);
    describe::operations(description, |path, operation| {
        describe::path_values(path, operation);
        add_refusals(path, operation);
    });
}

fn add_refusals(path: &str, operation: &mut Operation) {
    let has_body = operation.request_body.is_some();
    let mut refusals = Refusals::of(operation);
    let mut add = |status, text| refusals.add(status, text, "ErrorMessage");
    add("401", "There is no key, or none of ours.");
    add("429", "Too many requests; `Retry-After` says when to try again.");
    add("500", "A fault of ours; the log knows it by its `correlationId`.");
    add("503", "Temporarily not available.");
    if has_body || path.contains("/data/") || !path.ends_with('}') {
        add("400", "The request makes no sense; `error` names the field.");
    }
    if path.contains('{') {
        add("404", "There is no such thing, or it is another app's.");
    }
}
