//! Bodies are what they claim to be, and carry what the truth says they carry.

use std::collections::BTreeSet;

use ciq_synth::{Arrival, Identifier, Kind, Record};
use serde_json::Value;

use crate::small_world;

#[test]
fn every_json_body_and_every_line_parses() {
    for record in small_world(300).records() {
        if record.wire_form != "twilio-form" {
            assert!(serde_json::from_slice::<Value>(&record.body).unwrap().is_object());
        }
        let line = record.to_line();
        assert!(!line.contains(&b'\n'));
        let line: Value = serde_json::from_slice(&line).unwrap();
        let is_wrapped = !matches!(record.wire_form, "envelope" | "domain");
        assert_eq!(line.get("wire_form").is_some(), is_wrapped);
        if record.wire_form == "twilio-form" {
            assert_eq!(line["body"].as_str().unwrap().as_bytes(), record.body);
        }
    }
}

#[test]
fn all_wire_forms_occur() {
    let world = small_world(100);
    let forms: BTreeSet<&str> = world.records().iter().map(|record| record.wire_form).collect();
    let expected = ["domain", "envelope", "pos", "shopify:orders/create", "twilio", "twilio-form"];
    assert!(forms.into_iter().eq(expected));
}

/// Brings a text to the form in which the truth's values can be found in it.
fn normalised(record: &Record, kind: Kind) -> String {
    let text = String::from_utf8_lossy(&record.body).replace("%2B", "+").to_lowercase();
    match kind {
        Kind::Phone => text.chars().filter(char::is_ascii_digit).collect(),
        Kind::CustomerId
        | Kind::Email
        | Kind::Whatsapp
        | Kind::LoyaltyId
        | Kind::DeviceId
        | Kind::CookieId
        | Kind::SessionId => text,
    }
}

#[test]
fn a_body_carries_what_the_truth_says() {
    for record in small_world(300).records() {
        for Identifier { kind, value } in &record.identifiers {
            let text = normalised(record, *kind);
            assert!(text.contains(&value.to_lowercase()), "{value} is not in {text}");
        }
    }
}

#[test]
fn a_body_carries_no_address_that_the_truth_leaves_out() {
    for record in small_world(300).records() {
        let text = String::from_utf8_lossy(&record.body);
        let has_email = record.identifiers.iter().any(|i| i.kind == Kind::Email);
        assert_eq!(text.contains('@'), has_email, "{text}");
    }
}

#[test]
fn only_second_copies_are_equal() {
    let world = small_world(500);
    let mut bodies = BTreeSet::new();
    let originals = world.records().iter().filter(|r| r.arrival != Arrival::Duplicate);
    assert!(originals.clone().all(|record| bodies.insert((record.wire_form, &record.body))));
    let mut copies = world.records().iter().filter(|r| r.arrival == Arrival::Duplicate);
    assert!(copies.all(|record| bodies.contains(&(record.wire_form, &record.body))));
}
