//! The service as a process, asked over HTTP.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::support::Place;

/// Long enough for anything here.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// A service that runs, and its folder.
#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) place: Place,
    child: Kept,
    errors: BufReader<ChildStderr>,
    /// Where it is.
    pub(crate) address: String,
}

/// A process that ends with its owner.
#[derive(Debug)]
struct Kept(Child);

impl Drop for Kept {
    fn drop(&mut self) {
        // One that has ended already cannot be ended.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}\n{}", self.head, self.body);
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|it| panic!("{it}: {}", self.body))
    }
}

impl Served {
    /// Starts the service on a free port, its events into `events.ndjson`.
    pub(crate) fn start() -> Self {
        let place = Place::new();
        let flags = ["serve", "--port", "0", "--sink", "file"];
        let command = place.command(&flags);
        Self::run(place, command)
    }

    /// Starts the service with users of a fixed seed.
    pub(crate) fn seeded(count: u32) -> Self {
        let served = Self::start();
        served.post("/seed-users", &format!(r#"{{"count":{count},"seed":42}}"#)).expect(200);
        served
    }

    pub(crate) fn run(place: Place, mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut errors = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains("mockgen is at") {
            line.clear();
            assert_ne!(errors.read_line(&mut line).unwrap(), 0, "the service ended");
        }
        let after = line.split("http://").nth(1).unwrap();
        let address = after.split_whitespace().next().unwrap().to_owned();
        Self { place, child: Kept(child), errors, address }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], "")
    }

    pub(crate) fn post(&self, path: &str, body: &str) -> Answer {
        self.ask("POST", path, &["content-type: application/json"], body)
    }

    pub(crate) fn ask(&self, method: &str, path: &str, headers: &[&str], body: &str) -> Answer {
        ask(&self.address, (method, path), headers, body)
    }

    /// Stops it as `kill` does; returns what it said at the end, and its exit code.
    pub(crate) fn stop(mut self) -> (Place, String, Option<i32>) {
        let id = self.child.0.id().to_string();
        assert!(Command::new("kill").arg(&id).status().unwrap().success());
        let mut said = String::new();
        self.errors.read_to_string(&mut said).unwrap();
        (self.place, said, self.child.0.wait().unwrap().code())
    }
}

/// Asks a server and reads its answer to the end.
pub(crate) fn ask(
    address: &str,
    (method, path): (&str, &str),
    headers: &[&str],
    body: &str,
) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    let is_host_told = headers.iter().any(|header| header.starts_with("host:"));
    let host = if is_host_told { String::new() } else { format!("host: {address}\r\n") };
    let headers: String = headers.iter().flat_map(|header| [*header, "\r\n"]).collect();
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nconnection: close\r\n{host}{headers}content-length: \
         {length}\r\n\r\n{body}"
    );
    // A server that refuses a body may close before it has read all of it.
    drop(stream.write_all(request.as_bytes()));
    let mut answer = Vec::new();
    drop(stream.read_to_end(&mut answer));
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let head = head.to_lowercase();
    let status = head.split(' ').nth(1).unwrap_or_default().parse().unwrap_or(0);
    let body =
        if head.contains("transfer-encoding: chunked") { unchunked(body) } else { body.to_owned() };
    Answer { status, head, body }
}

fn unchunked(mut body: &str) -> String {
    let mut whole = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap();
        whole.push_str(&rest[..size]);
        body = &rest[size + 2..];
    }
    whole
}
