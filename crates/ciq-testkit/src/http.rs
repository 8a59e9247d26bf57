//! The least of HTTP: one GET to a server on this machine.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long one answer may take before it counts as none.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// Asks for a path and returns the body of a 200; anything else is an error with the status line.
pub(crate) fn get(address: SocketAddr, path: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, ANSWER_TIMEOUT)?;
    stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
    // The older version has the server close the connection, and send the body in one piece.
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    body(&answer).map(str::to_owned).map_err(|line| io::Error::other(line.to_owned()))
}

fn body(answer: &str) -> Result<&str, &str> {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((answer, ""));
    let line = head.lines().next().unwrap_or_default();
    if line.split(' ').nth(1) == Some("200") { Ok(body) } else { Err(line) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_200_has_a_body() {
        assert_eq!(body("HTTP/1.0 200 OK\r\nA: b\r\n\r\n{}"), Ok("{}"));
        let unavailable = "HTTP/1.0 503 Service Unavailable";
        assert_eq!(body(&format!("{unavailable}\r\n\r\n{{}}")), Err(unavailable));
        assert_eq!(body(""), Err(""));
    }
}
