//! What is delivered is stored once, refused with a reason, or answered.

use std::sync::Arc;

use ciq_ingest::SystemClock;
use ciq_nats::{Mode, Outgoing, SourceOptions, SubjectFilter};
use ciq_testkit::NatsConfig;
use rand::SeedableRng as _;
use rand::seq::SliceRandom as _;

use super::house::{House, check_undisturbed, core_settings, dead_letters, load};

#[test]
fn a_stream_is_stored_as_an_import_of_the_same_events_would_be() {
    let house = House::new();
    let service = house.start("a.db");
    service.await_ready();
    house.publish(load(3_000));
    house.await_events("a.db", 3_000);
    house.await_settled();
    service.stop(&house);
    check_undisturbed(&house, "a.db", 3_000);
}

#[test]
fn messages_sent_twice_and_shuffled_are_stored_once_and_mean_the_same() {
    let house = House::new();
    let mut messages = load(1_500);
    messages.extend(load(1_500));
    messages.shuffle(&mut rand::rngs::ChaCha8Rng::seed_from_u64(5));
    let service = house.start("a.db");
    service.await_ready();
    house.publish(messages);
    house.await_settled();
    service.stop(&house);
    check_undisturbed(&house, "a.db", 1_500);
}

#[test]
fn what_can_never_be_an_event_is_a_dead_letter_and_the_rest_goes_on() {
    let house =
        House::with(NatsConfig { payload_bytes_max: Some(9 << 20), ..NatsConfig::default() });
    let service = house.start("a.db");
    service.await_ready();
    let deep = format!("{}1{}", "{\"a\":".repeat(3_000), "}".repeat(3_000));
    let poison = [
        ("truncated", br#"{"customer_id": "a", "event"#.to_vec()),
        ("wrong type", br#"{"customer_id": "a", "event_type": [], "timestamp": 1}"#.to_vec()),
        ("no time", br#"{"customer_id": "a", "event_type": "x"}"#.to_vec()),
        ("huge", vec![b'x'; 8 << 20]),
        (
            "deep",
            format!(r#"{{"customer_id":"a","event_type":"x","timestamp":9,"data":{deep}}}"#).into(),
        ),
        ("not utf-8", b"{\"customer_id\": \"\xff\xfe\"}".to_vec()),
        ("empty", Vec::new()),
    ];
    let count = poison.len();
    let poison = poison.into_iter().map(|(name, body)| Outgoing {
        subject: "customer.events.c1.login".to_owned(),
        headers: vec![("Trace".to_owned(), name.to_owned())],
        body,
    });
    house.publish(poison.chain(load(200)));
    house.await_events("a.db", 200);
    house.await_settled();
    service.stop(&house);
    let told = dead_letters(&house.path("a.db"));
    assert_eq!(told.len(), count, "{told:#?}");
    assert!(told.iter().all(|reason| reason.contains(": ")), "{told:#?}");
    assert!(told.iter().any(|reason| reason.contains("MiB")), "{told:#?}");
}

#[test]
fn a_brand_that_is_none_is_a_dead_letter_and_another_has_a_file_of_its_own() {
    let house = House::new();
    let service = house.start("a.db");
    service.await_ready();
    let mut messages = load(4);
    for (message, brand) in messages.iter_mut().zip(["acme", "acme", "../../etc", "default"]) {
        message.headers.push(("x-brand-id".to_owned(), brand.to_owned()));
    }
    house.publish(messages);
    house.await_events("brands/acme.db", 2);
    house.await_settled();
    service.stop(&house);
    assert_eq!(house.event_count("a.db"), 1);
    assert_eq!(dead_letters(&house.path("a.db")).len(), 1);
}

#[test]
fn a_request_is_answered_after_the_commit() {
    let house = House::new();
    let service = house.start("a.db");
    service.await_ready();
    let nats = house.connect();
    let ask = |subject: &str, body: &str| -> serde_json::Value {
        let asked = nats.request(subject, body.as_bytes().to_vec(), &[]);
        serde_json::from_slice(&house.runtime.block_on(asked).unwrap()).unwrap()
    };
    let event = r#"{"customer_id": "c1", "event_type": "login", "timestamp": 1734134400}"#;
    let told = ask("customeriq.default.ingest", event);
    assert_eq!(told["success"], true, "{told}");
    assert_eq!(told["result"]["events"][0]["customer_id"], "c1");
    assert_eq!(house.event_count("a.db"), 1, "it is stored before the answer");
    let told = ask("customeriq.default.ingest", event);
    assert_eq!(told["result"]["events"][0]["status"], "duplicate", "{told}");
    let told = ask("customeriq.default.ingest", "{}");
    assert_eq!(told["success"], false, "{told}");
    assert!(told["error"].as_str().unwrap().starts_with("body: "), "{told}");
    service.stop(&house);
}

#[test]
fn without_jetstream_plain_subscriptions_take_over_and_answer() {
    let house = House::with(NatsConfig { jetstream: false, ..NatsConfig::default() });
    let service = house.start("a.db");
    service.await_ready();
    house.publish(load(500));
    house.await_events("a.db", 500);
    let nats = house.connect();
    let body = br#"{"timestamp": 1734134400}"#.to_vec();
    let asked = nats.request("customer.events.c9.login", body, &[]);
    let told: serde_json::Value =
        serde_json::from_slice(&house.runtime.block_on(asked).unwrap()).unwrap();
    assert_eq!(told["result"]["events"][0]["customer_id"], "c9", "{told}");
    service.stop(&house);
}

#[test]
fn overlapping_subjects_bring_an_event_once() {
    for mode in [Mode::JetStream, Mode::Core] {
        let house = House::new();
        let mut settings = house.settings();
        let list = "customer.events.>,customer.events.*.purchase,customer.events.>";
        let subjects = SubjectFilter::parse_list(list).unwrap();
        settings.source =
            SourceOptions { mode, subjects, ack_wait: settings.source.ack_wait, ..settings.source };
        let service = house.start_with("a.db", settings, Arc::new(SystemClock));
        service.await_ready();
        house.publish(load(300));
        house.await_events("a.db", 300);
        service.stop(&house);
    }
}

#[test]
fn a_forced_core_subscription_does_not_answer_for_the_stream() {
    let house = House::new();
    // The first service makes the stream.
    let first = house.start("first.db");
    first.await_ready();
    first.stop(&house);
    let mut settings = core_settings(&house);
    settings.source.queue_group = "other".to_owned();
    let service = house.start_with("a.db", settings, Arc::new(SystemClock));
    service.await_ready();
    // Each publish fails where the answer is not the stream's own.
    house.publish(load(50));
    house.await_events("a.db", 50);
    service.stop(&house);
}

#[test]
fn a_stream_that_takes_only_a_part_is_reported_with_what_to_do() {
    let house = House::new();
    house.make_stream(r#"{"name": "PART", "subjects": ["customer.events.*.purchase"]}"#);
    let service = house.start("a.db");
    service.await_trouble("stream PART takes customer.events.*.purchase");
    service.stop(&house);
}

#[test]
fn a_stream_of_more_subjects_is_read_by_a_filter_and_left_as_it_is() {
    let house = House::new();
    house.make_stream(
        r#"{"name": "ALL", "subjects": ["customer.>"], "storage": "memory", "max_age": 0}"#,
    );
    let service = house.start("a.db");
    service.await_ready();
    let other = Outgoing { subject: "customer.other".to_owned(), ..Outgoing::default() };
    house.publish(load(20).into_iter().chain([other]));
    house.await_events("a.db", 20);
    service.stop(&house);
    assert_eq!(dead_letters(&house.path("a.db")), Vec::<String>::new());
    assert!(house.server.monitor("/jsz?streams=1&config=1").unwrap().contains("memory"));
}

#[test]
fn a_second_file_in_the_group_is_refused_until_the_first_is_gone() {
    let house = House::new();
    let first = house.start("first.db");
    first.await_ready();
    let mut settings = house.settings();
    settings.instance = "two".to_owned();
    let second = house.start_with("second.db", settings.clone(), Arc::new(SystemClock));
    second.await_trouble("keeps its customers in another file");
    first.stop(&house);
    second.await_ready();
    second.stop(&house);
}

#[test]
fn two_members_share_the_work_over_one_file() {
    let house = House::new();
    let first = house.start("a.db");
    first.await_ready();
    let mut settings = house.settings();
    settings.instance = "two".to_owned();
    let second = house.start_with("a.db", settings, Arc::new(SystemClock));
    second.await_ready();
    house.publish(load(4_000));
    house.await_events("a.db", 4_000);
    house.await_settled();
    first.stop(&house);
    second.stop(&house);
    check_undisturbed(&house, "a.db", 4_000);
}
