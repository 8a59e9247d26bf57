//! What others wrote is shown and never run.

use std::io::{Read as _, Write as _};

use serde_json::{Value, json};

use crate::house::House;

/// Each would run in a page that takes what is written for what it is made of.
const SCRIPTS: [&str; 4] = [
    "<script>window.__pwned = 1</script>",
    "\"><img src=x onerror=\"window.__pwned = 1\">",
    "'-window.__pwned=1-'",
    "</style><svg onload=window.__pwned=1>",
];

fn customer(id: &str, name: &str) -> Value {
    json!({
        "customer_id": id, "event_type": "profile_update", "timestamp": "2026-04-28T09:30:00Z",
        "source_service": name, "data": {"name": name, "company": name, "notes": name},
    })
}

fn note(id: &str, text: &str) -> Value {
    json!({
        "customer_id": id, "event_type": "note", "timestamp": "2026-04-28T10:30:00Z",
        "source_service": "test", "data": {"note": text, "title": text},
    })
}

#[test]
fn a_script_in_a_name_is_a_name() {
    let house = House::empty();
    for (index, script) in SCRIPTS.iter().enumerate() {
        house.tell(&customer(&format!("c{index}"), script));
        house.tell(&note(&format!("c{index}"), script));
    }
    let visitor = house.visitor();
    for path in ["/", "/customers", "/insight", "/system"] {
        visitor.open(path);
        visitor.expect_not_run();
        visitor.expect_quiet();
    }
    for (index, script) in SCRIPTS.iter().enumerate() {
        visitor.open(&format!("/customers/c{index}"));
        visitor.await_text(script);
        visitor.expect_not_run();
        visitor.expect_quiet();
    }
    visitor
        .open("/customers?q=%3Cscript%3Ewindow.__pwned%3D1%3C%2Fscript%3E&sort=%22%3E%3Cscript%3E");
    visitor.await_text("<script>window.__pwned=1</script>");
    visitor.expect_not_run();
    visitor.expect_quiet();
}

#[test]
fn a_script_in_two_customers_who_may_be_one_is_a_name() {
    let house = House::empty();
    let known = |id: &str, key: &str, value: &str| {
        let mut event = customer(id, SCRIPTS[0]);
        event["data"][key] = json!(value);
        event
    };
    house.tell(&known("a", "phone", "+12025550111"));
    house.tell(&known("b", "loyalty_id", "L-1"));
    let mut both = customer("", SCRIPTS[1]);
    both["customer_id"] = Value::Null;
    both["data"]["phone"] = json!("+12025550111");
    both["data"]["loyalty_id"] = json!("L-1");
    house.tell(&both);
    let visitor = house.visitor();
    visitor.open("/reviews");
    visitor.await_text(SCRIPTS[0]);
    visitor.expect_not_run();
    visitor.push("Approve");
    visitor.await_text("The customers are one now");
    visitor.open("/merges");
    visitor.expect_not_run();
    visitor.expect_quiet();
}

#[test]
fn an_id_with_slashes_has_a_page() {
    let house = House::empty();
    let id = "a/b/../c?d=#e";
    house.tell(&customer(id, "Slashed Ltd"));
    let visitor = house.visitor();
    visitor.open("/customers");
    visitor.follow("Slashed Ltd");
    visitor.await_text(id);
    visitor.expect_quiet();
}

#[test]
fn a_note_of_ten_megabytes_breaks_nothing() {
    let house = House::empty();
    house.tell(&customer("c", "Long Ltd"));
    let long = "word ".repeat(2_000_000);
    let told = note("c", &long).to_string();
    let mut stream = house.service.connect();
    let head = format!(
        "POST /events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        told.len()
    );
    // It may be taken or refused half way, and the pages are there all the same.
    drop(stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(told.as_bytes())));
    drop(stream.read_to_string(&mut String::new()));
    let visitor = house.visitor();
    for path in ["/", "/customers/c", "/customers?q=word", "/system"] {
        visitor.open(path);
        visitor.expect_quiet();
        let length = visitor.browser.source().unwrap().len();
        assert!(length < 1_000_000, "{path} has {length} bytes");
    }
    visitor.open("/customers/c");
    visitor.await_text("Long Ltd");
}

#[test]
fn a_customer_of_another_brand_is_nobody() {
    let house = House::empty();
    house.tell(&customer("c", "Default Ltd"));
    let visitor = house.visitor();
    for path in ["/customers/c?brand=other", "/customers?brand=other&q=Default"] {
        visitor.open(path);
        assert!(!visitor.text().contains("Default Ltd"), "{}", visitor.text());
    }
    visitor.open("/customers?brand=..%2F..%2Fetc");
    assert!(!visitor.text().contains("Default Ltd"), "{}", visitor.text());
    visitor.open("/customers/c");
    visitor.await_text("Default Ltd");
}
