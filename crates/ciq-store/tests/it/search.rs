//! Search takes what people type.

use ciq_store::SearchHitKind;
use proptest::prelude::*;
use serde_json::json;

use crate::shelf::{Shelf, envelope};

fn shelf() -> Shelf {
    let mut shelf = Shelf::new();
    let data = json!({"name": "Zoë O'Hara", "email": "zoe.ohara@example.com",
        "phone": "+1 202 555 0107", "company": "Kiln & Co"});
    shelf.one(envelope("profile_update", 1, Some("cust_7"), data));
    let ticket = json!({"title": "Kettle leaks", "email": "zoe.ohara@example.com",
        "description": "The kettle leaks 🔥 from its \"spout\".", "important": true});
    shelf.one(envelope("support_ticket", 2, None, ticket));
    shelf
}

#[track_caller]
fn check_finds(typed: &str, kind: SearchHitKind) {
    let hits = shelf().reader().search(typed, 20).unwrap();
    let is_found = hits.iter().any(|hit| hit.kind == kind && hit.customer_id == "cust_7");
    assert!(is_found, "{typed:?} finds {hits:?}");
}

#[test]
fn customers_are_found_by_what_a_person_would_type() {
    for typed in [
        "zoe",
        "Zoë",
        "o'hara",
        "OHARA ZOE",
        "zoe.ohara@example.com",
        "Zoe.Ohara@Example.com",
        "zoe.oh",
        "12025550107",
        "+1 (202) 555-0107",
        "cust_7",
        "kiln",
        "Kiln &",
    ] {
        check_finds(typed, SearchHitKind::Customer);
    }
}

#[test]
fn events_and_notes_are_found_by_word_quote_and_emoji() {
    for typed in ["kettle", "leak", "🔥", "\"spout\"", "kettle \"leaks", "spout'"] {
        check_finds(typed, SearchHitKind::Event);
        check_finds(typed, SearchHitKind::Knowledge);
    }
}

#[test]
fn syntax_finds_nothing_and_fails_nothing() {
    let shelf = shelf();
    for typed in [
        "",
        "\"",
        "'; DROP TABLE customer; --",
        "NEAR(",
        "title:",
        "a AND",
        "*",
        "^",
        "-",
        "NOT x",
        "{}",
        "\0",
        "%",
        "OR OR OR",
        "((((",
    ] {
        drop(shelf.reader().search(typed, 20).unwrap());
    }
    assert_eq!(shelf.reader().stats().unwrap().customer_count, 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn whatever_is_typed_is_answered(typed in "\\PC{0,40}|[\"'*()^:\\-+{}\u{0}-\u{1f}]{0,20}") {
        thread_local! { static SHELF: Shelf = shelf(); }
        SHELF.with(|shelf| drop(shelf.reader().search(&typed, 5).unwrap()));
    }
}
