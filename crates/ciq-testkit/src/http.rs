//! The least of HTTP: one question to a server on this machine.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
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

/// A question that carries JSON.
#[derive(Debug)]
pub(crate) struct Question<'a> {
    /// What to do: `GET`, `POST`, `DELETE`.
    pub(crate) method: &'a str,
    /// With what.
    pub(crate) path: &'a str,
    /// The JSON; nothing where it is empty.
    pub(crate) body: &'a str,
    /// How long the answer may take.
    pub(crate) limit: Duration,
}

/// Asks a question and returns the body of the answer, whatever its status is.
pub(crate) fn ask(address: SocketAddr, question: &Question<'_>) -> io::Result<String> {
    let Question { method, path, body, limit } = question;
    let mut stream = TcpStream::connect_timeout(&address, ANSWER_TIMEOUT)?;
    stream.set_read_timeout(Some(*limit))?;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    answer_body(&mut BufReader::new(stream))
}

/// Reads an answer up to the length that it names, since not every server closes.
fn answer_body(answer: &mut impl io::BufRead) -> io::Result<String> {
    let mut length = None;
    for line in answer.by_ref().lines() {
        let line = line?;
        if line.is_empty() {
            break;
        }
        let header = line.split_once(':').map(|(name, value)| (name, value.trim()));
        if let Some((_, value)) = header.filter(|it| it.0.eq_ignore_ascii_case("content-length")) {
            length = value.parse().ok();
        }
    }
    let mut body = String::new();
    answer.take(length.unwrap_or(u64::MAX)).read_to_string(&mut body)?;
    Ok(body)
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

    #[test]
    fn an_answer_is_read_up_to_its_length() {
        let answer = "HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\n{}more";
        assert_eq!(answer_body(&mut answer.as_bytes()).unwrap(), "{}");
        assert_eq!(answer_body(&mut "HTTP/1.1 200 OK\r\n\r\n{}".as_bytes()).unwrap(), "{}");
    }
}
