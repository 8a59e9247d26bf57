//! `doctor`: what is well, what is not, and what to do.

use std::net::TcpListener;

use crate::support::{Place, ran};

#[test]
fn a_sound_file_is_well() {
    let place = Place::with_story();
    let ran = place.run(&["doctor", "--port", "0"]).expect(0);
    assert!(ran.out.contains("ok    pages are sound: ok"), "{}", ran.out);
    let json = place.run(&["doctor", "--port", "0", "--json"]).expect(0).json();
    assert_eq!(json["is_well"], true);
    assert!(json["checks"].as_array().unwrap().len() > 6);
}

#[test]
fn without_a_file_there_is_a_hint() {
    let place = Place::new();
    let ran = place.run(&["doctor", "--port", "0"]).expect(0);
    assert!(ran.out.contains("customeriq import"), "{}", ran.out);
}

#[test]
fn a_port_in_use_is_noted() {
    let place = Place::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let ran = place.run(&["doctor", "--port", &port]).expect(0);
    assert!(ran.out.contains("choose another with --port"), "{}", ran.out);
    assert!(place.run(&["serve", "--port", &port]).expect(1).err.contains("--port or PORT"));
}

#[test]
fn a_nats_that_does_not_answer_is_bad_and_its_password_is_not_shown() {
    let place = Place::new();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut command = place.command(&["doctor", "--port", "0"]);
    command.env("NATS_ENABLED", "true");
    command.env("NATS_SERVERS", format!("nats://me:hush@127.0.0.1:{port}"));
    let ran = ran(command, b"").expect(1);
    assert!(ran.out.contains("NATS_ENABLED=false"), "{}", ran.out);
    assert!(!ran.out.contains("hush") && !ran.err.contains("hush"));
}
