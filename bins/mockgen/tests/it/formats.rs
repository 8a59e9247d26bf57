//! The forms in which events are written.

use ciq_event::{Brand, Currency, ParseContext, parse, unwrap_record};
use serde_json::Value;

use crate::support::{Place, Ran};

fn generate(format: &str) -> Ran {
    let args = ["generate", "-q", "--users", "60", "--days", "40", "--format", format];
    let modes = ["--modes", "product,billing,ticket,profile"];
    Place::new().run(&[&args[..], &modes].concat()).expect(0)
}

#[test]
fn every_line_is_json_with_the_members_of_its_form() {
    for (format, members) in [
        ("mockgen", &["id", "ts", "userId", "name", "props"][..]),
        ("customeriq", &["event_id", "customer_id", "event_type", "timestamp", "source_service"]),
        ("segment", &["messageId", "userId", "timestamp", "type"]),
        ("cloudevents", &["specversion", "id", "source", "type", "subject", "time", "data"]),
        ("shopify", &["wire_form", "received_at", "body"]),
    ] {
        let ran = generate(format);
        assert!(ran.lines().len() > 10, "{format}");
        for line in ran.lines() {
            let event: Value = serde_json::from_str(line).unwrap();
            for member in members {
                assert!(event.get(member).is_some(), "{format} {member}: {line}");
            }
        }
    }
}

#[test]
fn every_row_of_csv_has_the_columns_of_the_header() {
    let ran = generate("csv");
    let columns = fields(ran.lines()[0]);
    assert_eq!(columns[..4], ["id", "ts", "userId", "event"].map(str::to_owned));
    for row in ran.lines() {
        assert_eq!(fields(row).len(), columns.len(), "{row}");
    }
    assert_eq!(ran.lines().len(), generate("mockgen").lines().len() + 1);
}

/// Reads a row of CSV (RFC 4180).
fn fields(row: &str) -> Vec<String> {
    let (mut fields, mut is_quoted) = (vec![String::new()], false);
    for sign in row.chars() {
        match sign {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => fields.push(String::new()),
            sign => fields.last_mut().unwrap().push(sign),
        }
    }
    assert!(!is_quoted, "{row}");
    fields
}

#[test]
fn customeriq_takes_what_is_made_for_it() {
    let context = ParseContext { brand: Brand::default(), currency: Currency::USD };
    for format in ["mockgen", "customeriq", "shopify"] {
        for line in generate(format).lines() {
            let message = unwrap_record(line.as_bytes(), "2026-06-01T00:00:00Z".parse().unwrap());
            let events = message.and_then(|message| parse(&message, &context));
            let events = events.unwrap_or_else(|refused| panic!("{refused}: {line}"));
            assert_eq!(events.len(), 1, "{line}");
        }
    }
}
