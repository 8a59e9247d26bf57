//! What changed goes out: after the commit, after a crash too, and never not at all.

use std::collections::BTreeSet;
use std::sync::Arc;

use ciq_ingest::{NatsSettings, SystemClock};
use ciq_nats::{Outgoing, Source, SourceOptions, Start, SubjectFilter};

use super::house::{House, load, outgoing};

fn publishing(house: &House) -> NatsSettings {
    NatsSettings { is_publishing: true, ..house.settings() }
}

/// Reads a stream whole: subjects, message ids, bodies.
fn read_all(house: &House, subjects: &str, count: usize) -> Vec<ciq_nats::Delivery> {
    let nats = house.connect();
    let subjects = SubjectFilter::parse_list(subjects).unwrap();
    let options = SourceOptions { start: Start::Sequence(1), ..SourceOptions::new(subjects) };
    house.runtime.block_on(async {
        let mut source = Source::open(&nats, &options).await.unwrap();
        let mut all = Vec::new();
        while all.len() < count {
            all.extend(source.next_batch(1_000).await);
        }
        all
    })
}

#[test]
fn events_profiles_merges_and_dead_letters_go_out() {
    let house = House::new();
    house.make_stream(r#"{"name": "OUT", "subjects": ["customeriq.*.*.*", "customer.dead.>"]}"#);
    let service = house.start_with("a.db", publishing(&house), Arc::new(SystemClock));
    service.await_ready();
    let event = |data: &str, at: u32| {
        outgoing(
            format!(
                r#"{{"customer_id": "", "event_type": "login", "timestamp": {at}, "data": {data}}}"#
            )
            .into_bytes(),
        )
    };
    let messages = [
        event(r#"{"email": "a@customer.example.org"}"#, 1_734_134_400),
        event(r#"{"phone": "+1 202 555 0142"}"#, 1_734_134_401),
        event(r#"{"email": "a@customer.example.org", "phone": "+1 202 555 0142"}"#, 1_734_134_402),
        Outgoing {
            subject: "customer.events.web".to_owned(),
            headers: vec![("Trace".to_owned(), "t1".to_owned())],
            body: b"{".to_vec(),
        },
    ];
    let messages = messages.map(|mut message| {
        message.subject = "customer.events.web".to_owned();
        message
    });
    house.publish(messages);
    // Three events, a merge, a dead letter, and the customers as they became.
    house.await_events("a.db", 3);
    let all = read_all(&house, "customeriq.*.*.*,customer.dead.>", 6);
    let of = |subject: &str| all.iter().filter(|out| out.subject == subject).collect::<Vec<_>>();
    assert_eq!(of("customeriq.default.events.normalized").len(), 3);
    assert_eq!(of("customeriq.default.profiles.merged").len(), 1);
    assert!(!of("customeriq.default.profiles.updated").is_empty());
    let dead = of("customer.dead.default.body");
    assert_eq!(dead[0].body, b"{");
    let header = |name: &str| {
        dead[0].headers.iter().find(|(held, _)| held == name).map(|(_, value)| value.as_str())
    };
    assert_eq!(header("Trace"), Some("t1"));
    assert_eq!(header("Customeriq-Field"), Some("body"));
    assert_eq!(header("Customeriq-Subject"), Some("customer.events.web"));
    service.stop(&house);
}

#[test]
fn what_was_not_published_before_the_end_goes_out_after_the_next_start() {
    let house = House::new();
    house.make_stream(r#"{"name": "OUT", "subjects": ["customeriq.*.events.normalized"]}"#);
    // Stored without being published, as before a crash.
    let silent = house.start("a.db");
    silent.await_ready();
    house.publish(load(1_200));
    house.await_events("a.db", 1_200);
    silent.stop(&house);
    let service = house.start_with("a.db", publishing(&house), Arc::new(SystemClock));
    let ids = |count| -> BTreeSet<String> {
        read_all(&house, "customeriq.*.events.normalized", count)
            .iter()
            .map(|out| {
                let body: serde_json::Value = serde_json::from_slice(&out.body).unwrap();
                body["id"].as_str().unwrap().to_owned()
            })
            .collect()
    };
    assert_eq!(ids(1_200).len(), 1_200);
    service.stop(&house);
    // A further start goes on where the last one ended.
    let service = house.start_with("a.db", publishing(&house), Arc::new(SystemClock));
    service.await_ready();
    house.publish(load(1_201).split_off(1_200));
    assert_eq!(ids(1_201).len(), 1_201);
    service.stop(&house);
}
