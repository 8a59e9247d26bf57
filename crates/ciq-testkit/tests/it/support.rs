//! A client of a few words.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Far above what anything here takes, far below what a person waits.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// A connection that speaks the server's text protocol.
#[derive(Debug)]
pub(crate) struct Wire(BufReader<TcpStream>);

impl Wire {
    /// Connects and reads the greeting.
    pub(crate) fn open(address: SocketAddr) -> (Self, String) {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        let mut wire = Self(BufReader::new(stream));
        let greeting = wire.line();
        (wire, greeting)
    }

    /// Sends lines.
    pub(crate) fn say(&mut self, text: &str) {
        self.0.get_mut().write_all(text.as_bytes()).unwrap();
    }

    /// Reads a line; it is empty where the connection ended.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        // An end by reset is an end.
        drop(self.0.read_line(&mut line));
        line.trim_end().to_owned()
    }

    /// Logs in with the given options, says `PING` and returns the answer.
    pub(crate) fn ping(&mut self, options: &str) -> String {
        self.say(&format!("CONNECT {{\"verbose\":false{options}}}\r\nPING\r\n"));
        self.line()
    }

    /// Publishes by request and returns the answer's body.
    pub(crate) fn request(&mut self, subject: &str, body: &str) -> String {
        let length = body.len();
        self.say(&format!("SUB reply 1\r\nPUB {subject} reply {length}\r\n{body}\r\n"));
        self.line();
        self.line()
    }
    /// Asks on a connection of its own and returns the answer's body; where nobody is there to
    /// answer, the server says so at once, and the body is empty.
    pub(crate) fn ask(address: SocketAddr, subject: &str, body: &str) -> String {
        let (mut wire, _) = Self::open(address);
        wire.say("CONNECT {\"verbose\":false,\"headers\":true,\"no_responders\":true}\r\n");
        let first = wire.request(subject, body);
        if first.starts_with("NATS/1.0") { String::new() } else { first }
    }
}
