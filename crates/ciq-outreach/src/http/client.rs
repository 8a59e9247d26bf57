//! The client: HTTP/1.1, with the system's certificates, and no redirect is followed.

use std::error::Error;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::header::{HeaderValue, RETRY_AFTER, USER_AGENT};
use hyper::{Request, Response};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error as ClientError};
use hyper_util::rt::TokioExecutor;
use jiff::Timestamp;

use super::payload::Payload;
use super::{Answer, NoAnswer, retry_after};

/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Most bytes of an answer that are read: a page of a list has some hundred thousand.
const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;

type PlainClient = Client<HttpConnector, Payload>;
type TlsClient = Client<HttpsConnector<HttpConnector>, Payload>;

/// Sends requests. Copies share their connections.
#[derive(Debug, Clone)]
pub(crate) struct HttpClient {
    plain: PlainClient,
    /// Made at the first address with `https`: without one no certificates need to be there.
    tls: Arc<OnceLock<TlsClient>>,
    timeout: Duration,
}

impl HttpClient {
    pub(crate) fn new(timeout: Duration) -> Self {
        let plain = Client::builder(TokioExecutor::new()).build(connector());
        Self { plain, tls: Arc::default(), timeout }
    }

    /// Sends a request and reads the answer, within the time-out.
    pub(crate) async fn request(
        &self,
        request: Request<Bytes>,
        now: Timestamp,
    ) -> Result<Answer, NoAnswer> {
        let (mut parts, body) = request.into_parts();
        parts.headers.insert(USER_AGENT, HeaderValue::from_static("customeriq"));
        let (payload, is_taken) = Payload::new(body);
        let request = Request::from_parts(parts, payload);
        let answering = async {
            let response = self.exchange(request).await?;
            Ok(read(response, now).await)
        };
        let answer = tokio::time::timeout(self.timeout, answering).await;
        let late = |_| Err(format!("no answer within {:?}", self.timeout));
        answer.unwrap_or_else(late).map_err(|reason| {
            let is_sent = is_taken.load(Ordering::Acquire);
            if is_sent { NoAnswer::Sent(reason) } else { NoAnswer::NotSent(reason) }
        })
    }

    async fn exchange(&self, request: Request<Payload>) -> Result<Response<Incoming>, String> {
        let response = if request.uri().scheme_str() == Some("https") {
            self.tls()?.request(request).await
        } else {
            self.plain.request(request).await
        };
        response.map_err(|error| reason(&error))
    }

    /// Returns the client with TLS. A failure is not kept: certificates may be installed later.
    fn tls(&self) -> Result<&TlsClient, String> {
        if let Some(client) = self.tls.get() {
            return Ok(client);
        }
        let mut connector = connector();
        connector.enforce_http(false);
        let tls = HttpsConnectorBuilder::new().with_native_roots().map_err(|error| {
            format!("the system's certificates cannot be read: install ca-certificates: {error}")
        })?;
        let connector = tls.https_only().enable_http1().wrap_connector(connector);
        Ok(self.tls.get_or_init(|| Client::builder(TokioExecutor::new()).build(connector)))
    }
}

fn connector() -> HttpConnector {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
    connector
}

async fn read(response: Response<Incoming>, now: Timestamp) -> Answer {
    let status = response.status();
    let wait = response.headers().get(RETRY_AFTER).and_then(|value| retry_after(value, now));
    let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
    // The status is known, whatever became of the rest.
    let body = body.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    Answer { status, retry_after: wait, body }
}

/// Returns what went wrong in one line, with its causes.
fn reason(error: &ClientError) -> String {
    let doing = if error.is_connect() { "could not connect" } else { "the connection broke" };
    let mut text = doing.to_owned();
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
