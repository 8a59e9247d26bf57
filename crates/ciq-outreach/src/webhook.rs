//! Webhooks: a JSON document by POST, signed, to an address that an automation names.

use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request};
use jiff::Timestamp;
use serde::de::IgnoredAny;
use sha2::Sha256;
use url::Url;

use crate::http::{self, Answer, HttpClient, NoAnswer, is_loopback};
use crate::text::{hex, key_header};
use crate::{Outgoing, Secret, SendError, Sent, WebhookSettings};

const PROVIDER: &str = "the webhook";

/// The header of the signature: `t=<seconds since 1970>,v1=<HMAC-SHA-256 of "t.body" in hex>`.
const SIGNATURE: &str = "x-customeriq-signature";

/// A way to webhooks.
#[derive(Debug)]
pub(crate) struct Webhook<'a> {
    pub(crate) client: &'a HttpClient,
    pub(crate) settings: &'a WebhookSettings,
    pub(crate) now: Timestamp,
}

impl Webhook<'_> {
    pub(crate) async fn send(&self, message: &Outgoing) -> Result<Sent, SendError> {
        let url = usable(&message.to)?;
        let request = self.request(&url, message)?;
        let host = url.host_str().unwrap_or_default().to_owned();
        // Causes name the host at times, and the address is the recipient's.
        let hidden = |reason: String| reason.replace(&host, "***");
        match self.client.request(request, self.now).await {
            Ok(answer) => outcome(&answer, &message.idempotency_key),
            Err(NoAnswer::NotSent(reason)) => Err(SendError::transient(PROVIDER, hidden(reason))),
            Err(NoAnswer::Sent(reason)) => Err(SendError::unknown(PROVIDER, hidden(reason))),
        }
    }

    fn request(&self, url: &Url, message: &Outgoing) -> Result<Request<Bytes>, SendError> {
        let refused = |reason: &str| SendError::permanent(PROVIDER, reason);
        if serde_json::from_str::<IgnoredAny>(&message.body).is_err() {
            return Err(refused("its body is no JSON document: correct the template"));
        }
        let unusable = |_| refused("its address is unusable: write https://HOST/PATH");
        let mut request = Request::new(Bytes::from(message.body.clone()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = url.as_str().parse().map_err(unusable)?;
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(key) = key_header(&message.idempotency_key) {
            headers.insert("idempotency-key", key);
        }
        match &self.settings.secret {
            Some(secret) => {
                let signed = signature(secret, self.now.as_second(), &message.body);
                let signed = signed.and_then(|text| HeaderValue::from_str(&text).ok());
                let signed = signed.ok_or_else(|| refused("it could not be signed"))?;
                headers.insert(SIGNATURE, signed);
            }
            None if url.host().is_some_and(|host| is_loopback(&host)) => {}
            None => {
                let reason = "it would go unsigned to another machine: set OUTREACH_WEBHOOK_SECRET";
                return Err(refused(reason));
            }
        }
        Ok(request)
    }
}

/// Reads an address. What is wrong with it is told without it.
fn usable(text: &str) -> Result<Url, SendError> {
    let unusable =
        |reason: &str| SendError::permanent(PROVIDER, format!("its address is unusable: {reason}"));
    let url = Url::parse(text).map_err(|error| unusable(&error.to_string()))?;
    http::check(&url).map_err(unusable)?;
    Ok(url)
}

/// Signs a body: the time is signed too, so that a receiver can refuse what was recorded.
fn signature(secret: &Secret, second: i64, body: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).ok()?;
    mac.update(format!("{second}.").as_bytes());
    mac.update(body.as_bytes());
    Some(format!("t={second},v1={}", hex(&mac.finalize().into_bytes())))
}

fn outcome(answer: &Answer, key: &str) -> Result<Sent, SendError> {
    let status = answer.status;
    let number = status.as_u16();
    if status.is_success() {
        return Ok(Sent::accepted(format!("webhook:{key}"), number.to_string()));
    }
    if answer.is_for_now() {
        let (reason, retry_after) = (format!("HTTP {number}"), answer.retry_after);
        return Err(SendError::Transient { provider: PROVIDER, reason, retry_after });
    }
    let reason = if status.is_redirection() {
        format!("HTTP {number}: redirects are not followed: name the last address")
    } else {
        format!("HTTP {number}: check the address and what it expects")
    };
    let code = Some(u32::from(number));
    Err(SendError::Permanent { provider: PROVIDER, code, reason })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_covers_time_and_body() {
        let signed = |second, body| signature(&Secret::new("hush"), second, body).unwrap();
        let first = signed(1_700_000_000, "{}");
        assert!(first.starts_with("t=1700000000,v1="));
        assert_eq!(first.len(), "t=1700000000,v1=".len() + 64);
        assert_ne!(first.split_once(",v1="), signed(1_700_000_001, "{}").split_once(",v1="));
        assert_ne!(first, signed(1_700_000_000, "[]"));
    }
}
