//! `serve` as a process of its own: started, asked, told to stop, killed.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStderr, Command, Stdio};

use serde_json::Value;

use crate::support::Place;

/// A service that runs until the end of the test.
pub(crate) struct Service {
    child: Child,
    told: Option<BufReader<ChildStderr>>,
    pub(crate) address: SocketAddr,
}

impl Service {
    pub(crate) fn start(place: &Place) -> Self {
        Self::launch(place.command(&["serve", "--port", "0"]))
    }

    /// Starts a service in which nothing happens by itself, with further variables.
    pub(crate) fn start_still(place: &Place, variables: &[(&str, String)]) -> Self {
        let mut command = place.command(&["serve", "--port", "0", "--every", "off"]);
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        Self::launch(command)
    }

    pub(crate) fn launch(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut told = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        told.read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).unwrap_or_else(|| panic!("{line}"));
        let address = address.split_whitespace().next().unwrap().parse().unwrap();
        Self { child, told: Some(told), address }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).unwrap()
    }

    pub(crate) fn ask(&self, request: &str) -> String {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    pub(crate) fn get(&self, path: &str) -> String {
        self.ask(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
    }

    /// Asks for JSON.
    #[track_caller]
    pub(crate) fn json(&self, path: &str) -> Value {
        body(&self.get(path))
    }

    /// Posts JSON, which is to be taken; returns what came back.
    #[track_caller]
    pub(crate) fn post(&self, path: &str, value: &Value) -> Value {
        body(&self.ask(&posting(path, value)))
    }

    /// Posts JSON without waiting for an answer. The answer comes by the stream.
    pub(crate) fn post_only(&self, path: &str, value: &Value) -> TcpStream {
        let mut stream = self.connect();
        stream.write_all(posting(path, value).as_bytes()).unwrap();
        stream
    }

    pub(crate) fn tell_to_stop(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    }

    /// Ends it as a crash would.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for the end; returns the exit code and the last words.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        let mut words = String::new();
        self.told.take().unwrap().read_to_string(&mut words).unwrap();
        (self.child.wait().unwrap().code(), words)
    }

    /// Tells it to stop, and waits for its end and its last words.
    #[track_caller]
    pub(crate) fn stop(self) -> String {
        self.tell_to_stop();
        let (code, words) = self.end();
        assert_eq!(code, Some(0), "{words}");
        words
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn posting(path: &str, value: &Value) -> String {
    let body = value.to_string();
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// Returns the JSON of an answer that is no refusal.
#[track_caller]
fn body(answer: &str) -> Value {
    assert!(answer.starts_with("HTTP/1.1 2"), "{answer}");
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"))
}
