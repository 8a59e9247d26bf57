//! `serve`: ready, asked, told to stop.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

use crate::service::Service;
use crate::support::{Place, STORY, ran};

#[test]
fn a_service_answers_and_ends_when_told() {
    let place = Place::new();
    let service = Service::start(&place);
    assert!(service.get("/healthz").starts_with("HTTP/1.1 200"));
    assert!(service.get("/").starts_with("HTTP/1.1 "));
    service.tell_to_stop();
    let (code, words) = service.end();
    assert_eq!(code, Some(0), "{words}");
    assert!(words.contains("stopped"), "{words}");
}

#[test]
fn what_is_under_way_is_committed_before_the_end() {
    let place = Place::new();
    let service = Service::start(&place);
    let body = format!("[{}]", STORY.trim_end().replace('\n', ","));
    let mut stream = service.connect();
    write!(
        stream,
        "POST /events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n",
        body.len()
    )
    .unwrap();
    // The service has begun to read the request, and is told to stop in the middle of it.
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    assert!(line.starts_with("HTTP/1.1 100"), "{line}");
    service.tell_to_stop();
    while TcpStream::connect(service.address).is_ok() {}
    stream.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    reader.read_to_string(&mut answer).unwrap();
    assert!(answer.trim_start().starts_with("HTTP/1.1 2"), "{answer}");
    let (code, words) = service.end();
    assert_eq!(code, Some(0), "{words}");
    let stats = place.run(&["stats", "--json"]).expect(0).json();
    assert_eq!(stats["event_count"], 3);
    assert!(!place.path(".customeriq/customeriq.db-wal").exists(), "the log is in the file");
}

#[test]
fn a_file_that_is_served_is_not_replaced() {
    let place = Place::with_story();
    let service = Service::start(&place);
    assert!(service.get("/readyz").starts_with("HTTP/1.1 200"));
    let ran = place.run(&["rebuild", "--replace"]).expect(1);
    assert!(ran.err.contains("stop `customeriq serve`"), "{}", ran.err);
    place.run(&["rebuild"]).expect(0);
    service.tell_to_stop();
    assert_eq!(service.end().0, Some(0));
}

#[test]
fn beyond_this_machine_tokens_are_needed() {
    let place = Place::new();
    let told = place.run(&["serve", "--listen", "0.0.0.0", "--port", "0"]).expect(2);
    assert!(told.err.contains("CUSTOMERIQ_TOKENS"), "{}", told.err);
    let mut command = place.command(&["serve", "--port", "0"]);
    command.env("CUSTOMERIQ_TOKENS", "hush");
    let ran = ran(command, b"").expect(2);
    assert!(ran.err.contains("CUSTOMERIQ_TOKENS") && !ran.err.contains("hush"), "{}", ran.err);
}

#[test]
fn the_start_says_which_channels_leave_the_machine() {
    let place = Place::new();
    let words = Service::start(&place).stop();
    assert!(words.contains("channels that leave this machine: none"), "{words}");
    let mut command = place.command(&["serve", "--port", "0", "--every", "off"]);
    command.env("SMTP_HOST", "mail.example.com").env("SMTP_FROM", "shop@example.com");
    let words = Service::launch(command).stop();
    assert!(words.contains("channels that leave this machine: email; "), "{words}");
    assert!(words.contains("to the console: whatsapp, sms"), "{words}");
    assert!(!words.contains("example.com"), "{words}");
}

#[test]
fn a_provider_half_set_up_is_refused_with_the_name_of_what_is_missing() {
    let place = Place::new();
    for (given, missing) in
        [(("TWILIO_ACCOUNT_SID", "AC1"), "TWILIO_AUTH_TOKEN"), (("SMTP_USER", "hush"), "SMTP_HOST")]
    {
        let mut command = place.command(&["serve", "--port", "0"]);
        command.env(given.0, given.1);
        let ran = ran(command, b"").expect(2);
        assert!(ran.err.contains(given.0) && ran.err.contains(missing), "{}", ran.err);
        assert!(!ran.err.contains("hush"), "{}", ran.err);
        assert!(!place.db().exists());
    }
    for every in ["1", "0s", "25h", "never"] {
        let ran = place.run(&["serve", "--port", "0", "--every", every]).expect(2);
        assert!(ran.err.contains("60s"), "{}", ran.err);
    }
}
