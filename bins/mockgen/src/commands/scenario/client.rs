//! The way to the service: JSON over HTTP, one request after the other.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT};
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client as Pool, Error as PoolError};
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::exit::{Failure, chain};
use crate::runtime;

/// How long a request may take, its answer included: a message may go out meanwhile.
const TIMEOUT: Duration = Duration::from_secs(60);

/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Most bytes of an answer: a story's are a few thousand.
const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Most signs of an answer that are quoted.
const QUOTE_SIGNS_MAX: usize = 300;

/// Which brand a request is about.
const BRAND: HeaderName = HeaderName::from_static("x-brand-id");

/// The way to a service.
#[derive(Debug)]
pub(super) struct Client {
    runtime: Runtime,
    pool: AnyPool,
    /// The address, without a slash at its end.
    target: String,
    authorization: Option<HeaderValue>,
}

/// Connections with or without TLS: without it no certificates need to be there.
#[derive(Debug)]
enum AnyPool {
    Plain(Pool<HttpConnector, Full<Bytes>>),
    Tls(Pool<HttpsConnector<HttpConnector>, Full<Bytes>>),
}

impl Client {
    /// Makes the way to an address, with a token if there is one.
    pub(super) fn new(target: &str, token: Option<&str>) -> Result<Self, Failure> {
        let wrong = || {
            let reason = format!("{target:?} is no address: write http://HOST:PORT");
            Failure::setting("--target", reason)
        };
        let uri: Uri = target.trim().parse().map_err(|_| wrong())?;
        let is_bare = uri.query().is_none() && uri.host().is_some();
        let pool = match uri.scheme_str().filter(|_| is_bare) {
            Some("http") => AnyPool::plain(),
            Some("https") => AnyPool::tls()?,
            _ => return Err(wrong()),
        };
        let token = token.map(str::trim).filter(|token| !token.is_empty());
        let authorization = token.map(|token| {
            let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
                .map_err(|_| Failure::setting("--token", "it is no value of a header"))?;
            value.set_sensitive(true);
            Ok::<_, Failure>(value)
        });
        Ok(Self {
            runtime: runtime::start()?,
            pool,
            target: target.trim().trim_end_matches('/').to_owned(),
            authorization: authorization.transpose()?,
        })
    }

    /// Asks for something. `null` where it is not there.
    pub(super) fn get(&self, brand: &str, path: &str) -> Result<Value, Failure> {
        match self.ask(&Method::GET, (brand, path), Bytes::new())? {
            (StatusCode::NOT_FOUND, _) => Ok(Value::Null),
            (status, body) => answer(&Method::GET, path, status, &body),
        }
    }

    /// Sends something.
    pub(super) fn post(&self, brand: &str, path: &str, body: &Value) -> Result<Value, Failure> {
        let (status, body) =
            self.ask(&Method::POST, (brand, path), Bytes::from(body.to_string()))?;
        answer(&Method::POST, path, status, &body)
    }

    fn ask(
        &self,
        method: &Method,
        (brand, path): (&str, &str),
        body: Bytes,
    ) -> Result<(StatusCode, Bytes), Failure> {
        let request = self.request(method, (brand, path), body)?;
        let asking = async {
            let response = self.pool.request(request).await.map_err(|error| chain(&error))?;
            let status = response.status();
            let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
            let body = body.map_err(|error| chain(error.as_ref()))?;
            Ok((status, body.to_bytes()))
        };
        let asked = self.runtime.block_on(async { tokio::time::timeout(TIMEOUT, asking).await });
        let late = || Err(format!("no answer in {} s", TIMEOUT.as_secs()));
        asked
            .unwrap_or_else(|_| late())
            .map_err(|reason| Failure::Unreachable { target: self.target.clone(), reason })
    }

    fn request(
        &self,
        method: &Method,
        (brand, path): (&str, &str),
        body: Bytes,
    ) -> Result<Request<Full<Bytes>>, Failure> {
        let brand = HeaderValue::from_str(brand)
            .map_err(|_| Failure::setting("--brand", "use a-z, 0-9 and -, 1 to 64 signs"))?;
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.target))
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, "mockgen")
            .header(BRAND, brand);
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        let unusable = |_| Failure::setting("--target", format!("{path} does not fit behind it"));
        request.body(Full::new(body)).map_err(unusable)
    }
}

impl AnyPool {
    fn plain() -> Self {
        Self::Plain(Pool::builder(TokioExecutor::new()).build(connector()))
    }

    fn tls() -> Result<Self, Failure> {
        let mut connector = connector();
        connector.enforce_http(false);
        let tls = HttpsConnectorBuilder::new()
            .with_native_roots()
            .map_err(Failure::system("read the system's certificates"))?;
        let tls = tls.https_only().enable_http1().wrap_connector(connector);
        Ok(Self::Tls(Pool::builder(TokioExecutor::new()).build(tls)))
    }

    async fn request(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, PoolError> {
        match self {
            Self::Plain(pool) => pool.request(request).await,
            Self::Tls(pool) => pool.request(request).await,
        }
    }
}

fn connector() -> HttpConnector {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
    connector
}

/// Reads an answer; one that is no success is a failure that says what the service said.
fn answer(method: &Method, path: &str, status: StatusCode, body: &Bytes) -> Result<Value, Failure> {
    let value = serde_json::from_slice::<Value>(body);
    match value {
        Ok(value) if status.is_success() => Ok(value),
        value => Err(Failure::Answer {
            asked: format!("{method} {path}"),
            status: status.as_u16(),
            said: quote(value.ok().as_ref(), body),
        }),
    }
}

/// Quotes what a problem says, with the field at fault; else the answer's beginning.
fn quote(value: Option<&Value>, body: &Bytes) -> String {
    let text = |name| value.and_then(|value| value.get(name)).and_then(Value::as_str);
    let said = match (text("detail"), text("field")) {
        (Some(detail), Some(field)) => format!("{field}: {detail}"),
        (Some(detail), None) => detail.to_owned(),
        (None, _) => String::from_utf8_lossy(body).into_owned(),
    };
    said.chars().take(QUOTE_SIGNS_MAX).collect()
}
