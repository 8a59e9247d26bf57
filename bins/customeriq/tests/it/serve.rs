//! `serve`: ready, asked, told to stop.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};

use crate::support::{Place, STORY};

/// A service that runs until the end of the test.
struct Service {
    child: Child,
    told: BufReader<std::process::ChildStderr>,
    address: SocketAddr,
}

impl Service {
    fn start(place: &Place) -> Self {
        let mut command = place.command(&["serve", "--port", "0"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut told = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        told.read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).unwrap_or_else(|| panic!("{line}"));
        let address = address.split_whitespace().next().unwrap().parse().unwrap();
        Self { child, told, address }
    }

    fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).unwrap()
    }

    fn ask(&self, request: &str) -> String {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn get(&self, path: &str) -> String {
        self.ask(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
    }

    fn tell_to_stop(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    }

    /// Waits for the end; returns the exit code and the last words.
    fn end(mut self) -> (Option<i32>, String) {
        let mut words = String::new();
        self.told.read_to_string(&mut words).unwrap();
        (self.child.wait().unwrap().code(), words)
    }
}

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
    let ran = place.run(&["serve", "--listen", "0.0.0.0", "--port", "0"]).expect(2);
    assert!(ran.err.contains("CUSTOMERIQ_TOKENS"), "{}", ran.err);
    let mut command = place.command(&["serve", "--port", "0"]);
    command.env("CUSTOMERIQ_TOKENS", "hush");
    let ran = crate::support::ran(command, b"").expect(2);
    assert!(ran.err.contains("CUSTOMERIQ_TOKENS") && !ran.err.contains("hush"), "{}", ran.err);
}
