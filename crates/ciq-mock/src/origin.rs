//! Who may ask: programs and pages of this machine, while the service listens there only.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::header::{HOST, HeaderName, ORIGIN};
use axum::http::uri::{Authority, Uri};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use crate::problem::{Problem, ProblemKind};

/// Refuses what a page of somebody else may have sent: under a name that was made to point at this
/// machine (DNS rebinding), or from another site's form. No browser leaves out `Host`, so a request
/// without one is let through.
pub(crate) async fn refuse_strangers(request: Request, next: Next) -> Result<Response, Problem> {
    check_names(request.headers())?;
    Ok(next.run(request).await)
}

/// Reads a name out of a header.
type Reader = fn(&HeaderValue) -> Option<Authority>;

fn check_names(headers: &HeaderMap) -> Result<(), Problem> {
    let names = |name: HeaderName, authority: Reader, detail: &str| {
        let is_ours = |value| authority(value).is_some_and(|it| is_of_this_machine(&it));
        let is_fine = headers.get_all(&name).iter().all(is_ours);
        let problem = || Problem::new(ProblemKind::Forbidden, detail).at(name.as_str());
        if is_fine { Ok(()) } else { Err(problem()) }
    };
    names(
        HOST,
        |value| Authority::try_from(value.as_bytes()).ok(),
        "only this machine is served: the Host must be localhost or a loopback address",
    )?;
    names(
        ORIGIN,
        |value| Uri::try_from(value.as_bytes()).ok()?.into_parts().authority,
        "pages of other sites are not served",
    )
}

fn is_of_this_machine(authority: &Authority) -> bool {
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let is_loopback = host.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback());
    host == "localhost" || is_loopback
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &'static str, value: &'static str, expect: bool) {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_static(value));
        assert_eq!(check_names(&headers).is_ok(), expect, "{name}: {value}");
    }

    #[test]
    fn only_this_machines_names_are_served() {
        for host in ["localhost:4001", "LOCALHOST", "127.0.0.1", "127.1.2.3:80", "[::1]:4001"] {
            check("host", host, true);
        }
        for host in ["evil.example", "localhost.evil.example", "0.0.0.0:4001", "192.168.1.2"] {
            check("host", host, false);
        }
        check("origin", "http://localhost:5173", true);
        check("origin", "https://evil.example", false);
        check("origin", "null", false);
    }
}
