//! `replay`: the same events again, at another pace.

use std::time::{Duration, Instant};

use crate::support::{Place, ran};

/// Three events within three seconds, the last two out of order.
const EVENTS: &str = concat!(
    r#"{"id":"evt_1","ts":"2026-01-01T00:00:00.000Z","userId":"ABC123","name":"session_start","props":{}}"#,
    "\n",
    r#"{"id":"evt_2","ts":"2026-01-01T00:00:03.000Z","userId":"ABC123","name":"feature_used","props":{}}"#,
    "\n\n",
    r#"{"id":"evt_3","ts":"2026-01-01T00:00:02.000Z","userId":"ABC123","name":"session_end","props":{}}"#,
    "\n",
);

fn without_empty(text: &str) -> String {
    text.replace("\n\n", "\n")
}

#[test]
fn what_went_in_comes_out() {
    let place = Place::new();
    place.write("a.ndjson", EVENTS);
    let told = place.run(&["replay", "a.ndjson", "--speed", "max"]).expect(0);
    assert_eq!(told.text(), without_empty(EVENTS));
    assert!(told.err.contains("3 events of 3.0 s"), "{}", told.err);
    let from_stdin = ran(place.command(&["replay", "-", "--speed", "max"]), EVENTS.as_bytes());
    assert_eq!(from_stdin.expect(0).text(), without_empty(EVENTS));
}

#[test]
fn compressed_files_are_read() {
    let place = Place::new();
    let args = ["generate", "-q", "--users", "50", "--days", "5", "--out"];
    for name in ["a.ndjson", "a.ndjson.gz", "a.ndjson.zst"] {
        place.run(&[&args[..], &[name]].concat()).expect(0);
        let out = place.run(&["replay", name, "--speed", "max", "-q"]).expect(0).out;
        assert!(out == place.read("a.ndjson"), "{name}");
    }
}

#[test]
fn gaps_are_kept() {
    let place = Place::new();
    place.write("a.ndjson", EVENTS);
    #[expect(clippy::disallowed_methods, reason = "the binary keeps to this clock")]
    let begun = Instant::now();
    place.run(&["replay", "a.ndjson", "--speed", "10x"]).expect(0);
    // It may take longer on a busy machine, but never less.
    assert!(begun.elapsed() >= Duration::from_millis(300));
}

#[test]
fn a_broken_line_is_named_and_what_came_before_is_sent() {
    let place = Place::new();
    place.write("a.ndjson", format!("{EVENTS}{{\"id\":1}}\n"));
    let told = place.run(&["replay", "a.ndjson", "--speed", "max"]).expect(1);
    assert!(told.err.contains("line 5 is no event"), "{}", told.err);
    assert_eq!(told.text(), without_empty(EVENTS));
    place.run(&["replay", "a.ndjson", "--speed", "slow"]).expect(2);
}

#[test]
fn a_sink_takes_what_is_replayed() {
    let place = Place::new();
    place.write("a.ndjson", EVENTS);
    let args = ["replay", "a.ndjson", "--speed", "max", "--sink", "file", "--sink-file", "b.gz"];
    place.run(&args).expect(0);
    let again = place.run(&["replay", "b.gz", "--speed", "max", "-q"]).expect(0);
    assert_eq!(again.text(), without_empty(EVENTS));
}
