//! One operation on the page.

use maud::{Markup, html};
use serde_json::Value;

use super::{code_in, items, schema, text};

/// An operation of the document.
pub(super) struct Operation<'a> {
    method: &'a str,
    path: &'a str,
    value: &'a Value,
}

impl<'a> Operation<'a> {
    /// Lists the operations of a document, by path.
    pub(super) fn all_of(document: &'a Value) -> Vec<Self> {
        let paths = document["paths"].as_object().into_iter().flatten();
        let of_path = |(path, item): (&'a String, &'a Value)| {
            let methods = item.as_object().into_iter().flatten();
            methods.map(move |(method, value)| Self { method, path, value })
        };
        paths.flat_map(of_path).collect()
    }

    pub(super) fn tag(&self) -> &'a str {
        text(&self.value["tags"][0])
    }

    pub(super) fn anchor(&self) -> &'a str {
        text(&self.value["operationId"])
    }

    pub(super) fn summary(&self) -> &'a str {
        text(&self.value["summary"])
    }

    pub(super) fn render(&self) -> Markup {
        html! {
            article id=(self.anchor()) {
                h3 {
                    span class={ "method " (self.method) } { (self.method.to_uppercase()) }
                    code.path { (self.path) }
                }
                p.summary { (self.summary()) "." }
                @for paragraph in text(&self.value["description"]).split("\n\n") {
                    @if !paragraph.is_empty() { p { (code_in(paragraph)) } }
                }
                (parameters(items(&self.value["parameters"])))
                (request_body(&self.value["requestBody"]))
                (responses(&self.value["responses"]))
            }
        }
    }
}

fn parameters(parameters: &[Value]) -> Markup {
    html! {
        @if !parameters.is_empty() {
            h4 { "Parameters" }
            table {
                thead { tr { th { "Name" } th { "In" } th { "Type" } th { "Meaning" } } }
                tbody {
                    @for parameter in parameters {
                        tr {
                            td {
                                code { (text(&parameter["name"])) }
                                @if parameter["required"] == true { span.required { " required" } }
                            }
                            td { (text(&parameter["in"])) }
                            td { (schema::type_of(&parameter["schema"])) }
                            td { (code_in(text(&parameter["description"]))) }
                        }
                    }
                }
            }
        }
    }
}

fn request_body(body: &Value) -> Markup {
    html! {
        @if body.is_object() {
            h4 { "Body" }
            p { (code_in(text(&body["description"]))) }
            (contents(&body["content"]))
        }
    }
}

fn responses(responses: &Value) -> Markup {
    let (good, bad): (Vec<_>, Vec<_>) = responses
        .as_object()
        .into_iter()
        .flatten()
        .partition(|(status, _)| status.starts_with('2'));
    html! {
        h4 { "Answers" }
        @for (status, response) in good {
            p { strong { (status) } " " (code_in(text(&response["description"]))) }
            (contents(&response["content"]))
        }
        details {
            summary { "Problems: " (bad.iter().map(|it| it.0.as_str()).collect::<Vec<_>>().join(", ")) }
            ul {
                @for (status, response) in &bad {
                    li { strong { (status) } " " (code_in(text(&response["description"]))) }
                }
            }
        }
    }
}

/// Shows each media type with its schema and its example.
fn contents(contents: &Value) -> Markup {
    html! {
        @for (media_type, content) in contents.as_object().into_iter().flatten() {
            p.media { code { (media_type) } " " (schema::type_of(&content["schema"])) }
            @if let Some(example) = content.get("example") {
                pre { code { (pretty(example)) } }
            }
        }
    }
}

fn pretty(example: &Value) -> String {
    match example {
        Value::String(text) => text.clone(),
        other => serde_json::to_string_pretty(other).unwrap_or_default(),
    }
}
