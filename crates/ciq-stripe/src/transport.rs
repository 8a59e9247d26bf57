//! How a request reaches Stripe: one client over kept connections, that shows what the answer's
//! headers say.

mod endpoint;

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::header::{
    AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER, USER_AGENT,
};
use hyper::{Method, Request, Response, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error as ClientError};
use hyper_util::rt::TokioExecutor;
use stripe_client_core::{
    CustomizedStripeRequest, RequestBuilder, RequestStrategy, StripeClient, StripeClientErr,
    StripeMethod, VERSION,
};

use crate::SecretKey;
pub(crate) use endpoint::BASE_VARIABLE;
pub use endpoint::{Endpoint, EndpointError};

/// How long an attempt may take, its answer included. Stripe itself gives up at about this time.
pub const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(80);

/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Most bytes of an answer: a hundred invoices with all their lines are far below.
const ANSWER_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Most bytes of an answer that an error quotes.
const QUOTE_BYTES_MAX: usize = 200;

/// How we call ourselves.
const AGENT: &str = concat!("stripe-seed/", env!("CARGO_PKG_VERSION"));

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
const SHOULD_RETRY: HeaderName = HeaderName::from_static("stripe-should-retry");
const STRIPE_VERSION: HeaderName = HeaderName::from_static("stripe-version");

/// Sends requests to one address, once each. It knows nothing of limits and retries.
pub struct Transport {
    client: AnyClient,
    endpoint: Endpoint,
    headers: HeaderMap,
    timeout: Duration,
}

/// Why no answer came.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The system's certificates cannot be read.
    #[error("could not read the certificates of this system")]
    Certificates(#[source] std::io::Error),
    /// The request cannot be written as HTTP.
    #[error("could not write the request to {path}")]
    Request {
        /// Where it was to go.
        path: String,
    },
    /// Nobody is there.
    #[error("could not connect to {address}")]
    Connect {
        /// The address.
        address: String,
        /// What the system says.
        #[source]
        source: ClientError,
    },
    /// The request may have been carried out, but what came of it is not known.
    #[error("the answer of {address} was lost: {reason}")]
    Lost {
        /// The address.
        address: String,
        /// What happened.
        reason: String,
    },
    /// The answer took too long.
    #[error("{address} gave no answer in {} s", timeout.as_secs())]
    Timeout {
        /// The address.
        address: String,
        /// How long it was waited for.
        timeout: Duration,
    },
    /// The answer says no.
    #[error("the server answered {status}: {quote}")]
    Refused {
        /// Its status.
        status: u16,
        /// Its first words.
        quote: String,
    },
    /// The answer is not what was asked for.
    #[error("could not read the answer: {0}")]
    Decode(String),
}

/// An answer, whatever it says.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// How long the server wants to be left alone.
    pub(crate) retry_after: Option<Duration>,
    /// Whether the server thinks that another try makes sense.
    pub(crate) should_retry: Option<bool>,
    /// Whether this was said before, under the same key.
    pub(crate) is_replayed: bool,
    /// Stripe's name of the request, for its support.
    pub(crate) request_id: Option<String>,
    pub(crate) body: Bytes,
}

/// A request in the form in which it is sent.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: Method,
    /// Such as `/customers`, without the version.
    pub(crate) path: String,
    query: Option<String>,
    pub(crate) body: Option<String>,
}

/// A client with or without TLS: without it no certificates need to be there.
#[derive(Clone)]
enum AnyClient {
    Plain(Client<HttpConnector, Full<Bytes>>),
    Tls(Client<HttpsConnector<HttpConnector>, Full<Bytes>>),
}

impl Transport {
    /// Makes a transport. Nothing is sent yet.
    pub fn new(
        endpoint: Endpoint,
        key: &SecretKey,
        timeout: Duration,
    ) -> Result<Self, TransportError> {
        let client = AnyClient::new(endpoint.is_plain()).map_err(TransportError::Certificates)?;
        let bearer = HeaderValue::try_from(format!("Bearer {}", key.reveal()));
        let mut bearer = bearer.map_err(|_| TransportError::Request { path: "/".to_owned() })?;
        bearer.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, bearer);
        headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
        if let Ok(version) = HeaderValue::from_str(VERSION.as_str()) {
            headers.insert(STRIPE_VERSION, version);
        }
        Ok(Self { client, endpoint, headers, timeout })
    }

    /// Returns where requests go.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Sends a request once.
    pub(crate) async fn send(
        &self,
        call: &Call,
        idempotency_key: Option<&str>,
    ) -> Result<Answer, TransportError> {
        let request = self.request(call, idempotency_key);
        let request = request.ok_or_else(|| TransportError::Request { path: call.path.clone() })?;
        let address = || self.endpoint.to_string();
        let answering = async {
            let response = self.client.request(request).await.map_err(|source| {
                if source.is_connect() {
                    return TransportError::Connect { address: address(), source };
                }
                TransportError::Lost { address: address(), reason: chain(&source) }
            })?;
            Answer::read(response)
                .await
                .map_err(|reason| TransportError::Lost { address: address(), reason })
        };
        let timeout = self.timeout;
        let answer = tokio::time::timeout(timeout, answering).await;
        answer.unwrap_or_else(|_| Err(TransportError::Timeout { address: address(), timeout }))
    }

    fn request(&self, call: &Call, idempotency_key: Option<&str>) -> Option<Request<Full<Bytes>>> {
        let uri = self.endpoint.uri(&call.path, call.query.as_deref());
        let body = call.body.clone().unwrap_or_default();
        let mut request = Request::new(Full::new(Bytes::from(body)));
        *request.method_mut() = call.method.clone();
        *request.uri_mut() = uri.parse::<Uri>().ok()?;
        *request.headers_mut() = self.headers.clone();
        if call.body.is_some() {
            let form = HeaderValue::from_static("application/x-www-form-urlencoded");
            request.headers_mut().insert(CONTENT_TYPE, form);
        }
        if let Some(key) = idempotency_key {
            request.headers_mut().insert(IDEMPOTENCY_KEY, HeaderValue::from_str(key).ok()?);
        }
        Some(request)
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

/// Any request of the generated crates can be sent by it, once.
impl StripeClient for Transport {
    type Err = TransportError;

    async fn execute(&self, request: CustomizedStripeRequest) -> Result<Bytes, TransportError> {
        let (request, settings) = request.into_pieces();
        let key = settings.request_strategy.as_ref().and_then(RequestStrategy::get_key);
        let key = key.as_ref().map(stripe_client_core::IdempotencyKey::as_str);
        let answer = self.send(&Call::from(request), key).await?;
        if answer.is_success() {
            return Ok(answer.body);
        }
        Err(TransportError::Refused { status: answer.status, quote: answer.quote() })
    }
}

impl StripeClientErr for TransportError {
    fn deserialize_err(msg: impl fmt::Display) -> Self {
        Self::Decode(msg.to_string())
    }
}

impl From<RequestBuilder> for Call {
    /// The fields of a body are sorted: maps have no order, and the same request must have the
    /// same bytes each time, because its idempotency key depends on them.
    fn from(request: RequestBuilder) -> Self {
        let RequestBuilder { query, body, path, method } = request;
        let method = match method {
            StripeMethod::Get => Method::GET,
            StripeMethod::Post => Method::POST,
            StripeMethod::Delete => Method::DELETE,
        };
        let body = body.map(|body| {
            let mut fields: Vec<&str> = body.split('&').collect();
            fields.sort_unstable();
            fields.join("&")
        });
        Self { method, path, query: query.filter(|query| !query.is_empty()), body }
    }
}

impl Call {
    /// Returns the first part of the path, by which Stripe counts requests.
    pub(crate) fn resource(&self) -> &str {
        self.path.trim_start_matches('/').split('/').next().unwrap_or_default()
    }
}

impl Answer {
    async fn read(response: Response<Incoming>) -> Result<Self, String> {
        let status = response.status().as_u16();
        let header = |name: HeaderName| {
            let value = response.headers().get(name)?.to_str().ok()?;
            Some(value.trim().to_owned())
        };
        // The other form of Retry-After, a date, would need a clock.
        let retry_after = header(RETRY_AFTER).and_then(|text| text.parse::<f64>().ok());
        let retry_after = retry_after.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let should_retry = header(SHOULD_RETRY).and_then(|text| text.parse().ok());
        let is_replayed = header(IDEMPOTENT_REPLAYED).is_some_and(|text| text == "true");
        let request_id = header(REQUEST_ID);
        let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
        let body = body.map_err(|error| match error.downcast_ref::<LengthLimitError>() {
            Some(_) => format!("it has more than {ANSWER_BYTES_MAX} bytes"),
            None => chain(error.as_ref()),
        })?;
        let body = body.to_bytes();
        Ok(Self { status, retry_after, should_retry, is_replayed, request_id, body })
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Returns the answer's first words.
    pub(crate) fn quote(&self) -> String {
        let text = String::from_utf8_lossy(&self.body[..self.body.len().min(QUOTE_BYTES_MAX)]);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

impl AnyClient {
    fn new(is_plain: bool) -> std::io::Result<Self> {
        let builder = Client::builder(TokioExecutor::new());
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
        if is_plain {
            return Ok(Self::Plain(builder.build(connector)));
        }
        connector.enforce_http(false);
        let tls = HttpsConnectorBuilder::new().with_native_roots()?.https_only().enable_http1();
        Ok(Self::Tls(builder.build(tls.wrap_connector(connector))))
    }

    async fn request(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, ClientError> {
        match self {
            Self::Plain(client) => client.request(request).await,
            Self::Tls(client) => client.request(request).await,
        }
    }
}

/// Returns an error and its causes in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let words = error.to_string();
        // Some errors repeat their cause.
        if !text.contains(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_request_has_the_same_bytes_whatever_the_order_of_its_fields() {
        let call = |body: &str| {
            let mut request = RequestBuilder::new(StripeMethod::Post, "/customers");
            request.body = Some(body.to_owned());
            Call::from(request).body
        };
        assert_eq!(call("b=2&a=1&a[x]=3"), call("a[x]=3&b=2&a=1"));
    }

    #[test]
    fn a_request_counts_for_the_first_part_of_its_path() {
        let request = RequestBuilder::new(StripeMethod::Get, "/test_helpers/test_clocks/clock_1");
        assert_eq!(Call::from(request).resource(), "test_helpers");
    }

    #[test]
    fn stripe_itself_is_reached_by_tls_if_the_system_has_certificates() {
        let key = SecretKey::parse("sk_test_hush").unwrap();
        let transport = Transport::new(Endpoint::stripe(), &key, ATTEMPT_TIMEOUT);
        assert!(matches!(transport, Ok(_) | Err(TransportError::Certificates(_))));
    }

    #[test]
    fn the_key_is_not_shown() {
        let key = SecretKey::parse("sk_test_hush").unwrap();
        let endpoint = Endpoint::parse("http://127.0.0.1:1").unwrap();
        let transport = Transport::new(endpoint, &key, ATTEMPT_TIMEOUT).unwrap();
        assert!(!format!("{transport:?}").contains("hush"));
        assert!(!format!("{:?}", transport.headers).contains("hush"));
    }
}
