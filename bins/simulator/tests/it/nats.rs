//! Events by NATS.

use ciq_testkit::{NatsConfig, NatsServer, eventually};

use crate::service::{Service, check_told};
use crate::support::{LIMIT, Place, Ran, Running};

const FAST: [&str; 5] = ["--json", "--interval", "1ms", "--cycles", "50"];

/// Waits until the service has stored everything.
#[track_caller]
fn await_stored(service: &Service, ran: &Ran) {
    let expected = ran.of_type("summary")[0]["events"].as_u64();
    let stored = || service.get("/api/stats", &[])["event_count"].as_u64();
    assert!(eventually(LIMIT, || stored() >= expected), "{:?} of {expected:?}", stored());
}

#[test]
fn events_go_by_nats_and_what_is_there_is_told_over_http() {
    let server = NatsServer::start(NatsConfig::default()).unwrap();
    let url = server.url();
    let mut service = Service::start();
    service.listen(&url);
    // The stream is the service's to make: until then the simulator waits.
    let args = [&FAST[..], &["--target", &url]].concat();
    let ran = Place::new().run(&args).expect(0);
    await_stored(&service, &ran);
    check_told(&ran, &service.accounts(&[]));
    let stored = service.get("/api/stats", &[])["event_count"].as_u64().unwrap();
    let args = [&args[..], &["--state-from", &service.url]].concat();
    let again = Place::new().run(&args).expect(0);
    let summary = again.of_type("summary").remove(0);
    assert_eq!(summary["created_at_start"], 0);
    let all = stored + summary["events"].as_u64().unwrap();
    let count = || service.get("/api/stats", &[])["event_count"].as_u64();
    assert!(eventually(LIMIT, || count() == Some(all)), "{:?} of {all}", count());
    check_told(&again, &service.accounts(&[]));
}

#[test]
fn a_server_that_is_down_is_waited_for_and_nothing_is_lost() {
    let mut server = NatsServer::start(NatsConfig::default()).unwrap();
    let url = server.url();
    let mut service = Service::start();
    service.listen(&url);
    let flags = ["--json", "--interval", "5ms", "--cycles", "100", "--target"];
    let mut running = Running::start(&[&flags[..], &[&url]].concat());
    running.await_lines("\"type\":\"cycle\"", 10);
    server.stop().unwrap();
    assert!(eventually(LIMIT, || running.err().contains("could not reach")), "{}", running.err());
    server.restart().unwrap();
    let ran = running.end().expect(0);
    assert!(ran.err.contains("start nats-server and `customeriq serve --nats`"), "{}", ran.err);
    assert!(ran.err.contains("is there again"), "{}", ran.err);
    await_stored(&service, &ran);
    check_told(&ran, &service.accounts(&[]));
}

#[test]
fn a_stream_that_is_missing_is_named_with_the_remedy() {
    let server = NatsServer::start(NatsConfig::default()).unwrap();
    let url = server.url();
    let running = Running::start(&["--json", "--target", &url]);
    let is_told = || running.err().contains("no stream takes customer.events.>");
    assert!(eventually(LIMIT, is_told), "{}", running.err());
    assert!(running.err().contains("`customeriq serve --nats`"), "{}", running.err());
    running.signal("-INT");
    running.end().expect(75);
}
