//! The API's own documentation.

use std::path::Path;

use ciq_mock::document;
use serde_json::Value;

use crate::world::World;

#[tokio::test]
async fn the_document_is_as_pinned() {
    let world = World::open().await;
    let served = world.get("/openapi.json").await;
    assert_eq!(served.json()["openapi"], "3.1.0");
    insta::assert_json_snapshot!("openapi", served.json());
}

#[tokio::test]
async fn every_documented_route_is_served_and_tells_its_answers() {
    let world = World::open().await;
    let document: Value = serde_json::from_str(&document().to_json().unwrap()).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let (method, path) = (method.to_uppercase(), path.replace("{id}", "x"));
            let answer = world.ask(&method, &path, "").await;
            assert!(!answer.text.contains("no such path"), "{method} {path}");
            let is_told = operation["responses"].get(answer.status.to_string()).is_some();
            assert!(is_told, "{method} {path} answers {}, which it does not tell", answer.status);
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
}

#[tokio::test]
async fn the_page_shows_every_route_and_loads_nothing() {
    let world = World::open().await;
    let page = world.get("/docs").await;
    let document: Value = serde_json::from_str(&document().to_json().unwrap()).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let title = format!("{} {path}</code>", method.to_uppercase());
            assert!(page.text.contains(&title), "{title}");
        }
    }
    for loading in ["<script", "<link", "<img", "src=", "@import", "url("] {
        assert!(!page.text.contains(loading), "{loading}");
    }
}
