use url::Url;
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;

use super::{errors, webhooks};
use crate::describe::{self, Refusals};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Ledgerline: the Accend-shaped API",
        description = "Customers, their link connections to accounting platforms, and the syncs of these."
    ),
    components(schemas(errors::Refusal, errors::Invalid, webhooks::Completion, webhooks::Failed))
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
        refusals.add("401", "There is no key, or none of ours.", "Refusal");
        refusals.add(
            "500",
            "A fault of ours; the log knows it by its `x-request-id`.",
            "Refusal",
        );
        refusals.add("503", "Temporarily not available.", "Refusal");
        if path.contains('{') {
            refusals.add(
                "404",
                "There is no such thing, or it is another app's.",
                "Refusal",
            );
        }
        if refusals.takes_input() {
            refusals.add(
                "422",
                "Something of the request is not valid; `loc` says where it stands.",
                "Invalid",
            );
        }
    });
}
