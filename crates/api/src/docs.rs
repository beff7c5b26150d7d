use std::collections::BTreeMap;

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use bytes::Bytes;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::Value;
use utoipa::openapi::OpenApi;

/// `/docs`, made from the descriptions once, and the descriptions themselves.
pub fn router(codat: &OpenApi) -> Router {
    // The description holds no money: it may be a `Value`.
    let value = serde_json::to_value(codat).unwrap_or_default();
    let json = Bytes::from(value.to_string());
    let page = Bytes::from(page(&value).into_string());
    Router::new()
        .route(
            "/openapi/codat.json",
            get(async move || serve("application/json", json)),
        )
        .route(
            "/docs",
            get(async move || serve("text/html; charset=utf-8", page)),
        )
}

fn serve(content_type: &'static str, body: Bytes) -> impl IntoResponse {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "public, max-age=300"),
        (header::CONTENT_SECURITY_POLICY, policy),
    ];
    (headers, body)
}

const STYLE: &str = "
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --accent: #2563eb; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem 1rem 6rem; font: 16px/1.5 system-ui, sans-serif; }
h1 { margin: 0 0 .25rem; } h2 { margin: 2.5rem 0 .5rem; border-bottom: 1px solid var(--line); }
nav a { margin-right: 1rem; } a { color: var(--accent); }
details { border: 1px solid var(--line); border-radius: .5rem; margin: .5rem 0; }
summary { cursor: pointer; padding: .5rem .75rem; overflow-wrap: anywhere; }
details > div { padding: 0 .75rem .75rem; }
code, pre { font: .9em ui-monospace, monospace; }
.method { display: inline-block; min-width: 4.5em; font-weight: 700; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; vertical-align: top; padding: .25rem .5rem; border-top: 1px solid var(--line); }
pre { background: var(--soft); padding: .75rem; border-radius: .5rem; overflow-x: auto; }
";

fn page(api: &Value) -> Markup {
    let title = text(&api["info"]["title"]);
    let groups = by_tag(api);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { (title) }
                p { (prose(&api["info"]["description"])) }
                p {
                    "A key goes into any of " code { "Authorization: Basic base64(key)" } ", "
                    code { "Authorization: Bearer key" } " and " code { "X-API-Key: key" } ". "
                    "For programs: " a href="/openapi/codat.json" { "openapi/codat.json" } "."
                }
                nav aria-label="Groups" {
                    @for tag in groups.keys() { a href={ "#" (anchor(tag)) } { (tag) } }
                    a href="#schemas" { "Schemas" }
                }
                @for (tag, operations) in &groups {
                    h2 id=(anchor(tag)) { (tag) }
                    @for operation in operations { (operation_details(operation)) }
                }
                h2 id="schemas" { "Schemas" }
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
                span.method { (operation.method.to_uppercase()) } code { (operation.path) }
                " — " (prose(&what["summary"]))
            }
            div {
                p { (prose(&what["description"])) }
                @if !parameters.is_empty() {
                    table {
                        tr { th { "Parameter" } th { "In" } th { "Type" } th { "Meaning" } }
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
                table {
                    tr { th { "Status" } th { "Body" } th { "Meaning" } }
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
            table {
                tr { th { "Field" } th { "Type" } th { "Meaning" } }
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
