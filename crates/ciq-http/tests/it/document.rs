//! The API's own documentation.

use std::path::Path;

use ciq_http::document;
use serde_json::Value;

use crate::world::World;

#[tokio::test]
async fn the_document_is_as_pinned() {
    let world = World::open();
    let served = world.get("/api/openapi.json").await.ok();
    assert_eq!(served["openapi"], "3.1.0");
    insta::assert_json_snapshot!("openapi", served);
}

#[tokio::test]
async fn every_documented_route_is_served() {
    let world = World::open();
    let document: Value = serde_json::from_str(&document().to_json().unwrap()).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let (method, path) = (method.to_uppercase(), path.replace("{id}", "x"));
            let answer = world.ask((&method, &path), &[], "").await;
            let is_unknown = answer.text.contains("no such path");
            assert!(!is_unknown && answer.status != 405, "{method} {path}: {}", answer.text);
            let status = answer.status.as_str();
            let is_told = operation["responses"].get(status).is_some();
            assert!(is_told, "{method} {path} answers {status}, which it does not tell");
        }
    }
}

#[test]
fn every_route_is_documented() {
    let document: Value = serde_json::from_str(&document().to_json().unwrap()).unwrap();
    let items = document["paths"].as_object().unwrap().values();
    let told: usize = items.map(|item| item.as_object().unwrap().len()).sum();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut written = 0;
    for entry in std::fs::read_dir(source.join("routes")).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        written += text.matches("#[utoipa::path(").count();
    }
    assert_eq!(told, written);
    // Only `routes!` adds a route, and it adds what it documents.
    let table = std::fs::read_to_string(source.join("routes.rs")).unwrap();
    assert!(!table.contains(".route(") && !table.contains(".nest("));
}

#[test]
fn every_reference_in_the_document_leads_somewhere() {
    let document: Value = serde_json::from_str(&document().to_json().unwrap()).unwrap();
    let mut references = Vec::new();
    gather(&document, &mut references);
    assert!(references.len() > 50);
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

fn gather(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            let reference = object.get("$ref").and_then(Value::as_str);
            references.extend(reference.map(str::to_owned));
            object.values().for_each(|value| gather(value, references));
        }
        Value::Array(list) => list.iter().for_each(|value| gather(value, references)),
        _ => {}
    }
}

#[tokio::test]
async fn the_page_shows_every_route_and_loads_nothing() {
    let world = World::open();
    let page = world.get("/api/docs").await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let document: Value = serde_json::from_str(&document().to_json().unwrap()).unwrap();
    for path in document["paths"].as_object().unwrap().keys() {
        assert!(page.text.contains(&format!("<code class=\"path\">{path}</code>")), "{path}");
    }
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(page.text.contains(&format!("id=\"schema-{name}\"")), "{name}");
    }
    for loading in ["<script", "<link", "<img", "src=", "@import", "url("] {
        assert!(!page.text.contains(loading), "{loading}");
    }
    assert!(!page.text.contains(">anything<"), "a type has no name");
}
