//! A target that comes and goes, and an end in between.

use std::net::TcpListener;

use ciq_testkit::{TcpProxy, eventually};

use crate::service::{Service, check_told};
use crate::support::{LIMIT, Place, Running};

#[test]
fn a_target_that_is_down_is_waited_for_and_told_of_once() {
    // Whoever listens there hangs up, as often as it is tried.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let target = format!("http://{address}");
    let running =
        Running::start(&["--json", "--interval", "1ms", "--cycles", "20", "--target", &target]);
    for _ in 0..3 {
        drop(listener.accept().unwrap());
    }
    drop(listener);
    let service = Service::start_at(address);
    let ran = running.end().expect(0);
    check_told(&ran, &service.accounts(&[]));
    let remedy = "start `customeriq serve`, or say with --target where it is";
    assert_eq!(ran.err.matches(remedy).count(), 1, "{}", ran.err);
    assert_eq!(ran.err.lines().count(), 2, "{}", ran.err);
    assert!(ran.err.contains("is there again; going on"), "{}", ran.err);
}

#[test]
fn answers_that_are_lost_make_no_second_event() {
    let service = Service::start();
    let proxy = TcpProxy::start(service.address).unwrap();
    let target = format!("http://{}", proxy.address());
    let args = ["--json", "--interval", "5ms", "--cycles", "300", "--target", &target];
    let mut running = Running::start(&args);
    for _ in 0..6 {
        running.await_lines("\"type\":\"cycle\"", 10);
        proxy.cut();
        proxy.restore();
    }
    let ran = running.end().expect(0);
    check_told(&ran, &service.accounts(&[]));
}

#[track_caller]
fn check_end(signal: &str) {
    let service = Service::start();
    let mut running = Running::start(&["--json", "--interval", "20ms", "--target", &service.url]);
    running.await_lines("\"type\":\"cycle\"", 5);
    running.signal(signal);
    let ran = running.end().expect(0);
    let lines = ran.json();
    let last = lines.last().unwrap();
    assert_eq!(last["type"], "summary");
    assert!(last["cycles"].as_u64().unwrap() >= 5, "{last}");
    assert_eq!(ran.of_type("cycle").len() as u64, last["cycles"].as_u64().unwrap());
    check_told(&ran, &service.accounts(&[]));
}

#[test]
fn ctrl_c_ends_it_after_the_cycle_with_a_summary() {
    check_end("-INT");
}

#[test]
fn a_signal_to_terminate_ends_it_after_the_cycle_with_a_summary() {
    check_end("-TERM");
}

#[test]
fn the_end_does_not_wait_for_a_long_interval() {
    let service = Service::start();
    let mut running = Running::start(&["--json", "--interval", "1h", "--target", &service.url]);
    running.await_lines("\"type\":\"cycle\"", 1);
    running.signal("-INT");
    let ran = running.end().expect(0);
    assert_eq!(ran.of_type("summary")[0]["cycles"], 1);
}

#[test]
fn events_that_did_not_arrive_before_the_end_are_counted() {
    let service = Service::start();
    let proxy = TcpProxy::start(service.address).unwrap();
    let target = format!("http://{}", proxy.address());
    let mut running = Running::start(&["--json", "--interval", "20ms", "--target", &target]);
    running.await_lines("\"type\":\"cycle\"", 3);
    proxy.cut();
    assert!(eventually(LIMIT, || running.err().contains("could not reach")), "{}", running.err());
    running.signal("-INT");
    let ran = running.end().expect(75);
    assert!(ran.err.contains("events did not arrive: the target was down"), "{}", ran.err);
    check_told(&ran, &service.accounts(&[]));
}

#[test]
fn an_end_before_the_target_is_there_loses_nothing() {
    let running = Running::start(&["--json", "--target", "http://127.0.0.1:1"]);
    assert!(eventually(LIMIT, || running.err().contains("could not reach")), "{}", running.err());
    running.signal("-INT");
    let ran = running.end().expect(0);
    assert_eq!(ran.of_type("summary")[0]["events"], 0);
}

#[test]
fn what_is_no_customeriq_is_named() {
    let service = Service::start();
    let target = format!("{}/nowhere", service.url);
    let ran = Place::new().run(&["--target", &target]).expect(1);
    let told = format!("GET {target}/api/accounts?limit=200 was answered with 404");
    assert!(ran.err.contains(&told) && ran.err.contains("--target"), "{}", ran.err);
}

#[test]
fn events_that_are_refused_are_counted_and_told() {
    // More than a day behind: what happens now is far ahead.
    let service = Service::start_in("2026-01-01T00:00:00Z".parse().unwrap());
    let args = ["--json", "--interval", "1ms", "--cycles", "3", "--target", &service.url];
    let ran = Place::new().run(&args).expect(3);
    let summary = ran.of_type("summary").remove(0);
    assert_eq!((&summary["refused"], &summary["cycles"]), (&summary["events"], &3.into()));
    let told = "4 events were refused: timestamp: more than a day ahead";
    assert!(ran.err.contains(told), "{}", ran.err);
    assert!(ran.err.contains("error: ") && ran.err.contains("events were refused; last: "));
    assert!(service.accounts(&[]).is_empty());
}
