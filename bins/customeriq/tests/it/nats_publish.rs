//! `publish`: samples, records and requests, with and without a stream.

use ciq_nats::Mode;

use crate::nats_support::Bus;
use crate::support::{Place, STORY, ran};

#[test]
fn samples_are_confirmed_by_a_stream_and_are_events() {
    let bus = Bus::with_stream();
    let told = bus.run(&["publish", "--all", "--count", "2", "--json"]).expect(0).json();
    assert_eq!((&told["published"], &told["confirmed"]), (&16.into(), &16.into()));
    assert_eq!((&told["duplicates"], &told["sent"]), (&0.into(), &0.into()));
    let told = bus.run(&["replay", "stream", "--json"]).expect(0).json();
    assert_eq!((&told["stored"], &told["rejected"]), (&16.into(), &0.into()));
    let shown = bus.run(&["show", "cust_001", "--json"]).expect(0).json();
    assert_eq!(shown["purchases"].as_array().unwrap().len(), 2);
    assert_eq!(shown["work_orders"].as_array().unwrap().len(), 4);
}

#[test]
fn a_sample_says_whose_it_is_and_of_which_type() {
    let bus = Bus::new();
    let mut listening = bus.source("customer.events.>,a.b.>", Mode::Core);
    bus.run(&["publish", "--customer", "cust_9", "--event", "loyalty_points"]).expect(0);
    let told = bus.run(&["publish", "--event", "note", "--subject-prefix", "a.b"]).expect(0);
    assert!(told.out.contains("1 sent without a stream"), "{}", told.out);
    let taken = bus.take(&mut listening.1, 2);
    assert_eq!(taken[0].subject, "customer.events.cust_9.loyalty_points");
    assert_eq!(taken[1].subject, "a.b.cust_001.note");
    let ids: Vec<_> = taken.iter().map(|it| it.headers.clone()).collect();
    assert!(ids[0][0].0 == "Nats-Msg-Id" && ids[0] != ids[1], "{ids:?}");
}

#[test]
fn no_faster_than_asked_for() {
    let bus = Bus::new();
    let args = ["publish", "--event", "note", "--count", "5", "--rate", "20/s", "--json"];
    let seconds = bus.run(&args).expect(0).json()["seconds"].as_f64().unwrap();
    assert!(seconds >= 0.2, "{seconds}");
}

#[test]
fn records_of_a_file_are_published_and_broken_ones_told() {
    let bus = Bus::new();
    let mut listening = bus.source("customer.events.>", Mode::Core);
    bus.place.write("events.ndjson", format!("nonsense\n\n{STORY}{{\"customer_id\":\"a\"}}\n"));
    let told = bus.run(&["publish", "--file", "events.ndjson", "--json"]).expect(3);
    assert_eq!((&told.json()["published"], &told.json()["refused"]), (&3.into(), &2.into()));
    assert!(told.err.contains("events.ndjson:1: body: "), "{}", told.err);
    assert!(told.err.contains("events.ndjson:6: body: "), "{}", told.err);
    let taken = bus.take(&mut listening.1, 3);
    let subjects: Vec<&str> = taken.iter().map(|it| it.subject.as_str()).collect();
    let expected = ["purchase", "support_ticket", "repair"];
    assert_eq!(subjects, expected.map(|it| format!("customer.events.cust_001.{it}")));
    assert_eq!(taken[0].body, STORY.lines().next().unwrap().as_bytes());
    assert!(taken[0].headers.is_empty(), "{:?}", taken[0].headers);
    let told = bus.run_with(&["publish", "--file", "-"], STORY).expect(0);
    assert!(told.out.contains("published 3 messages"), "{}", told.out);
    bus.run(&["publish", "--file", "missing.ndjson"]).expect(4);
}

#[test]
fn another_brand_is_named_in_a_header() {
    let bus = Bus::with_stream();
    bus.run(&["publish", "--event", "note", "--brand", "acme"]).expect(0);
    let told = bus.run(&["replay", "stream", "--json"]).expect(0).json();
    assert_eq!((&told["stored"], &told["other_brands"]), (&0.into(), &1.into()));
    let told = bus.run(&["replay", "stream", "--json", "--brand", "acme"]).expect(0).json();
    assert_eq!((&told["stored"], &told["other_brands"]), (&1.into(), &0.into()));
}

#[track_caller]
fn check_request(answer: &str, code: i32) {
    let bus = Bus::new();
    let mut service = bus.source("customeriq.acme.ingest", Mode::Core);
    let mut command = bus.command(&["publish", "--event", "note", "--request", "--brand", "acme"]);
    let asking = std::thread::spawn(move || {
        command.stdin(std::process::Stdio::null());
        ran(command, b"")
    });
    let request = bus.answer(&mut service, answer);
    assert!(request.body.starts_with(b"{\"customer_id\":\"cust_001\""));
    assert_eq!(asking.join().unwrap().expect(code).out.trim(), answer);
}

#[test]
fn a_request_prints_what_the_service_says() {
    check_request(r#"{"success":true,"result":{"events":[]}}"#, 0);
    check_request(r#"{"success":false,"error":"no"}"#, 3);
}

#[test]
fn a_request_that_nobody_serves_says_what_to_start() {
    let bus = Bus::new();
    let told = bus.run(&["publish", "--event", "note", "--request"]).expect(75);
    assert!(told.err.contains("customeriq serve --nats"), "{}", told.err);
}

#[test]
fn without_a_server_the_address_and_the_remedy_are_told() {
    let place = Place::new();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for args in [["publish", "--all"].as_slice(), &["replay", "stream"]] {
        let mut command = place.command(args);
        command.env("NATS_SERVERS", format!("nats://me:hush@127.0.0.1:{port}"));
        let told = ran(command, b"").expect(75);
        assert!(told.err.contains(&format!("nats://127.0.0.1:{port}")), "{}", told.err);
        assert!(told.err.contains("NATS_SERVERS") && !told.err.contains("hush"), "{}", told.err);
    }
}

#[track_caller]
fn check_setting(name: &str, value: &str, told: &str) {
    let place = Place::new();
    let mut command = place.command(&["replay", "stream"]);
    command.env(name, value);
    let ran = ran(command, b"").expect(2);
    assert!(ran.err.contains(told) && !ran.err.contains("hush"), "{}", ran.err);
}

#[test]
fn wrong_settings_name_the_variable_and_the_remedy() {
    check_setting("NATS_MODE", "fast", "NATS_MODE is unusable: one of auto, jetstream, core");
    check_setting("NATS_ACK_WAIT", "soon", "NATS_ACK_WAIT takes whole seconds");
    check_setting("NATS_SUBJECTS", "a b", "NATS_SUBJECTS is unusable");
    check_setting("NATS_SERVERS", "nats://me:hush@a b", "NATS_SERVERS is unusable");
    check_setting("NATS_PASSWORD", "hush", "NATS_PASSWORD is set without NATS_USER");
    check_setting("NATS_MODE", "core", "--nats-mode auto");
    check_setting("NATS_TLS_CA", "/nowhere.pem", "/nowhere.pem");
    let place = Place::new();
    for args in [
        ["publish"].as_slice(),
        &["publish", "--all", "--event", "note"],
        &["publish", "--event", "note", "--rate", "fast"],
        &["publish", "--event", "note", "--subject-prefix", "a.*"],
        &["publish", "--all", "--request"],
    ] {
        place.run(args).expect(2);
    }
}
