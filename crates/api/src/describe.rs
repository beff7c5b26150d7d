//! What the descriptions of all dialects share.

use url::Url;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, OpenApi, Ref, RefOr, Required, ResponseBuilder, SecurityRequirement, ServerBuilder,
};

/// Where the server is, and how keys are presented.
pub fn server_and_keys(description: &mut OpenApi, public_url: &Url) {
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
    let names = schemes.each_ref().map(|(name, _)| *name);
    let components = description.components.get_or_insert_default();
    for (name, scheme) in schemes {
        components.add_security_scheme(name, scheme);
    }
    let requirements = names.map(|name| SecurityRequirement::new::<_, [&str; 0], &str>(name, []));
    description.security = Some(requirements.into());
}

/// Each operation, with its path.
pub fn operations(description: &mut OpenApi, mut visit: impl FnMut(&str, &mut Operation)) {
    for (path, item) in &mut description.paths.paths {
        let PathItem {
            get,
            put,
            post,
            delete,
            patch,
            ..
        } = item;
        for operation in [get, put, post, delete, patch].into_iter().flatten() {
            visit(path, operation);
        }
    }
}

/// Each `{name}` of the path that the handler did not describe itself.
pub fn path_values(path: &str, operation: &mut Operation) {
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

/// The refusals of one operation.
pub struct Refusals<'a> {
    operation: &'a mut Operation,
}

impl<'a> Refusals<'a> {
    pub fn of(operation: &'a mut Operation) -> Self {
        Self { operation }
    }

    /// Whether it has a body or a query string, in which something can be wrong.
    pub fn takes_input(&self) -> bool {
        let parameters = self.operation.parameters.iter().flatten();
        let mut parameters = parameters.filter_map(|parameter| match parameter {
            RefOr::T(parameter) => Some(parameter),
            RefOr::Ref(_) => None,
        });
        self.operation.request_body.is_some()
            || parameters.any(|parameter| parameter.parameter_in == ParameterIn::Query)
    }

    /// Unless the handler described this status itself.
    pub fn add(&mut self, status: &str, text: &str, schema: &str) {
        self.operation
            .responses
            .responses
            .entry(status.to_owned())
            .or_insert_with(|| {
                let content = ContentBuilder::new()
                    .schema(Some(RefOr::<utoipa::openapi::Schema>::Ref(
                        Ref::from_schema_name(schema),
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
