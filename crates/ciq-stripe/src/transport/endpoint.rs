//! Where Stripe is, or what stands in for it.

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

use crate::Server;

/// Stripe's own address.
const STRIPE: &str = "https://api.stripe.com";

/// The variable that names another address, for messages.
pub(crate) const BASE_VARIABLE: &str = "STRIPE_API_BASE";

/// An address that takes Stripe's requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Without a slash at its end.
    base: String,
    is_plain: bool,
}

/// Why an address cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// It is no address.
    #[error("could not read `{text}` as an address: set {BASE_VARIABLE} to one such as {STRIPE}")]
    Invalid {
        /// The text.
        text: String,
    },
    /// The key would travel in the open.
    #[error(
        "a key would travel in the open to `{text}`: set {BASE_VARIABLE} to an https address, or to \
         one of this machine"
    )]
    Open {
        /// The address.
        text: String,
    },
    /// It has a query, a fragment or a login.
    #[error("an address in {BASE_VARIABLE} has no login, no `?` and no `#`; a path is allowed")]
    Extra,
}

impl Endpoint {
    /// Returns Stripe's own.
    #[must_use]
    pub fn stripe() -> Self {
        Self { base: STRIPE.to_owned(), is_plain: false }
    }

    /// Parses an address: `https://…`, or `http://…` on this machine. It may have a path.
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        let invalid = || EndpointError::Invalid { text: text.to_owned() };
        let url = Url::parse(text.trim()).map_err(|_| invalid())?;
        if url.query().is_some()
            || url.fragment().is_some()
            || !url.username().is_empty()
            || url.password().is_some()
        {
            return Err(EndpointError::Extra);
        }
        let is_plain = match url.scheme() {
            "https" => false,
            "http" if is_loopback(&url) => true,
            "http" => return Err(EndpointError::Open { text: text.to_owned() }),
            _ => return Err(invalid()),
        };
        Ok(Self { base: url.as_str().trim_end_matches('/').to_owned(), is_plain })
    }

    /// Returns how a run's file names it.
    #[must_use]
    pub fn server(&self) -> Server {
        if *self == Self::stripe() { Server::Stripe } else { Server::At { url: self.base.clone() } }
    }

    /// Tells whether it goes without TLS.
    pub(super) fn is_plain(&self) -> bool {
        self.is_plain
    }

    /// Returns the whole address of a path.
    pub(super) fn uri(&self, path: &str, query: Option<&str>) -> String {
        let base = &self.base;
        match query {
            None => format!("{base}/v1{path}"),
            Some(query) => format!("{base}/v1{path}?{query}"),
        }
    }
}

impl Default for Endpoint {
    fn default() -> Self {
        Self::stripe()
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.base)
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        None => false,
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, uri: &str) {
        assert_eq!(Endpoint::parse(text).unwrap().uri("/prices", Some("limit=1")), uri);
    }

    #[test]
    fn an_address_may_have_a_path() {
        check("https://api.stripe.com/", "https://api.stripe.com/v1/prices?limit=1");
        check("http://localhost:12111", "http://localhost:12111/v1/prices?limit=1");
        check("http://127.0.0.1:1/a/b/", "http://127.0.0.1:1/a/b/v1/prices?limit=1");
        check("http://[::1]:1", "http://[::1]:1/v1/prices?limit=1");
    }

    #[test]
    fn a_key_does_not_travel_in_the_open() {
        let open = Endpoint::parse("http://api.stripe.com");
        assert!(matches!(open, Err(EndpointError::Open { .. })), "{open:?}");
        assert!(Endpoint::parse("http://10.0.0.1").is_err());
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "stripe", "ftp://localhost", "https://a/?b", "https://a/#b", "https://u@a"]
        {
            assert!(Endpoint::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn stripe_itself_is_told_from_others() {
        assert_eq!(Endpoint::parse("https://api.stripe.com/").unwrap().server(), Server::Stripe);
        let other = Endpoint::parse("http://localhost:1").unwrap().server();
        assert_eq!(other, Server::At { url: "http://localhost:1".to_owned() });
    }
}
