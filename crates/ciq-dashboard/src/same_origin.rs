//! Keeps other sites from posting our forms in a visitor's name.
//!
//! Browsers say where a request comes from (`Sec-Fetch-Site`, older ones `Origin`), and pages
//! cannot change what they say, so no token in the form is needed. What sends neither header is
//! no browser and carries nobody's authority but its own.

use axum::http::{HeaderMap, header};

/// Tells whether a request that changes something comes from one of our own pages.
pub(crate) fn is_same_origin(headers: &HeaderMap) -> bool {
    let word = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    if let Some(site) = word("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    let Some(origin) = word(header::ORIGIN.as_str()) else { return true };
    let host = word(header::HOST.as_str()).unwrap_or_default();
    // The scheme is unknown behind a proxy; a page of another site never has our host.
    let named = origin.split_once("://").map_or("", |(_scheme, rest)| rest);
    !host.is_empty() && named.eq_ignore_ascii_case(host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    #[track_caller]
    fn check(pairs: &[(&'static str, &'static str)], is_ours: bool) {
        let headers = pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        assert_eq!(is_same_origin(&headers.collect()), is_ours, "{pairs:?}");
    }

    #[test]
    fn our_own_pages_may_post() {
        check(&[("sec-fetch-site", "same-origin")], true);
        check(&[("origin", "http://127.0.0.1:3000"), ("host", "127.0.0.1:3000")], true);
        check(&[("host", "127.0.0.1:3000")], true);
    }

    #[test]
    fn other_sites_may_not_post() {
        check(&[("sec-fetch-site", "cross-site")], false);
        check(&[("sec-fetch-site", "same-site")], false);
        check(&[("origin", "https://evil.example"), ("host", "127.0.0.1:3000")], false);
        check(&[("origin", "null"), ("host", "127.0.0.1:3000")], false);
        check(&[("origin", "http://127.0.0.1:3000")], false);
        check(&[("sec-fetch-site", "cross-site"), ("origin", "http://h"), ("host", "h")], false);
    }
}
