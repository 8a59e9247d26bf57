//! A service that takes JSON arrays by POST.
//!
//! A request whose answer is lost is sent again, so an event may arrive twice, under the same id.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{
    AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER, USER_AGENT,
};
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error as ClientError};
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;

use super::{Done, Failure};
use crate::settings::{Header, SinkUrl};
use crate::{Batch, SinkError};

/// How long a request may take, its answer included.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Most bytes of an answer that are read: a line for each event of the largest request.
const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Most bytes of an answer that are quoted.
const QUOTE_BYTES_MAX: usize = 200;

/// How large requests may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    events_max: usize,
    body_bytes_max: usize,
}

impl Limits {
    pub(crate) fn new(events_max: usize, body_bytes_max: usize) -> Self {
        Self { events_max: events_max.max(1), body_bytes_max }
    }
}

/// Where to post, and how. All connections share it.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    client: AnyClient,
    uri: Uri,
    headers: HeaderMap,
}

/// A client with or without TLS: without it no certificates need to be there.
#[derive(Debug, Clone)]
enum AnyClient {
    Plain(Client<HttpConnector, Full<Bytes>>),
    Tls(Client<HttpsConnector<HttpConnector>, Full<Bytes>>),
}

impl AnyClient {
    fn new(scheme: &str) -> Result<Self, SinkError> {
        let builder = Client::builder(TokioExecutor::new());
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
        if scheme == "http" {
            return Ok(Self::Plain(builder.build(connector)));
        }
        connector.enforce_http(false);
        let tls = HttpsConnectorBuilder::new().with_native_roots();
        let tls = tls.map_err(SinkError::Certificates)?.https_only().enable_http1();
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

impl Target {
    pub(crate) fn new(url: &SinkUrl, headers: &[Header]) -> Result<Self, SinkError> {
        let login = url.login();
        let mut url = url.url().clone();
        let client = AnyClient::new(url.scheme())?;
        let mut all = HeaderMap::new();
        all.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        all.insert(USER_AGENT, HeaderValue::from_static("mockgen"));
        if let Some(login) = login {
            all.insert(AUTHORIZATION, value(&format!("Basic {login}"))?);
        }
        for Header { name, value: text } in headers {
            let name = name.parse::<HeaderName>().map_err(|_| unusable("no name of a header"))?;
            all.insert(name, value(text)?);
        }
        let is_bare = url.set_username("").and_then(|()| url.set_password(None)).is_ok();
        debug_assert!(is_bare, "both can be left out of any address that has a host");
        let uri = url.as_str().parse().map_err(|_| SinkError::Address {
            sink: "http",
            reason: "write http://HOST:PORT/PATH".to_owned(),
        })?;
        Ok(Self { client, uri, headers: all })
    }
}

fn unusable(reason: &str) -> SinkError {
    SinkError::Setting { sink: "http", name: "header", reason: reason.to_owned() }
}

fn value(text: &str) -> Result<HeaderValue, SinkError> {
    let mut value = HeaderValue::from_str(text).map_err(|_| unusable("no value of a header"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// One connection's worth of requests: the next one is sent when the last one is answered.
#[derive(Debug)]
pub(crate) struct Http {
    target: Target,
    limits: Limits,
}

/// What a service said.
struct Answer {
    status: StatusCode,
    retry_after: Option<Duration>,
    body: Bytes,
}

/// What a service says of a list of events, as customeriq does.
#[derive(Deserialize)]
struct Tally {
    #[serde(default)]
    rejected: usize,
}

impl Http {
    pub(crate) fn new(target: &Target, limits: Limits) -> Self {
        Self { target: target.clone(), limits }
    }

    pub(crate) async fn deliver(&mut self, batch: &Batch, from: usize) -> Result<Done, Failure> {
        let limits = &mut self.limits;
        let mut end = batch.end_within(from, limits.events_max, limits.body_bytes_max);
        loop {
            let count = end - from;
            let answer = self.target.post(array(batch, from, end)).await?;
            if answer.status != StatusCode::PAYLOAD_TOO_LARGE || count == 1 {
                return answer.done(count);
            }
            // What is too much once will be so again.
            limits.events_max = (count / 2).max(1);
            end = from + limits.events_max;
        }
    }
}

impl Target {
    async fn post(&self, body: Bytes) -> Result<Answer, Failure> {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        let answering = async {
            let response = self.client.request(request).await;
            Answer::read(response.map_err(|error| Failure::of("post events", &error))?).await
        };
        let answer = tokio::time::timeout(TIMEOUT, answering).await;
        answer.unwrap_or_else(|_| {
            Err(Failure::new(format!(
                "could not post events: no answer in {} s",
                TIMEOUT.as_secs()
            )))
        })
    }
}

impl Answer {
    async fn read(response: Response<Incoming>) -> Result<Self, Failure> {
        let status = response.status();
        let asked = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        // The other form, a date, would need a clock.
        let retry_after = asked.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
        let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
        // It was taken; only what is said of it is lost.
        let body = match body {
            Ok(body) => body.to_bytes(),
            Err(_) if status.is_success() => Bytes::new(),
            Err(error) => return Err(Failure::of("read the answer", error.as_ref())),
        };
        Ok(Self { status, retry_after, body })
    }

    /// Tells what became of so many events.
    fn done(self, count: usize) -> Result<Done, Failure> {
        let status = self.status;
        let is_final = status.is_client_error()
            && status != StatusCode::REQUEST_TIMEOUT
            && status != StatusCode::TOO_MANY_REQUESTS;
        if status.is_success() {
            let rejected = serde_json::from_slice(&self.body).map_or(0, |it: Tally| it.rejected);
            let refused = rejected.min(count);
            let reason = || format!("the service refused {refused} of {count} events");
            let reason = (refused > 0).then(reason);
            return Ok(Done { delivered: count - refused, refused, reason });
        }
        let quote = &self.body[..self.body.len().min(QUOTE_BYTES_MAX)];
        let said = format!("the service answered {status}: {}", String::from_utf8_lossy(quote));
        if is_final {
            return Ok(Done::refused(count, said));
        }
        Err(Failure { reason: said, retry_after: self.retry_after })
    }
}

/// Returns the bodies of some messages as a JSON array.
fn array(batch: &Batch, from: usize, end: usize) -> Bytes {
    let size: usize = (from..end).map(|index| batch.body_place(index).len() + 1).sum();
    let mut array = Vec::with_capacity(size + 2);
    array.push(b'[');
    for message in batch.range(from..end) {
        if array.len() > 1 {
            array.push(b',');
        }
        array.extend_from_slice(message.body);
    }
    array.push(b']');
    array.into()
}
