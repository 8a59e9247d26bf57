//! Schemas on the page.

use maud::{Markup, html};
use serde_json::Value;

use super::{code_in, items, text};

/// Where schemas are, in a reference.
const REFERENCE: &str = "#/components/schemas/";

/// Shows every schema.
pub(super) fn section(schemas: &Value) -> Markup {
    html! {
        section #schemas {
            h2 { "Schemas" }
            @for (name, schema) in schemas.as_object().into_iter().flatten() {
                article id={ "schema-" (name) } {
                    h3 { code { (name) } }
                    p { (code_in(text(&schema["description"]))) }
                    (shape(schema))
                }
            }
        }
    }
}

fn shape(schema: &Value) -> Markup {
    let parts = items(&schema["allOf"]);
    html! {
        @if !parts.is_empty() {
            @for part in parts {
                @if part.get("$ref").is_some() { p { "All of " (type_of(part)) ", and:" } }
                (properties(part))
            }
        } @else if schema["properties"].is_object() {
            (properties(schema))
        } @else {
            p { (type_of(schema)) }
        }
    }
}

fn properties(schema: &Value) -> Markup {
    let required = items(&schema["required"]);
    let properties = schema["properties"].as_object();
    html! {
        @if let Some(properties) = properties {
            table {
                thead { tr { th { "Field" } th { "Type" } th { "Meaning" } } }
                tbody {
                    @for (name, property) in properties {
                        tr {
                            td {
                                code { (name) }
                                @if required.iter().any(|it| it == name) {
                                    span.required { " always" }
                                }
                            }
                            td { (type_of(property)) }
                            td { (code_in(text(&property["description"]))) }
                        }
                    }
                }
            }
        }
    }
}

/// Writes a type in a few words, linked to its schema.
pub(super) fn type_of(schema: &Value) -> Markup {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.strip_prefix(REFERENCE)) {
        return html! { a href={ "#schema-" (name) } { (name) } };
    }
    for choice in ["oneOf", "anyOf", "allOf"] {
        let parts = items(&schema[choice]);
        if !parts.is_empty() {
            return joined(parts.iter().map(type_of));
        }
    }
    if schema["enum"].is_array() {
        let words = items(&schema["enum"]).iter().map(text);
        return joined(words.map(|word| html! { code { (word) } }));
    }
    match &schema["type"] {
        Value::Array(types) => joined(types.iter().map(|it| named_type(text(it), schema))),
        one => named_type(text(one), schema),
    }
}

fn named_type(name: &str, schema: &Value) -> Markup {
    html! {
        @match name {
            "array" => { "list of " (type_of(&schema["items"])) },
            "object" if schema["additionalProperties"].is_object() => {
                "map of " (type_of(&schema["additionalProperties"]))
            },
            "" => { "anything" },
            other => { (other) },
        }
    }
}

fn joined(parts: impl Iterator<Item = Markup>) -> Markup {
    html! {
        @for (index, part) in parts.enumerate() {
            @if index > 0 { " or " }
            (part)
        }
    }
}
