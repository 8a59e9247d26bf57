//! Events on their way to a webhook: signed, in order, tried a few times.

use std::fmt::Write as _;
use std::time::Duration;

use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http_body_util::Full;
use hyper::header::CONTENT_TYPE;
use hyper::{Method, Request};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use jiff::Timestamp;
use sha2::Sha256;
use url::Url;

use crate::{TwinError, WebhookTarget};

/// How long to wait before each further try.
const PAUSES: [Duration; 3] =
    [Duration::from_millis(100), Duration::from_millis(500), Duration::from_secs(2)];

/// How long one try may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A way to a webhook.
#[derive(Debug)]
pub(crate) struct Webhook {
    target: WebhookTarget,
    client: WebhookClient,
}

#[derive(Debug)]
enum WebhookClient {
    Plain(Client<HttpConnector, Full<Bytes>>),
    Tls(Client<HttpsConnector<HttpConnector>, Full<Bytes>>),
}

impl Webhook {
    /// Checks the address.
    pub(crate) fn new(target: &WebhookTarget) -> Result<Self, TwinError> {
        let unusable = |reason: &dyn ToString| TwinError::Webhook {
            url: target.url.clone(),
            reason: reason.to_string(),
        };
        let url = Url::parse(&target.url).map_err(|error| unusable(&error))?;
        let builder = Client::builder(TokioExecutor::new());
        let client = match url.scheme() {
            "http" => WebhookClient::Plain(builder.build(HttpConnector::new())),
            "https" => {
                let roots = HttpsConnectorBuilder::new().with_native_roots();
                let roots = roots.map_err(|error| unusable(&error))?;
                WebhookClient::Tls(builder.build(roots.https_only().enable_http1().build()))
            }
            _ => return Err(unusable(&"write http://HOST/PATH or https://HOST/PATH")),
        };
        Ok(Self { target: target.clone(), client })
    }

    /// Brings an event. It is taken when the answer is a success.
    pub(crate) async fn deliver(
        &self,
        event: &str,
        clock: fn() -> Timestamp,
    ) -> Result<(), String> {
        let mut outcome = self.attempt(event, clock()).await;
        for pause in PAUSES {
            if outcome.is_ok() {
                break;
            }
            tokio::time::sleep(pause).await;
            outcome = self.attempt(event, clock()).await;
        }
        outcome
    }

    async fn attempt(&self, event: &str, now: Timestamp) -> Result<(), String> {
        let signature = signature(&self.target.secret, now.as_second(), event)
            .ok_or("it could not be signed")?;
        let request = Request::builder()
            .method(Method::POST)
            .uri(&self.target.url)
            .header(CONTENT_TYPE, "application/json; charset=utf-8")
            .header("stripe-signature", signature)
            .body(Full::new(Bytes::from(event.to_owned())))
            .map_err(|error| error.to_string())?;
        let answering = match &self.client {
            WebhookClient::Plain(client) => client.request(request),
            WebhookClient::Tls(client) => client.request(request),
        };
        let answer = tokio::time::timeout(TIMEOUT, answering).await;
        let answer = answer.map_err(|_| "no answer in time".to_owned())?;
        let status = answer.map_err(|error| error.to_string())?.status();
        if status.is_success() { Ok(()) } else { Err(format!("HTTP {}", status.as_u16())) }
    }
}

/// Signs an event as Stripe does: `t=<seconds>,v1=<HMAC-SHA-256 of "t.body" in hex>`.
fn signature(secret: &str, second: i64, body: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(format!("{second}.{body}").as_bytes());
    let mut text = format!("t={second},v1=");
    for byte in mac.finalize().into_bytes() {
        write!(text, "{byte:02x}").ok()?;
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_the_hmac_of_time_and_body() {
        // By `printf '1767225600.{}' | openssl dgst -sha256 -hmac whsec_test`.
        let expected =
            "t=1767225600,v1=4a942ef9477fb7b15b98664cf7ff2c2543984c1fa6bdf3520b48dcb25bcd1fe4";
        assert_eq!(signature("whsec_test", 1_767_225_600, "{}").as_deref(), Some(expected));
    }

    #[test]
    fn an_address_must_be_http_or_https() {
        let target = |url: &str| WebhookTarget { url: url.to_owned(), secret: String::new() };
        assert!(Webhook::new(&target("http://127.0.0.1:1/hook")).is_ok());
        for url in ["ftp://example.com", "nowhere", ""] {
            let error = Webhook::new(&target(url)).unwrap_err();
            assert!(matches!(error, TwinError::Webhook { .. }), "{url}");
        }
    }
}
