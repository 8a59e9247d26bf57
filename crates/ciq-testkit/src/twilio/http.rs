//! As much of HTTP/1.1 as a double needs.

use std::io::{self, BufRead, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// Most bytes of a body: Twilio's longest message has 1,600 characters.
const BODY_BYTES_MAX: u64 = 1024 * 1024;

/// A request. Names of headers are in lower case.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    form: Vec<(String, String)>,
}

impl Request {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn form(&self, name: &str) -> Option<String> {
        self.form.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }
}

/// An answer in JSON.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: String,
    pub(super) retry_after: Option<Duration>,
}

impl Answer {
    pub(super) fn with_retry_after(mut self, retry_after: Duration) -> Self {
        self.retry_after = Some(retry_after);
        self
    }
}

/// Reads a request, or `None` where the client has ended.
pub(super) fn read(reader: &mut impl BufRead) -> io::Result<Option<Request>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let headers = read_headers(reader)?;
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: u64 = length.and_then(|(_, value)| value.parse().ok()).unwrap_or_default();
    let mut body = Vec::new();
    reader.by_ref().take(length.min(BODY_BYTES_MAX)).read_to_end(&mut body)?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let (path, query) = (path.to_owned(), pairs(query.as_bytes()));
    Ok(Some(Request { method, path, query, headers, form: pairs(&body) }))
}

fn read_headers(reader: &mut impl BufRead) -> io::Result<Vec<(String, String)>> {
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        let is_end = reader.read_line(&mut line)? == 0 || line.trim().is_empty();
        if is_end {
            return Ok(headers);
        }
        if let Some((name, value)) = line.split_once(':') {
            headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
}

fn pairs(text: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(text).into_owned().collect()
}

/// Writes an answer; the connection stays open.
pub(super) fn write(mut client: &TcpStream, answer: &Answer) -> io::Result<()> {
    let Answer { status, body, retry_after } = answer;
    let retry_after = retry_after.map(|it| format!("Retry-After: {}\r\n", it.as_secs()));
    let retry_after = retry_after.unwrap_or_default();
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} -\r\nContent-Type: application/json\r\n{retry_after}\
         Content-Length: {length}\r\n\r\n"
    );
    client.write_all((head + body).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_to_the_end_of_its_body_and_no_further() {
        let mut text: &[u8] =
            b"POST /a?To=%2B1 HTTP/1.1\r\nContent-Length: 7\r\n\r\nBody=a+GET /b HTTP/1.1\r\n\r\n";
        let first = read(&mut text).unwrap().unwrap();
        assert_eq!((first.method.as_str(), first.path.as_str()), ("POST", "/a"));
        assert_eq!(first.query, [("To".to_owned(), "+1".to_owned())]);
        assert_eq!(first.header("content-length"), Some("7"));
        assert_eq!((first.form("Body"), first.form("To")), (Some("a ".to_owned()), None));
        assert_eq!(read(&mut text).unwrap().unwrap().path, "/b");
        assert!(read(&mut text).unwrap().is_none());
    }
}
