//! The API as a page, made of the OpenAPI document. No script, nothing loaded.

mod operation;
mod schema;

use std::sync::LazyLock;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::Value;

use crate::{ProblemKind, openapi};
use operation::Operation;

/// How the page looks.
const STYLE: &str = include_str!("docs/style.css");

/// The page as it is served.
static PAGE: LazyLock<String> = LazyLock::new(|| render().into_string());

/// Returns the page.
pub(crate) fn page() -> &'static str {
    &PAGE
}

fn render() -> Markup {
    let document: Value = serde_json::from_str(openapi::json()).unwrap_or_default();
    let operations = Operation::all_of(&document);
    let tags: Vec<_> = items(&document["tags"]).iter().map(|tag| text(&tag["name"])).collect();
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "customeriq API" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (navigation(&tags, &operations))
                main {
                    h1 { "customeriq API" }
                    p.lead { (code_in(text(&document["info"]["description"]))) }
                    p {
                        "Version " (text(&document["info"]["version"])) ". The same for machines: "
                        a href="/api/openapi.json" { "openapi.json" } "."
                    }
                    @for tag in items(&document["tags"]) {
                        (group(tag, &operations))
                    }
                    (problems())
                    (schema::section(&document["components"]["schemas"]))
                }
            }
        }
    }
}

fn navigation(tags: &[&str], operations: &[Operation<'_>]) -> Markup {
    html! {
        nav {
            a.brand href="#" { "customeriq" }
            @for tag in tags {
                h2 { a href={ "#" (tag) } { (tag) } }
                ul {
                    @for one in operations.iter().filter(|one| one.tag() == *tag) {
                        li { a href={ "#" (one.anchor()) } { (one.summary()) } }
                    }
                }
            }
            h2 { a href="#problems" { "Problems" } }
            h2 { a href="#schemas" { "Schemas" } }
        }
    }
}

fn group(tag: &Value, operations: &[Operation<'_>]) -> Markup {
    let name = text(&tag["name"]);
    html! {
        section id=(name) {
            h2 { (name) }
            p { (text(&tag["description"])) }
            @for one in operations.iter().filter(|one| one.tag() == name) {
                (one.render())
            }
        }
    }
}

fn problems() -> Markup {
    html! {
        section #problems {
            h2 { "Problems" }
            p {
                "Every error has this form. Its " code { "type" } " is "
                code { "urn:customeriq:problem:" } " and one of these words; " code { "field" }
                " names the parameter, header or field at fault."
            }
            table {
                thead { tr { th { "Word" } th { "Status" } th { "Title" } } }
                tbody {
                    @for kind in ProblemKind::ALL {
                        tr {
                            td { code { (kind.slug()) } }
                            td { (kind.status().as_u16()) }
                            td { (kind.title()) }
                        }
                    }
                }
            }
        }
    }
}

/// Returns a text of the document; an empty one where there is none.
fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Returns a list of the document; an empty one where there is none.
fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Renders what stands between backquotes as code.
fn code_in(text: &str) -> Markup {
    html! {
        @for (index, piece) in text.split('`').enumerate() {
            @if index % 2 == 1 { code { (piece) } } @else { (piece) }
        }
    }
}
