use url::Url;
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;

use super::{errors, webhooks};
use crate::describe::{self, Refusals};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Ledgerline: the Sync2Books-shaped API",
        description = "Companies, their connections to accounting software, and expenses that are written into their books."
    ),
    components(schemas(
        errors::Refusal,
        webhooks::ConnectionEvent,
        webhooks::BatchEvent,
        webhooks::ExpenseEvent,
        webhooks::AttachmentEvent
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
        let mut refusals = Refusals::of(operation);
        let mut add = |status, text| refusals.add(status, text, "Refusal");
        add(
            "401",
            "There is no key, none of ours, or the signature is not valid.",
        );
        add("429", "Too many requests; `Retry-After` says when to try again.");
        add(
            "500",
            "A fault of ours; the log knows it by its `x-correlation-id`.",
        );
        add("503", "Temporarily not available.");
        if path.contains('{') {
            add("404", "There is no such thing, or it is another app's.");
        }
        if path.contains("/connections/{connectionId}/") && !path.contains("/syncs/") {
            add("409", "The list has not been read yet.");
        }
        if refusals.takes_input() {
            refusals.add(
                "400",
                "The request makes no sense; `message` names the field and the reason.",
                "Refusal",
            );
        }
    });
}
