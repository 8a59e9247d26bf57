//! The files that pages load: all of them ours, and each as it was published.

use std::fs;
use std::path::Path;

use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode, header};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::house::House;

/// Every page there is, of a brand with something on each.
const PAGES: [&str; 11] = [
    "/",
    "/customers",
    "/customers/a",
    "/interventions",
    "/reviews",
    "/merges",
    "/automations",
    "/insight",
    "/system",
    "/login",
    "/nothing",
];

/// Returns a page with its head.
async fn whole(house: &House, address: &str) -> String {
    let request = Request::get(address).header(header::ACCEPT, "text/html").body(Body::empty());
    let response = house.open_stream(request.unwrap()).await;
    let bytes = axum::body::to_bytes(response.into_body(), 4 << 20).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Returns what stands between quotes after each of `before`.
fn quoted<'a>(text: &'a str, before: &str) -> Vec<&'a str> {
    text.split(before).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// Returns what the page loads by itself.
fn loaded(page: &str) -> Vec<&str> {
    let head = page.split("</head>").next().unwrap();
    let mut loaded = quoted(page, " src=\"");
    loaded.extend(quoted(head, " href=\""));
    loaded.extend(quoted(page, "hx-sse:connect=\""));
    loaded
}

#[tokio::test]
async fn a_page_loads_nothing_from_anywhere_else() {
    let house = House::open();
    house.tell("profile_update", json!({"customer_id": "a", "name": "Ana"})).await;
    for address in PAGES {
        let page = whole(&house, address).await;
        let all = loaded(&page);
        assert!(all.len() >= 5 || address == "/login", "{address}: {all:?}");
        for one in all {
            let is_ours = ["/assets/", "/live?", "data:image/svg+xml,"];
            assert!(is_ours.iter().any(|ours| one.starts_with(ours)), "{address} loads {one}");
        }
        for forbidden in
            ["<iframe", "<object", "<embed", "<base", "javascript:", "@import", "hx-on", "js:{"]
        {
            assert!(!page.contains(forbidden), "{address} has {forbidden}");
        }
    }
}

#[tokio::test]
async fn what_a_page_loads_is_there_for_ever_and_of_the_right_type() {
    let house = House::open();
    let page = whole(&house, "/").await;
    let files: Vec<_> =
        loaded(&page).into_iter().filter(|address| address.starts_with("/assets/")).collect();
    assert_eq!(files.len(), 4, "{files:?}");
    for address in files {
        let answer = house.get(address).await;
        let (headers, kind) = (&answer.headers, address.split('?').next().unwrap());
        let is_style = kind == "/assets/style.css";
        let expect =
            if is_style { "text/css; charset=utf-8" } else { "text/javascript; charset=utf-8" };
        assert_eq!(headers[header::CONTENT_TYPE], expect, "{address}");
        assert_eq!(headers[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert!(!answer.page.is_empty());
        for old in [kind.to_owned(), format!("{kind}?v=0123456789abcdef")] {
            assert_eq!(house.get(&old).await.headers[header::CACHE_CONTROL], "no-cache", "{old}");
        }
    }
    for nothing in ["/assets/x.js", "/assets/..%2Fstyle.css", "/assets/"] {
        assert_eq!(house.get(nothing).await.status, StatusCode::NOT_FOUND, "{nothing}");
    }
}

#[tokio::test]
async fn the_files_are_there_without_a_token() {
    let house = House::with_tokens("t=default:reader");
    for address in loaded(&whole(&house, "/login").await) {
        if address.starts_with("/assets/") {
            assert_eq!(house.get(address).await.status, StatusCode::OK, "{address}");
        }
    }
}

#[test]
fn what_we_wrote_names_no_other_site_and_runs_no_text() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for name in ["style.css", "assets/app.js"] {
        let text = fs::read_to_string(folder.join(name)).unwrap();
        let forbidden =
            ["http:", "https:", "url(", "@import", "eval(", "Function(", "innerHTML", "import("];
        for word in forbidden {
            assert!(!text.contains(word), "{name} has {word}");
        }
    }
}

#[test]
fn what_others_wrote_is_as_it_was_published() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/assets");
    let list = fs::read_to_string(folder.join("VENDOR.toml")).unwrap();
    let list: toml::Table = list.parse().unwrap();
    let mut listed = Vec::new();
    for file in list["file"].as_array().unwrap() {
        let text = |name: &str| file[name].as_str().unwrap_or_else(|| panic!("{name}: {file}"));
        for name in ["name", "version", "licence", "source"] {
            assert!(!text(name).is_empty(), "{name}: {file}");
        }
        let digest = Sha256::digest(fs::read(folder.join(text("path"))).unwrap());
        let digest = Bytes::copy_from_slice(&digest);
        assert_eq!(format!("{digest:x}"), text("sha256"), "{}", text("path"));
        listed.push(text("path").to_owned());
    }
    for file in fs::read_dir(folder.join("htmx")).unwrap() {
        let path = format!("htmx/{}", file.unwrap().file_name().to_str().unwrap());
        assert!(listed.contains(&path), "{path} is not in VENDOR.toml");
    }
}
