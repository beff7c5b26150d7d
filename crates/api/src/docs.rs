use std::collections::BTreeMap;

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use bytes::Bytes;
use maud::{DOCTYPE, Markup, html};
use serde_json::Value;
use utoipa::openapi::OpenApi;

use crate::pages::{self, Site};

/// One description of the API.
pub struct Surface {
    name: &'static str,
    description: OpenApi,
    /// Below these paths its page is also at `/api` and its document at `/api-json`.
    aliases: &'static [&'static str],
}

impl Surface {
    pub const fn new(name: &'static str, description: OpenApi, aliases: &'static [&'static str]) -> Self {
        Self {
            name,
            description,
            aliases,
        }
    }
}

/// A page and a document for each surface, made from the descriptions once. `/docs` is the first one's.
pub fn router(site: &Site, surfaces: &[Surface]) -> Router {
    let names: Vec<&str> = surfaces.iter().map(|surface| surface.name).collect();
    let mut router = Router::new();
    for (index, surface) in surfaces.iter().enumerate() {
        let name = surface.name;
        // The description holds no money: it may be a `Value`.
        let value = serde_json::to_value(&surface.description).unwrap_or_default();
        let json = Bytes::from(value.to_string());
        let page = Bytes::from(page(site, name, &names, &value).into_string());
        let document = async move || serve("application/json", json);
        let show = async move || serve("text/html; charset=utf-8", page);
        for base in surface.aliases {
            router = router
                .route(&format!("{base}/api"), get(show.clone()))
                .route(&format!("{base}/api-json"), get(document.clone()));
            if !base.is_empty() {
                router = router.route(&format!("{base}/docs"), get(show.clone()));
            }
        }
        if index == 0 {
            router = router.route("/docs", get(show.clone()));
        }
        router = router
            .route(&format!("/openapi/{name}.json"), get(document))
            .route(&format!("/docs/{name}"), get(show));
    }
    router
}

fn serve(content_type: &'static str, body: Bytes) -> impl IntoResponse {
    let policy =
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'";
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "public, max-age=300"),
        (header::CONTENT_SECURITY_POLICY, policy),
    ];
    (headers, body)
}

fn page(site: &Site, name: &str, surfaces: &[&str], api: &Value) -> Markup {
    let title = text(&api["info"]["title"]);
    let groups = by_tag(api);
    let document = format!("/openapi/{name}.json");
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                link rel="stylesheet" href=(site.path(pages::style()));
                link rel="icon" type="image/svg+xml" href=(pages::mark(site));
            }
            body.docs {
                a.skip href="#main" { "Skip to content" }
                header.top {
                    div.inner {
                        span.home { img src=(pages::mark(site)) alt=""; "Ledgerline" }
                        nav.rooms aria-label="Groups" {
                            @for tag in groups.keys() { a href={ "#" (anchor(tag)) } { (tag) } }
                            a href="#schemas" { "Schemas" }
                        }
                    }
                }
                main #main.wide {
                    div.heading {
                        div {
                            h1 { (title) }
                            p.muted { (prose(&api["info"]["description"])) }
                        }
                    }
                    p {
                        "A key goes into any of " code { "Authorization: Basic base64(key)" } ", "
                        code { "Authorization: Bearer key" } " and " code { "X-API-Key: key" } ". "
                        "For programs: " a href=(site.path(&document)) { "openapi/" (name) ".json" } "."
                    }
                    p {
                        "Surfaces: "
                        @for (index, other) in surfaces.iter().enumerate() {
                            @if index > 0 { ", " }
                            @if *other == name { (other) } @else { a href=(site.path(format!("/docs/{other}"))) { (other) } }
                        }
                        "."
                    }
                    @for (tag, operations) in &groups {
                        section.panel aria-labelledby=(anchor(tag)) {
                            header { h2 id=(anchor(tag)) { (tag) } }
                            @for operation in operations { (operation_details(operation)) }
                        }
                    }
                    section.panel aria-labelledby="schemas" {
                        header { h2 #schemas { "Schemas" } }
                        @for (name, schema) in members(&api["components"]["schemas"]) {
                            details id={ "schema-" (name) } {
                                summary { code { (name) } }
                                div { p { (prose(&schema["description"])) } (fields(schema)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

struct Operation<'a> {
    method: &'a str,
    path: &'a str,
    what: &'a Value,
}

/// The operations by their first tag, each group in the order of its paths.
fn by_tag(api: &Value) -> BTreeMap<&str, Vec<Operation<'_>>> {
    let mut groups: BTreeMap<&str, Vec<Operation<'_>>> = BTreeMap::new();
    for (path, item) in members(&api["paths"]) {
        for method in ["get", "post", "put", "patch", "delete"] {
            let what = &item[method];
            if what.is_object() {
                let tag = what["tags"][0].as_str().unwrap_or("Other");
                groups
                    .entry(tag)
                    .or_default()
                    .push(Operation { method, path, what });
            }
        }
    }
    groups
}

fn operation_details(operation: &Operation<'_>) -> Markup {
    let what = operation.what;
    let parameters = what["parameters"].as_array().map_or(&[][..], Vec::as_slice);
    let body = &what["requestBody"]["content"]["application/json"]["schema"];
    html! {
        details {
            summary {
                span.method.(operation.method) { (operation.method.to_uppercase()) } " "
                code.path { (operation.path) } " "
                span.what { (prose(&what["summary"])) }
            }
            div {
                p { (prose(&what["description"])) }
                @if !parameters.is_empty() {
                    table.fields {
                        tr { th scope="col" { "Parameter" } th scope="col" { "In" } th scope="col" { "Type" } th scope="col" { "Meaning" } }
                        @for parameter in parameters {
                            tr {
                                td { code { (text(&parameter["name"])) } }
                                td { (text(&parameter["in"])) }
                                td { (type_of(&parameter["schema"])) }
                                td {
                                    (prose(&parameter["description"]))
                                    @if parameter["required"] == true { " Required." }
                                }
                            }
                        }
                    }
                }
                @if !body.is_null() { p { "Body: " (type_of(body)) } }
                table.fields {
                    tr { th scope="col" { "Status" } th scope="col" { "Body" } th scope="col" { "Meaning" } }
                    @for (status, answer) in members(&what["responses"]) {
                        tr {
                            td { code { (status) } }
                            td { (type_of(&answer["content"]["application/json"]["schema"])) }
                            td { (prose(&answer["description"])) }
                        }
                    }
                }
            }
        }
    }
}

fn fields(schema: &Value) -> Markup {
    let required = schema["required"].as_array();
    let is_required = |name: &str| required.is_some_and(|names| names.iter().any(|known| known == name));
    html! {
        @if schema["enum"].is_array() { p { "One of " code { (schema["enum"]) } "." } }
        @if schema["properties"].is_object() {
            table.fields {
                tr { th scope="col" { "Field" } th scope="col" { "Type" } th scope="col" { "Meaning" } }
                @for (name, field) in members(&schema["properties"]) {
                    tr {
                        td { code { (name) } @if is_required(name) { "*" } }
                        td { (type_of(field)) }
                        td { (prose(&field["description"])) }
                    }
                }
            }
        }
    }
}

/// A type in words, with links to the schemas that it names.
fn type_of(schema: &Value) -> Markup {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap_or(reference);
        return html! { a href={ "#schema-" (name) } { (name) } };
    }
    if schema["items"].is_object() {
        return html! { "list of " (type_of(&schema["items"])) };
    }
    if let Some(any) = schema["oneOf"].as_array().or_else(|| schema["allOf"].as_array()) {
        return html! { @for (index, part) in any.iter().enumerate() { @if index > 0 { " or " } (type_of(part)) } };
    }
    let kind = match &schema["type"] {
        Value::String(kind) => kind.clone(),
        Value::Array(kinds) => {
            let kinds: Vec<&str> = kinds.iter().filter_map(Value::as_str).collect();
            kinds.join(" or ")
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => String::new(),
    };
    match schema["format"].as_str() {
        Some(format) => html! { (kind) " (" (format) ")" },
        None => html! { (kind) },
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.as_str(), value))
}

/// Text with `code` in it.
fn prose(value: &Value) -> Markup {
    let parts = text(value).split('`').enumerate();
    html! { @for (index, part) in parts { @if index % 2 == 1 { code { (part) } } @else { (part) } } }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn anchor(tag: &str) -> String {
    tag.to_lowercase().replace(' ', "-")
}
