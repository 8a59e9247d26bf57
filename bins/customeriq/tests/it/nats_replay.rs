//! `replay` over a bus: a stream into the file, and the file's log into a stream.

use crate::nats_support::Bus;
use crate::support::{Place, STORY, ran};

#[test]
fn a_stream_is_read_again_as_often_as_wished() {
    let bus = Bus::with_stream();
    bus.run_with(&["publish", "--file", "-"], STORY).expect(0);
    let told = bus.run(&["replay", "stream", "--from-sequence", "3", "--json"]).expect(0).json();
    assert_eq!((&told["messages"], &told["stored"]), (&1.into(), &1.into()));
    let told = bus.run(&["replay", "stream"]).expect(0).out;
    assert!(told.contains("3 messages read, 2 events stored, 1 seen before, 0 refused"), "{told}");
    let told = bus.run(&["replay", "stream", "--from-time", "2000-01-01T00:00:00Z", "--json"]);
    assert_eq!(told.expect(0).json()["duplicates"], 3);
    let told = bus.run(&["replay", "stream", "--from-time", "2200-01-01T00:00:00Z"]).expect(0);
    assert!(told.err.contains("holds nothing from there on"), "{}", told.err);
}

#[test]
fn what_a_stream_holds_that_is_no_event_is_a_dead_letter() {
    let bus = Bus::with_stream();
    let bad = r#"{"customer_id":"a","event_type":"purchase","timestamp":0}"#;
    bus.run_with(&["publish", "--file", "-"], &format!("{bad}\n{STORY}")).expect(0);
    let told = bus.run(&["replay", "stream", "--json"]).expect(3).json();
    assert_eq!((&told["stored"], &told["rejected"]), (&3.into(), &1.into()));
    let letters = bus.run(&["dead-letters", "--json"]).expect(0).json();
    let id = letters["data"][0]["id"].as_str().unwrap();
    let letter = bus.run(&["dead-letters", "show", id, "--json"]).expect(0).json();
    assert_eq!(letter["subject"], "customer.events.a.purchase");
    assert_eq!(letter["payload"], bad);
}

#[test]
fn without_a_stream_there_is_nothing_to_read() {
    let bus = Bus::new();
    let told = bus.run(&["replay", "stream"]).expect(4);
    assert!(told.err.contains("no stream takes customer.events.>"), "{}", told.err);
    assert!(!bus.place.db().exists());
    assert!(bus.server.monitor("/jsz").unwrap().contains("\"streams\": 0"));
}

#[test]
fn the_log_goes_over_the_bus_into_another_file_unchanged() {
    let bus = Bus::with_stream();
    bus.run_with(&["import", "-"], STORY).expect(0);
    bus.run(&["publish", "--all"]).expect(0);
    bus.run(&["replay", "stream"]).expect(0);
    let all = bus.run(&["stats", "--json"]).expect(0).json()["event_count"].clone();
    let told = bus.run(&["replay", "log", "--to-nats", "--json"]).expect(0).json();
    // The samples come back under the names that the stream has seen.
    assert_eq!((&told["confirmed"], &told["duplicates"]), (&11.into(), &8.into()));
    let other = Place::new();
    ran(bus.command_in(&other, &["replay", "stream"]), b"").expect(0);
    assert_eq!(other.run(&["stats", "--json"]).expect(0).json()["event_count"], all);
    let told = bus.run(&["replay", "stream", "--json"]).expect(0).json();
    assert_eq!((&told["stored"], &told["duplicates"]), (&0.into(), &all));
}
