//! The way to customeriq: JSON over HTTP.

use std::time::Duration;

use bytes::Bytes;
use ciq_synth::activity::{ACCOUNTS_MAX, Account, ActivityEvent};
use form_urlencoded::byte_serialize;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT};
use hyper::{Method, Request, Response, StatusCode};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client as Pool, Error as PoolError};
use hyper_util::rt::TokioExecutor;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Known, Sent};
use crate::exit::{Failure, chain};
use crate::reach::Trouble;
use crate::settings::{Address, Settings};
use crate::state::{AccountPage, Stats};

/// How long a request may take, its answer included.
const TIMEOUT: Duration = Duration::from_secs(15);

/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Most bytes of an answer: a result takes about 200.
const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Most signs of an answer that are quoted.
const QUOTE_SIGNS_MAX: usize = 300;

/// Most events of a request: about half a megabyte.
const EVENTS_MAX: usize = 1_000;

/// Accounts of a page.
const PAGE: usize = 200;

/// Which brand a request is about.
const BRAND: HeaderName = HeaderName::from_static("x-brand-id");

/// The way to a service.
#[derive(Debug)]
pub(super) struct HttpService {
    pool: AnyPool,
    target: String,
    brand: HeaderValue,
    authorization: Option<HeaderValue>,
}

/// Connections with or without TLS: without it no certificates need to be there.
#[derive(Debug)]
enum AnyPool {
    Plain(Pool<HttpConnector, Full<Bytes>>),
    Tls(Pool<HttpsConnector<HttpConnector>, Full<Bytes>>),
}

impl HttpService {
    /// Makes the way to an address.
    pub(super) fn new(address: &Address, settings: &Settings) -> Result<Self, Failure> {
        let token = settings.token.as_ref().and_then(|token| token.expose());
        let authorization = token.map(|token| {
            let mut value = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| {
                Failure::setting("CUSTOMERIQ_TOKEN", "it is no value of a header: copy it again")
            })?;
            value.set_sensitive(true);
            Ok::<_, Failure>(value)
        });
        let brand = HeaderValue::from_str(settings.brand.as_str())
            .map_err(|_| Failure::setting("--brand", "use a-z, 0-9 and -, 1 to 64 signs"))?;
        Ok(Self {
            pool: if address.is_tls() { AnyPool::tls()? } else { AnyPool::plain() },
            target: address.as_str().to_owned(),
            brand,
            authorization: authorization.transpose()?,
        })
    }

    /// Finds out what is there.
    pub(super) async fn known(&self) -> Result<Known, Trouble> {
        let accounts = self.accounts().await?;
        let stats: Stats = self.get("/api/stats").await?;
        Ok(Known { accounts, latest_at: stats.latest_event_at() })
    }

    async fn accounts(&self) -> Result<Vec<Account>, Trouble> {
        let mut accounts = Vec::new();
        let mut path = format!("/api/accounts?limit={PAGE}");
        loop {
            let page: AccountPage = self.get(&path).await?;
            let unreadable =
                |reason| Failure::Unreadable { asked: self.asked(&Method::GET, &path), reason };
            accounts.extend(page.accounts().map_err(unreadable)?);
            let Some(cursor) = page.next_cursor.filter(|_| accounts.len() < ACCOUNTS_MAX) else {
                return Ok(accounts);
            };
            let cursor: String = byte_serialize(cursor.as_bytes()).collect();
            path = format!("/api/accounts?limit={PAGE}&cursor={cursor}");
        }
    }

    /// Sends events. After trouble all of them are to be sent again: their ids make them arrive
    /// once.
    pub(super) async fn send(&self, events: &[ActivityEvent]) -> Result<Sent, Trouble> {
        let mut sent = Sent::default();
        for part in events.chunks(EVENTS_MAX) {
            let bodies: Vec<Vec<u8>> = part.iter().map(ActivityEvent::envelope).collect();
            let body = [b"[", bodies.join(b",".as_slice()).as_slice(), b"]"].concat();
            let (status, answer) = self.ask(&Method::POST, "/events", body.into()).await?;
            let told: Option<Value> = serde_json::from_slice(&answer).ok();
            // Where nothing was taken, what became of each is told all the same.
            let results = told.as_ref().and_then(|told| told.get("results"));
            match results.and_then(Value::as_array).filter(|_| is_told(status)) {
                Some(results) => sent.add(results),
                None => return Err(self.refusal(&Method::POST, "/events", (status, &answer))),
            }
        }
        Ok(sent)
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Trouble> {
        let (status, body) = self.ask(&Method::GET, path, Bytes::new()).await?;
        if !status.is_success() {
            return Err(self.refusal(&Method::GET, path, (status, &body)));
        }
        serde_json::from_slice(&body).map_err(|error| {
            let reason = error.to_string();
            Failure::Unreadable { asked: self.asked(&Method::GET, path), reason }.into()
        })
    }

    async fn ask(
        &self,
        method: &Method,
        path: &str,
        body: Bytes,
    ) -> Result<(StatusCode, Bytes), Trouble> {
        let request = self.request(method, path, body)?;
        let asking = async {
            let response = self.pool.request(request).await.map_err(|error| chain(&error))?;
            let status = response.status();
            let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
            Ok((status, body.map_err(|error| chain(error.as_ref()))?.to_bytes()))
        };
        let late = || Err(format!("no answer in {} s", TIMEOUT.as_secs()));
        let answered = tokio::time::timeout(TIMEOUT, asking).await;
        answered.unwrap_or_else(|_| late()).map_err(Trouble::Down)
    }

    fn request(
        &self,
        method: &Method,
        path: &str,
        body: Bytes,
    ) -> Result<Request<Full<Bytes>>, Failure> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.target))
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, "simulator")
            .header(BRAND, &self.brand);
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        let unusable = |_| Failure::setting("--target", format!("{path} does not fit behind it"));
        request.body(Full::new(body)).map_err(unusable)
    }

    /// Judges an answer that is no success: whoever is busy or broken may do better later.
    fn refusal(
        &self,
        method: &Method,
        path: &str,
        (status, body): (StatusCode, &Bytes),
    ) -> Trouble {
        let said = quote(body);
        let is_passing = status.is_server_error()
            || status == StatusCode::TOO_MANY_REQUESTS
            || status == StatusCode::REQUEST_TIMEOUT;
        if is_passing {
            return Trouble::Down(format!("it answered with {}: {said}", status.as_u16()));
        }
        let asked = self.asked(method, path);
        Failure::Answer { asked, status: status.as_u16(), said }.into()
    }

    fn asked(&self, method: &Method, path: &str) -> String {
        format!("{method} {}{path}", self.target)
    }
}

/// Tells whether an answer is about each event, and not about the request.
fn is_told(status: StatusCode) -> bool {
    status.is_success() || status == StatusCode::BAD_REQUEST
}

impl Sent {
    /// Counts what became of events.
    fn add(&mut self, results: &[Value]) {
        for result in results {
            let text = |name: &str| result.get(name).and_then(Value::as_str);
            match text("status") {
                Some("duplicate") => self.duplicates += 1,
                Some("rejected") => {
                    self.refused += 1;
                    let (field, reason) = (text("field"), text("reason"));
                    let reason = reason.unwrap_or("no reason was given");
                    self.refusal = Some(format!("{}: {reason}", field.unwrap_or("body")));
                }
                _ => {}
            }
        }
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

/// Quotes what a problem says, with the field at fault; else the answer's beginning.
fn quote(body: &Bytes) -> String {
    let value: Option<Value> = serde_json::from_slice(body).ok();
    let text = |name| value.as_ref().and_then(|value| value.get(name)).and_then(Value::as_str);
    let said = match (text("detail"), text("field")) {
        (Some(detail), Some(field)) => format!("{field}: {detail}"),
        (Some(detail), None) => detail.to_owned(),
        (None, _) => String::from_utf8_lossy(body).into_owned(),
    };
    said.chars().take(QUOTE_SIGNS_MAX).collect()
}
