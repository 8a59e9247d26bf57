//! `import`: good and bad records, every kind of input.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::support::{Place, STORY};

const BAD: &str =
    "{\"event_type\":\"purchase\",\"timestamp\":0,\"customer_id\":\"a\"}\n\nnot json\n";

#[test]
fn bad_lines_are_told_and_kept_and_good_ones_go_on() {
    let place = Place::new();
    place.write("events.ndjson", format!("{BAD}{STORY}"));
    let ran = place.run(&["import", "events.ndjson"]).expect(3);
    assert!(ran.err.contains("events.ndjson:1: timestamp: "), "{}", ran.err);
    assert!(ran.err.contains("events.ndjson:3: body: "), "{}", ran.err);
    assert!(
        ran.out.contains("5 records, 3 events stored, 0 seen before, 2 refused"),
        "{}",
        ran.out
    );
    let kept = place.read("events.ndjson.rejected.ndjson");
    assert_eq!(kept.lines().count(), 2);
    assert!(kept.contains("not json"));
    let letters = place.run(&["dead-letters", "--json"]).expect(0).json();
    assert_eq!(letters["data"].as_array().unwrap().len(), 2);
    assert!(place.run(&["dead-letters"]).expect(0).out.contains("timestamp"));
}

#[test]
fn what_was_mended_is_imported_from_the_rejected_file() {
    let place = Place::new();
    place.write("a.ndjson", "{\"customer_id\":\"a\"}\n");
    place.run(&["import", "a.ndjson", "--rejected", "bad.ndjson"]).expect(3);
    let mended = place.read("bad.ndjson").replace(
        "{\"customer_id\"",
        "{\"event_type\":\"contact\",\"timestamp\":1734134400,\"customer_id\"",
    );
    place.write("good.ndjson", mended);
    place.run(&["import", "good.ndjson"]).expect(0);
    place.run(&["show", "a"]).expect(0);
}

#[test]
fn only_twenty_refusals_are_told() {
    let place = Place::new();
    place.write("many.ndjson", "{}\n".repeat(30));
    let ran = place.run(&["import", "many.ndjson"]).expect(3);
    assert_eq!(ran.err.matches("many.ndjson:").count(), 21, "{}", ran.err);
    assert!(ran.err.contains("and 10 further refusals"), "{}", ran.err);
}

#[test]
fn the_same_again_is_seen_before() {
    let place = Place::new();
    place.write("a.ndjson", STORY);
    place.run(&["import", "a.ndjson"]).expect(0);
    let report = place.run(&["import", "a.ndjson", "--json"]).expect(0).json();
    assert_eq!((&report["stored"], &report["duplicates"]), (&0.into(), &3.into()));
    assert_eq!(report["files"][0]["file"], "a.ndjson");
    assert!(!place.path("a.ndjson.rejected.ndjson").exists());
}

#[test]
fn gzipped_files_are_told_by_their_first_bytes() {
    let place = Place::new();
    let (head, tail) = STORY.split_at(STORY.find('\n').unwrap() + 1);
    let mut bytes = Vec::new();
    for member in [head, tail] {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(member.as_bytes()).unwrap();
        bytes.extend(encoder.finish().unwrap());
    }
    place.write("without-a-telling-name", bytes);
    let report = place.run(&["import", "without-a-telling-name", "--json"]).expect(0).json();
    assert_eq!(report["stored"], 3);
}

#[test]
fn standard_input_an_array_and_one_object_are_read() {
    let place = Place::new();
    let array = format!("[\n{}\n]", STORY.trim_end().replace('\n', ",\n"));
    let report = place.run_with(&["import", "-", "--json"], array).expect(0).json();
    assert_eq!(report["stored"], 3);
    let object = "{\n  \"event_type\": \"note\",\n  \"timestamp\": 1734134400,\n  \
                  \"customer_id\": \"cust_002\",\n  \"data\": {\"content\": \"likes tea\"}\n}\n";
    let report = place.run_with(&["import", "-", "--json"], object).expect(0).json();
    assert_eq!(report["stored"], 1);
    place.run_with(&["import", "-"], "[{},\n{\"a\":\n1}]").expect(3);
    assert_eq!(place.read("stdin.rejected.ndjson"), "{}\n{\"a\": 1}\n");
}

#[test]
fn a_form_may_be_given() {
    let place = Place::new();
    let body = "From=%2B12025550123&Body=hello&MessageSid=SM1\n";
    place.run_with(&["import", "-", "--form", "twilio-form"], body).expect(0);
    let hits = place.run(&["search", "+1 202 555 0123", "--json"]).expect(0).json();
    assert_eq!(hits["data"][0]["kind"], "customer");
    let ran = place.run(&["import", "-", "--form", "fax"]).expect(2);
    assert!(ran.err.contains("shopify:TOPIC"), "{}", ran.err);
}

#[test]
fn mistakes_are_found_before_anything_is_stored() {
    let place = Place::new();
    place.write("a.ndjson", STORY);
    place.run(&["import", "a.ndjson", "missing.ndjson"]).expect(4);
    place.run(&["import", "."]).expect(2);
    place.run(&["import", "-", "-"]).expect(2);
    place.run(&["import", "a.ndjson", "--rejected", "a.ndjson"]).expect(2);
    assert_eq!(place.read("a.ndjson"), STORY);
    assert!(!place.db().exists());
}

#[test]
fn an_event_of_nobody_is_refused_where_making_customers_is_off() {
    let place = Place::new();
    let mut command = place.command(&["import", "-", "--json"]);
    command.env("NATS_AUTO_CREATE_CUSTOMER", "false");
    let ran = crate::support::ran(command, STORY.as_bytes()).expect(3);
    assert_eq!(ran.json()["rejected"], 3);
}

#[test]
fn amounts_without_a_currency_take_the_operators() {
    let place = Place::new();
    place.run_with(&["--currency", "EUR", "import", "-"], STORY).expect(0);
    let shown = place.run(&["show", "cust_001"]).expect(0);
    assert!(shown.out.contains("299.99 EUR"), "{}", shown.out);
    place.run_with(&["--currency", "quid", "import", "-"], STORY).expect(2);
}
