//! A run as events of customeriq: on standard output, in a file, at a service.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::service::Service;
use crate::support::{Place, SMALL, TwinProcess};

/// A place with a run that is done.
fn with_run(more: &[&str]) -> Place {
    let place = Place::new();
    let args = [&["generate", "--twin", "--quiet"][..], &SMALL, more].concat();
    place.run(&args).expect(0);
    place
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn events_are_told_once_each_in_order() {
    let place = with_run(&[]);
    let told = place.run(&["events"]).expect(0).out;
    let events = lines(&told);
    let ids: BTreeSet<&str> =
        events.iter().map(|event| event["event_id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), events.len());
    let times: Vec<&str> =
        events.iter().map(|event| event["timestamp"].as_str().unwrap()).collect();
    assert!(times.is_sorted(), "{times:?}");
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for event in &events {
        *counts.entry(event["event_type"].as_str().unwrap()).or_default() += 1;
    }
    let count = |name: &str| counts.get(name).copied().unwrap_or_default();
    assert_eq!(count("subscription_started"), 5);
    assert_eq!((count("subscription_upgraded"), count("subscription_cancelled")), (1, 1));
    assert!(count("invoice_paid") > 5, "{counts:?}");
    assert_eq!(place.run(&["events"]).expect(0).out, told, "the same run tells the same");
    assert_eq!(place.run(&["events", "--live"]).expect(0).out, told);
    place.run(&["events", "--to", "events.ndjson"]).expect(0).says("events sent to file");
    assert_eq!(lines(&place.read("events.ndjson")), events);
}

#[test]
fn a_failing_card_is_told() {
    let place = with_run(&["--past-due", "1"]);
    let told = place.run(&["events"]).expect(0).out;
    assert!(told.contains("\"payment_failed\""), "{told}");
}

#[test]
fn customeriq_takes_them_and_a_second_time_changes_nothing() {
    let service = Service::start();
    let place = with_run(&[]);
    let to = format!("{}/events", service.url);
    let summary = place.run(&["events", "--to", &to, "--json"]).expect(0).json();
    let all = summary["events"].as_u64().unwrap();
    assert_eq!(summary["delivered"], all);
    let stats = service.get("/api/stats");
    assert_eq!(stats["event_count"], all, "{stats}");
    assert_eq!(stats["customer_count"].as_u64().or(stats["profile_count"].as_u64()), Some(5));
    place.run(&["events", "--to", &to]).expect(0);
    assert_eq!(service.get("/api/stats")["event_count"], all);
}

#[test]
fn a_service_that_is_not_there_is_told() {
    let place = with_run(&[]);
    let told = place.run(&["events", "--to", "http://me:hush@127.0.0.1:1/events"]);
    assert_ne!(told.code, Some(0));
    assert!(!told.err.contains("hush"), "{}", told.err);
}

#[test]
fn webhooks_are_sent_and_signed() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let twin = TwinProcess::with_webhook(&url, "whsec_hush");
    assert_eq!(twin.ask("POST", "/v1/customers", "name=Ada").0, 200);
    let (stream, _) = listener.accept().unwrap();
    let head = crate::http::head_of(stream);
    assert!(head.starts_with("POST /hook HTTP/1.1"), "{head}");
    assert!(head.to_lowercase().contains("\nstripe-signature: t="), "{head}");
    assert!(!head.contains("hush"), "{head}");
}
