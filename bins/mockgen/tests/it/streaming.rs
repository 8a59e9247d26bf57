//! The stream over HTTP.

use std::collections::BTreeSet;

use ciq_testkit::eventually;
use serde_json::{Value, json};

use crate::served::{LIMIT, Served};

#[test]
fn a_stream_runs_until_it_is_stopped_and_stopping_twice_is_no_fault() {
    let served = Served::seeded(500);
    let body = r#"{"rate":180,"modes":["product","billing"],"jitter":true}"#;
    let begun = served.post("/start-stream", body).expect(200).json();
    assert_eq!((&begun["streaming"], &begun["rate"]), (&json!(true), &json!(180)));
    assert_eq!(begun["modes"], json!(["product", "billing"]));
    let emitted = || served.get("/status").json()["stream"]["emitted"].as_u64();
    assert!(eventually(LIMIT, || emitted() > Some(1)));
    let stopped = served.post("/stop-stream", "").expect(200).json();
    assert_eq!(stopped["streaming"], false);
    assert!(stopped["stopped"]["emitted"].as_u64() > Some(1), "{stopped}");
    let again = served.post("/stop-stream", "").expect(200).json();
    assert_eq!(again, json!({"streaming": false, "stopped": null}));
    assert_eq!(served.get("/status").json()["streaming"], false);
}

#[test]
fn defaults_are_a_jittered_event_a_second_of_all_modes() {
    let served = Served::seeded(10);
    let begun = served.post("/start-stream", "").expect(200).json();
    assert_eq!((&begun["rate"], &begun["jitter"]), (&json!(60), &json!(true)));
    assert_eq!(begun["modes"], json!(["product", "billing", "ticket"]));
}

#[test]
fn a_stream_has_its_own_times_and_only_its_modes() {
    let served = Served::seeded(500);
    let body = r#"{"rate":600000,"modes":["billing"],"jitter":false}"#;
    served.post("/start-stream", body).expect(200);
    let delivered = || served.get("/status").json()["sink"]["delivered"].as_u64();
    assert!(eventually(LIMIT, || delivered() > Some(5_000)));
    // Another one in its place, with even gaps of 1 ms.
    let body = r#"{"rate":60000,"modes":["ticket"],"jitter":false}"#;
    served.post("/start-stream", body).expect(200);
    let emitted = || served.get("/status").json()["stream"]["emitted"].as_u64();
    assert!(eventually(LIMIT, || emitted() > Some(300)));
    let (place, _, code) = served.stop();
    assert_eq!(code, Some(0));
    let text = String::from_utf8(place.read("events.ndjson")).unwrap();
    let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ids: BTreeSet<_> = events.iter().map(|event| event["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), events.len());
    let is_ticket = |event: &Value| event["name"].as_str().unwrap().starts_with("ticket_");
    let first = events.iter().position(is_ticket).unwrap();
    assert!(events[..first].iter().all(|event| !is_ticket(event)));
    assert!(events[first..].iter().all(is_ticket));
    let at = |event: &Value| -> i64 {
        event["ts"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_millisecond()
    };
    // The times are the scheduled ones, whatever the machine was doing.
    let gaps: BTreeSet<_> =
        events[first..].windows(2).map(|pair| at(&pair[1]) - at(&pair[0])).collect();
    assert_eq!(gaps, BTreeSet::from([1]));
}

#[test]
fn new_users_take_over_a_running_stream() {
    let served = Served::seeded(5);
    served.post("/start-stream", r#"{"rate":600000}"#).expect(200);
    served.post("/seed-users", r#"{"count":7,"seed":99}"#).expect(200);
    let status = served.get("/status").json();
    assert_eq!((&status["streaming"], &status["users"]), (&json!(true), &json!(7)));
    assert_eq!(status["stream"]["rate"], 600_000);
}
