//! Under which names the service answers: its public URL, and, without tokens, this machine's.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::uri::{Authority, Uri};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use crate::{AppState, Problem, ProblemKind};

/// Why a text is no public URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a public URL such as https://events.example.com: {0:?}")]
pub struct PublicUrlError(String);

/// Under which URL the outside reaches this service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    base: String,
    host: String,
}

impl PublicUrl {
    /// Parses a URL: http or https, a host, perhaps a path, no query.
    pub fn parse(text: &str) -> Result<Self, PublicUrlError> {
        let error = || PublicUrlError(text.chars().take(80).collect());
        let base = text.trim().trim_end_matches('/');
        let uri: Uri = base.parse().map_err(|_| error())?;
        let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
        let authority = uri.authority().filter(|it| is_web && !it.as_str().contains('@'));
        let authority = authority.ok_or_else(error)?;
        if uri.query().is_some() || base.contains('#') {
            return Err(error());
        }
        Ok(Self { base: base.to_owned(), host: plain_host(authority) })
    }

    /// Returns the URL of a path and its query.
    pub(crate) fn join(&self, path_and_query: &str) -> String {
        format!("{}{path_and_query}", self.base)
    }
}

/// Without tokens, refuses requests that a page of somebody else may have sent: a name that was
/// made to point at this machine (DNS rebinding), or another site's form. No browser leaves out
/// `Host`, so a request without one is let through.
pub(crate) async fn refuse_strangers(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    if state.access().is_open() {
        let own = state.options().public_url.as_ref().map(|url| url.host.as_str());
        check_names(request.headers(), own)?;
    }
    Ok(next.run(request).await)
}

/// Refuses an upgrade that a page of another site asks for: no rule of the browser's keeps such a
/// page from opening a socket, and it would come with the visitor's cookies. Programs send no
/// `Origin`. Without tokens, [`refuse_strangers`] has looked already.
pub(crate) fn check_page(headers: &HeaderMap, state: &AppState) -> Result<(), Problem> {
    if state.access().is_open() {
        return Ok(());
    }
    let own = state.options().public_url.as_ref().map(|url| url.host.clone());
    let host = headers.get(HOST).and_then(authority_of).map(|host| plain_host(&host));
    let is_own = |origin: &HeaderValue| {
        let page = origin_of(origin).map(|origin| plain_host(&origin));
        page.is_some() && (page == host || page == own)
    };
    if !headers.get_all(ORIGIN).iter().all(is_own) {
        let detail = "pages of other sites are not served";
        return Err(Problem::new(ProblemKind::Forbidden, detail).at("origin"));
    }
    Ok(())
}

fn check_names(headers: &HeaderMap, own: Option<&str>) -> Result<(), Problem> {
    if !headers.get_all(HOST).iter().all(|host| is_ours(authority_of(host), own)) {
        let detail = "no token is configured, so only this machine is served: the Host must be \
                      localhost, a loopback address or that of the public URL";
        return Err(Problem::new(ProblemKind::Forbidden, detail).at("host"));
    }
    if !headers.get_all(ORIGIN).iter().all(|origin| is_ours(origin_of(origin), own)) {
        let detail = "no token is configured, so pages of other sites are not served";
        return Err(Problem::new(ProblemKind::Forbidden, detail).at("origin"));
    }
    Ok(())
}

fn authority_of(host: &HeaderValue) -> Option<Authority> {
    Authority::try_from(host.as_bytes()).ok()
}

fn origin_of(origin: &HeaderValue) -> Option<Authority> {
    Uri::try_from(origin.as_bytes()).ok()?.into_parts().authority
}

fn is_ours(authority: Option<Authority>, own: Option<&str>) -> bool {
    let Some(authority) = authority else { return false };
    let host = plain_host(&authority);
    let is_loopback = host.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback());
    host == "localhost" || is_loopback || own == Some(host.as_str())
}

/// Returns the host in lower case, without brackets, port and final dot.
fn plain_host(authority: &Authority) -> String {
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    host.trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &'static str, value: &'static str, expect: bool) {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_static(value));
        let is_let_in = check_names(&headers, Some("shop.example")).is_ok();
        assert_eq!(is_let_in, expect, "{name}: {value}");
    }

    #[test]
    fn only_this_machines_names_and_the_public_one_are_served() {
        for host in ["localhost:3000", "LOCALHOST", "127.0.0.1", "127.1.2.3:80", "[::1]:3000"] {
            check("host", host, true);
        }
        check("host", "shop.example", true);
        check("host", "Shop.Example.:443", true);
        for host in ["evil.example", "localhost.evil.example", "0.0.0.0:3000", "192.168.1.2", ""] {
            check("host", host, false);
        }
        check("host", "127.0.0.1.evil.example:3000", false);
    }

    #[test]
    fn pages_of_other_sites_are_not_served() {
        check("origin", "http://localhost:5173", true);
        check("origin", "https://shop.example", true);
        check("origin", "https://evil.example", false);
        check("origin", "null", false);
    }

    #[test]
    fn a_public_url_keeps_its_path() {
        let url = PublicUrl::parse("https://shop.example/iq/").unwrap();
        assert_eq!(url.join("/events?a=b"), "https://shop.example/iq/events?a=b");
        for bad in ["", "shop.example", "ftp://a", "https://", "https://a?b", "https://u:p@a"] {
            assert!(PublicUrl::parse(bad).is_err(), "{bad}");
        }
    }
}
