//! The API as a page, made of the OpenAPI document. No script, nothing loaded.

use std::sync::LazyLock;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::Value;

use crate::openapi;
use crate::problem::ProblemKind;

/// How the page looks.
const STYLE: &str = "\
body{font:16px/1.5 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem}\
code{font-family:ui-monospace,monospace}table{border-collapse:collapse;margin:.5rem 0}\
th,td{text-align:left;padding:.2rem .8rem .2rem 0;border-bottom:1px solid #8884;\
vertical-align:top}h3{margin:1.5rem 0 .2rem}\
@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}a{color:#8cf}}";

/// The page as it is served.
static PAGE: LazyLock<String> = LazyLock::new(|| render().into_string());

/// Returns the page.
pub(crate) fn page() -> &'static str {
    &PAGE
}

fn render() -> Markup {
    let document: Value = serde_json::from_str(openapi::json()).unwrap_or_default();
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "mockgen API" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { "mockgen API" }
                p { (text(&document["info"]["description"])) }
                p { "The same for machines: " a href="/openapi.json" { "openapi.json" } "." }
                @for (path, item) in members(&document["paths"]) {
                    @for (method, operation) in members(item) {
                        (operation_of(method, path, operation, &document))
                    }
                }
                (problems())
            }
        }
    }
}

fn operation_of(method: &str, path: &str, operation: &Value, document: &Value) -> Markup {
    let body = &operation["requestBody"]["content"]["application/json"]["schema"];
    let statuses: Vec<_> = members(&operation["responses"]).map(|(status, _)| status).collect();
    html! {
        h3 { code class="path" { (method.to_uppercase()) " " (path) } }
        p { (text(&operation["summary"])) ". " (text(&operation["description"])) }
        (parameters(operation))
        (fields(resolved(body, document)))
        p { "Answers: " (statuses.join(", ")) }
    }
}

fn parameters(operation: &Value) -> Markup {
    let rows = operation["parameters"].as_array().map_or(&[][..], Vec::as_slice);
    html! {
        @if !rows.is_empty() {
            table {
                @for row in rows {
                    tr {
                        td { code { (text(&row["name"])) } }
                        td { (text(&row["description"])) }
                    }
                }
            }
        }
    }
}

fn fields(schema: &Value) -> Markup {
    html! {
        @if schema["properties"].is_object() {
            table {
                @for (name, field) in members(&schema["properties"]) {
                    tr {
                        td { code { (name) } }
                        td {
                            (text(&field["description"]))
                            @if !field["default"].is_null() {
                                " Default: " code { (field["default"].to_string()) } "."
                            }
                        }
                    }
                }
            }
        }
    }
}

fn problems() -> Markup {
    html! {
        h2 { "Problems" }
        p {
            "Every error has the media type " code { "application/problem+json" } " and one of "
            "these types."
        }
        table {
            @for kind in ProblemKind::ALL {
                tr {
                    td { code { "urn:mockgen:problem:" (kind.slug()) } }
                    td { (kind.status().as_u16()) }
                    td { (kind.title()) }
                }
            }
        }
    }
}

/// Follows a reference.
fn resolved<'a>(schema: &'a Value, document: &'a Value) -> &'a Value {
    let pointer = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    pointer.and_then(|pointer| document.pointer(pointer)).unwrap_or(schema)
}

/// Returns a text of the document; an empty one where there is none.
fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Returns the members of an object of the document; none where there is no object.
fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, member)| (name.as_str(), member))
}
