//! Reading: customers, one customer, timelines, search, figures.

use crate::support::{Place, STORY, event};

#[test]
fn a_customer_is_shown_from_all_sides() {
    let place = Place::with_story();
    let out = place.run(&["show", "cust_001"]).expect(0).out;
    for part in [
        "John Smith",
        "john.smith@example.com",
        "spent 299.99 USD in 1 order",
        "Wireless Headphones Pro",
        "WO-9999",
        "[technical] ",
        "Product not working",
        "2024-12-14",
    ] {
        assert!(out.contains(part), "{part} is not in\n{out}");
    }
    let json = place.run(&["show", "cust_001", "--json"]).expect(0).json();
    assert_eq!(json["profile"]["identifiers"]["email"], "john.smith@example.com");
    assert_eq!(json["purchases"][0]["total"].to_string(), "299.99");
    assert_eq!(json["timeline"].as_array().unwrap().len(), 3);
    assert_eq!(json["work_orders"][0]["id"], "WO-9999");
}

#[test]
fn customers_are_listed_page_by_page() {
    let place = Place::with_story();
    for number in 0..3 {
        place.import(&event(number, &serde_json::json!({"email": format!("p{number}@x.org")})));
    }
    let first = place.run(&["customers", "--limit", "3", "--json"]).expect(0).json();
    assert_eq!(first["data"].as_array().unwrap().len(), 3);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = place.run(&["customers", "--cursor", cursor, "--json"]).expect(0).json();
    assert_eq!(second["data"][0]["id"], "cust_001");
    assert!(second["next_cursor"].is_null());
    let table = place.run(&["customers", "--sort", "lifetime-value"]).expect(0).out;
    let lines: Vec<_> = table.lines().collect();
    assert!(lines[0].starts_with("id ") && lines[1].starts_with("cust_001 "), "{table}");
    assert!(!table.contains('\x1b'), "{table}");
}

#[test]
fn a_timeline_is_the_latest_first() {
    let place = Place::with_story();
    let out = place.run(&["timeline", "cust_001"]).expect(0).out;
    let place_of = |word: &str| out.find(word).unwrap();
    assert!(place_of("repair") < place_of("support_ticket"));
    assert!(place_of("support_ticket") < place_of("purchase"));
    let page = place.run(&["timeline", "cust_001", "--limit", "2", "--json"]).expect(0).json();
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = place.run(&["timeline", "cust_001", "--cursor", cursor, "--json"]).expect(0).json();
    assert_eq!(rest["data"][0]["event_type"], "purchase");
}

#[test]
fn search_takes_what_people_type() {
    let place = Place::with_story();
    for query in ["john smith", "JOHN.SMITH@example.com", "cust_001", "blue"] {
        let hits = place.run(&["search", query, "--json"]).expect(0).json();
        assert_eq!(hits["data"][0]["customer_id"], "cust_001", "{query}");
    }
    assert!(place.run(&["search", "john", "smith"]).expect(0).out.contains("cust_001"));
    place.run(&["search", "\"';--"]).expect(0);
    assert!(place.run(&["search", "nobody", "--json"]).expect(0).json()["data"][0].is_null());
}

#[test]
fn figures_are_counted() {
    let place = Place::with_story();
    let stats = place.run(&["stats", "--json"]).expect(0).json();
    assert_eq!(stats["customer_count"], 1);
    assert_eq!(stats["events_by_type"]["repair"], 1);
    assert_eq!(stats["lifetime_values"]["USD"].to_string(), "299.99");
    let out = place.run(&["stats"]).expect(0).out;
    assert!(out.contains("299.99 USD") && out.contains("support_ticket"), "{out}");
}

#[test]
fn an_unknown_id_is_not_found() {
    let place = Place::with_story();
    for command in ["show", "timeline"] {
        let ran = place.run(&[command, "cust_404"]).expect(4);
        assert!(
            ran.err.contains("cust_404") && ran.err.contains("customeriq search"),
            "{}",
            ran.err
        );
        assert_eq!(ran.out, "");
    }
}

#[test]
fn brands_have_files_of_their_own() {
    let place = Place::with_story();
    place.run(&["show", "cust_001", "--brand", "acme"]).expect(4);
    place.run_with(&["--brand", "acme", "import", "-"], STORY).expect(0);
    place.run(&["show", "cust_001", "--brand", "acme"]).expect(0);
    assert!(place.path(".customeriq/brands/acme.db").exists());
    place.run(&["stats", "--brand", "../acme"]).expect(2);
}

#[test]
fn what_others_wrote_cannot_drive_the_terminal() {
    let place = Place::new();
    place.import(&event(1, &serde_json::json!({"email": "e@x.org", "title": "\u{1b}[2J\u{7}boo"})));
    let out = place.run(&["search", "boo", "--color", "never"]).expect(0).out;
    assert!(out.contains("boo") && !out.contains(['\u{1b}', '\u{7}']), "{out:?}");
}
