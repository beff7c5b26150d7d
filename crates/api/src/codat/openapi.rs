use url::Url;
use utoipa::OpenApi as _;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, OpenApi, Ref, RefOr, Required, ResponseBuilder, SecurityRequirement, ServerBuilder,
};

use super::{errors, webhooks};

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
        webhooks::ReadCompleted
    ))
)]
struct Base;

/// What the description starts from.
pub fn base() -> OpenApi {
    Base::openapi()
}

/// Add what all operations share: keys, the values of their paths, and refusals.
pub fn complete(description: &mut OpenApi, public_url: &Url) {
    let public = public_url.as_str().trim_end_matches('/');
    description.servers = Some(vec![ServerBuilder::new().url(public).build()]);
    let schemes = [
        (
            "auth_header",
            SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(
                "Authorization",
                "`Basic` and the key in base64.",
            ))),
        ),
        ("bearer", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer))),
        (
            "api_key",
            SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("X-API-Key"))),
        ),
    ];
    let components = description.components.get_or_insert_default();
    for (name, scheme) in schemes {
        components.add_security_scheme(name, scheme);
    }
    description.security = Some(
        schemes_names()
            .map(|name| SecurityRequirement::new::<_, [&str; 0], &str>(name, []))
            .collect(),
    );
    for (path, item) in &mut description.paths.paths {
        for operation in operations(item) {
            add_path_values(path, operation);
            add_refusals(path, operation);
        }
    }
}

fn schemes_names() -> impl Iterator<Item = &'static str> {
    ["auth_header", "bearer", "api_key"].into_iter()
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [
        &mut item.get,
        &mut item.put,
        &mut item.post,
        &mut item.delete,
        &mut item.patch,
    ]
    .into_iter()
    .flatten()
}

/// Each `{name}` of the path that the handler did not describe itself.
fn add_path_values(path: &str, operation: &mut Operation) {
    let parameters = operation.parameters.get_or_insert_default();
    for name in path.split('/').filter_map(|segment| {
        let name = segment.strip_prefix('{')?;
        name.strip_suffix('}')
    }) {
        if parameters
            .iter()
            .any(|known| matches!(known, RefOr::T(known) if known.name == name))
        {
            continue;
        }
        parameters.push(RefOr::T(
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Path)
                .required(Required::True)
                .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
                .build(),
        ));
    }
}

fn add_refusals(path: &str, operation: &mut Operation) {
    let mut refusals = vec![
        ("401", "There is no key, or none of ours."),
        ("429", "Too many requests; `Retry-After` says when to try again."),
        ("500", "A fault of ours; the log knows it by its `correlationId`."),
        ("503", "Temporarily not available."),
    ];
    if operation.request_body.is_some() || path.contains("/data/") || !path.ends_with('}') {
        refusals.push(("400", "The request makes no sense; `error` names the field."));
    }
    if path.contains('{') {
        refusals.push(("404", "There is no such thing, or it is another app's."));
    }
    for (status, text) in refusals {
        operation
            .responses
            .responses
            .entry(status.to_owned())
            .or_insert_with(|| {
                let content = ContentBuilder::new()
                    .schema(Some(RefOr::<utoipa::openapi::Schema>::Ref(
                        Ref::from_schema_name("ErrorMessage"),
                    )))
                    .build();
                RefOr::T(
                    ResponseBuilder::new()
                        .description(text)
                        .content("application/json", content)
                        .build(),
                )
            });
    }
}
