//! One request over HTTP, and what is known when it fails.

mod client;
mod payload;

use std::net::Ipv4Addr;
use std::time::Duration;

use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::HeaderValue;
use jiff::{Timestamp, fmt::rfc2822};
use url::{Host, Url};

pub(crate) use client::HttpClient;

/// The longest wait that a server may ask for: after a day it is asked whatever it said.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// What a server said.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) retry_after: Option<Duration>,
    /// Empty where it could not be read to its end.
    pub(crate) body: Bytes,
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum NoAnswer {
    /// The request did not go out.
    NotSent(String),
    /// The request went out, as a whole or in part.
    Sent(String),
}

impl NoAnswer {
    pub(crate) fn into_reason(self) -> String {
        match self {
            Self::NotSent(reason) | Self::Sent(reason) => reason,
        }
    }
}

impl Answer {
    /// Tells whether the same request may succeed later.
    pub(crate) fn is_for_now(&self) -> bool {
        let (busy, late) = (StatusCode::TOO_MANY_REQUESTS, StatusCode::REQUEST_TIMEOUT);
        self.status.is_server_error() || self.status == busy || self.status == late
    }
}

/// Tells what is wrong with an address, if anything is.
pub(crate) fn check(url: &Url) -> Result<(), &'static str> {
    let Some(host) = url.host() else { return Err("it names no host") };
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it must not hold a user or a password");
    }
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_loopback(&host) => Ok(()),
        "http" => Err("plain http is for this machine only: write https"),
        _ => Err("write https://HOST/PATH"),
    }
}

/// Tells whether a host is this machine.
pub(crate) fn is_loopback<S: AsRef<str>>(host: &Host<S>) -> bool {
    match host {
        // RFC 6761, section 6.3: this name means nothing else.
        Host::Domain(name) => name.as_ref().eq_ignore_ascii_case("localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => {
            address.is_loopback()
                || address.to_ipv4_mapped().is_some_and(|it| Ipv4Addr::is_loopback(&it))
        }
    }
}

/// Tells whether a mail server's name or address is this machine.
pub(crate) fn is_this_machine(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    // Hosts of URLs have brackets around a v6 address, and mail servers have not.
    let bracketed = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    match Host::parse(&bracketed) {
        Ok(host) => is_loopback(&host),
        Err(_) => false,
    }
}

/// Reads how long to wait: seconds or a date, RFC 9110, section 10.2.3.
fn retry_after(value: &HeaderValue, now: Timestamp) -> Option<Duration> {
    let text = value.to_str().ok()?.trim();
    let seconds = text.parse().ok().map(Duration::from_secs);
    let until = |date: Timestamp| Duration::try_from(date.duration_since(now)).unwrap_or_default();
    let date = || Some(until(rfc2822::parse(text).ok()?.timestamp()));
    let wait = seconds.or_else(date)?;
    Some(wait.min(RETRY_AFTER_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn waits(text: &str, seconds: Option<u64>) {
        let now = "2026-03-01T10:00:00Z".parse().unwrap();
        let value = HeaderValue::from_str(text).unwrap();
        assert_eq!(retry_after(&value, now), seconds.map(Duration::from_secs), "{text}");
    }

    #[test]
    fn a_wait_is_told_in_seconds_or_as_a_date() {
        waits("7", Some(7));
        waits(" 0 ", Some(0));
        waits("Sun, 01 Mar 2026 10:01:30 GMT", Some(90));
        waits("Sun, 01 Mar 2026 09:00:00 GMT", Some(0));
        waits("999999999", Some(86_400));
        waits("soon", None);
        waits("-1", None);
    }

    #[test]
    fn plain_http_is_for_this_machine() {
        let verdict = |text: &str| check(&Url::parse(text).unwrap()).is_ok();
        for text in
            ["https://example.com", "http://127.0.0.1:80", "http://[::1]", "http://localhost"]
        {
            assert!(verdict(text), "{text}");
        }
        for text in ["http://example.com", "http://10.0.0.1", "http://localhost.example.com"] {
            assert!(!verdict(text), "{text}");
        }
        for text in ["https://ann:hush@example.com", "ftp://example.com", "mailto:a@example.com"] {
            assert!(!verdict(text), "{text}");
        }
    }
}
