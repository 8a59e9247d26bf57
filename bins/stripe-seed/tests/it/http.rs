//! A request over a plain socket, so that nothing of the program under test is in the way.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::Value;

/// Asks a server for JSON; the answer is nothing where it was lost.
#[track_caller]
pub(crate) fn ask(address: &str, (method, path): (&str, &str), body: &str) -> (u16, Value) {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    let asked = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         authorization: Bearer sk_test_tester\r\n\
         content-type: application/x-www-form-urlencoded\r\n\
         content-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(asked.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let Some((head, body)) = answer.split_once("\r\n\r\n") else { return (0, Value::Null) };
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap_or_default())
}

/// Reads what somebody sends before the body, and answers that it has arrived.
pub(crate) fn head_of(mut stream: TcpStream) -> String {
    let mut text = String::new();
    let mut part = [0; 4_096];
    while !text.contains("\r\n\r\n") {
        let size = stream.read(&mut part).unwrap();
        assert!(size > 0, "it ended: {text}");
        text.push_str(&String::from_utf8_lossy(&part[..size]));
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
    text.split_once("\r\n\r\n").unwrap().0.to_owned()
}
