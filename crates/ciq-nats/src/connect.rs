//! The connection: made, kept up for ever, watched.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_nats::jetstream::{self, ErrorCode};
use async_nats::{ConnectOptions, Event};
use tokio::sync::watch;

use crate::{Credentials, NatsError, NatsOptions};

/// Messages of a plain subscription that may wait in memory. What comes beyond is lost, and
/// counted; a stream keeps them at the server instead.
const SUBSCRIPTION_CAPACITY: usize = 262_144;

/// The longest pause between two attempts to connect.
const RECONNECT_PAUSE_MAX: Duration = Duration::from_secs(5);

/// How long a request to the server may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

/// How long what was sent may take to be gone at the end.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);

/// A subject that nobody serves: the server's answer to a request there comes after everything
/// that was sent before.
const FENCE: &str = "customeriq.fence";

/// How the connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// No server has answered yet.
    Waiting,
    /// It is up.
    Up,
    /// It was up, and is being made again.
    Lost,
}

/// A connection to NATS. Cheap to clone. Once made it is kept up for ever.
#[derive(Debug, Clone)]
pub struct Nats {
    pub(crate) client: async_nats::Client,
    pub(crate) context: jetstream::Context,
    link: watch::Receiver<Link>,
    dropped: Arc<AtomicU64>,
}

impl Nats {
    /// Connects, or says why not.
    pub async fn connect(options: &NatsOptions) -> Result<Self, NatsError> {
        Self::open(options, false).await
    }

    /// Begins to connect, and goes on until a server answers: [`Self::wait_until_up`].
    pub async fn connect_when_there(options: &NatsOptions) -> Result<Self, NatsError> {
        Self::open(options, true).await
    }

    async fn open(options: &NatsOptions, is_patient: bool) -> Result<Self, NatsError> {
        let (links, link) = watch::channel(Link::Waiting);
        let dropped = Arc::new(AtomicU64::new(0));
        let listener = Listener { links, dropped: Arc::clone(&dropped), failed: AtomicU64::new(0) };
        let mut connecting = configured(options)?.event_callback(move |event| {
            listener.hear(&event);
            std::future::ready(())
        });
        if let Credentials::File(path) = &options.credentials {
            connecting = connecting
                .credentials_file(path)
                .await
                .map_err(NatsError::server(format!("read {}", shown(path))))?;
        }
        if is_patient {
            connecting = connecting.retry_on_initial_connect();
        }
        let client = connecting
            .connect(options.servers.addresses())
            .await
            .map_err(NatsError::server(format!("connect to {}", options.servers)))?;
        let context = jetstream::ContextBuilder::new().timeout(REQUEST_TIMEOUT);
        let context = context.build(client.clone());
        Ok(Self { client, context, link, dropped })
    }

    /// Returns how the connection is, from now on.
    #[must_use]
    pub fn link(&self) -> watch::Receiver<Link> {
        self.link.clone()
    }

    /// Waits until a server answers.
    pub async fn wait_until_up(&self) {
        let mut link = self.link.clone();
        // The sender lives as long as the client.
        drop(link.wait_for(|link| *link == Link::Up).await);
    }

    /// Returns how often a plain subscription overflowed. Each time at least one message was lost.
    #[must_use]
    pub fn overflow_count(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Returns the version of the server.
    #[must_use]
    pub fn server_version(&self) -> String {
        self.client.server_info().version
    }

    /// Returns the largest message that the server takes, in bytes.
    #[must_use]
    pub fn payload_bytes_max(&self) -> usize {
        self.client.max_payload()
    }

    /// Tells whether JetStream may be used with this account. Where it is there and cannot answer
    /// now, as in a cluster that has no leader, that is an error.
    pub async fn has_jetstream(&self) -> Result<bool, NatsError> {
        if !self.client.server_info().jetstream {
            return Ok(false);
        }
        // Not the client's own query: it does not understand what version 2.9 answers.
        let asked = self.client.request("$JS.API.INFO", "".into()).await;
        let answer = match asked {
            Ok(answer) => answer,
            Err(error) if error.kind() == async_nats::RequestErrorKind::NoResponders => {
                return Ok(false);
            }
            Err(error) => return Err(NatsError::server("ask for JetStream")(error)),
        };
        is_usable(&answer.payload)
    }

    /// Waits until the server has read everything that was sent.
    pub async fn fence(&self) -> Result<(), NatsError> {
        match self.client.request(FENCE, "".into()).await {
            Err(error) if error.kind() != async_nats::RequestErrorKind::NoResponders => {
                Err(NatsError::server("reach the server")(error))
            }
            _ => Ok(()),
        }
    }

    /// Ends the connection after everything that was sent is gone. A server that is away is not
    /// waited for.
    pub async fn close(&self) -> Result<(), NatsError> {
        match tokio::time::timeout(CLOSE_WITHIN, self.client.drain()).await {
            Ok(closed) => closed.map_err(NatsError::server("close the connection")),
            Err(_) => Ok(()),
        }
    }
}

/// Tells whether JetStream may be used, by what it says of itself.
fn is_usable(answer: &[u8]) -> Result<bool, NatsError> {
    const DOING: &str = "ask for JetStream";
    let mut answer: serde_json::Value =
        serde_json::from_slice(answer).map_err(NatsError::server(DOING))?;
    let Some(error) = answer.get_mut("error").map(serde_json::Value::take) else {
        return Ok(true);
    };
    let error: jetstream::Error =
        serde_json::from_value(error).map_err(NatsError::server(DOING))?;
    match error.error_code() {
        ErrorCode::JETSTREAM_NOT_ENABLED | ErrorCode::JETSTREAM_NOT_ENABLED_FOR_ACCOUNT => {
            Ok(false)
        }
        _ => Err(NatsError::server(DOING)(error)),
    }
}

fn configured(options: &NatsOptions) -> Result<ConnectOptions, NatsError> {
    let mut connecting = ConnectOptions::new()
        .name(&options.name)
        .subscription_capacity(SUBSCRIPTION_CAPACITY)
        .request_timeout(Some(REQUEST_TIMEOUT))
        .max_reconnects(None)
        .reconnect_delay_callback(reconnect_pause);
    match &options.credentials {
        Credentials::None | Credentials::File(_) => {}
        Credentials::UserPassword(user, password) => {
            connecting = connecting.user_and_password(user.clone(), password.clone());
        }
        Credentials::Token(token) => connecting = connecting.token(token.clone()),
        Credentials::Nkey(seed) => connecting = connecting.nkey(seed.clone()),
    }
    let tls = &options.tls;
    for path in tls.ca_file.iter().chain(tls.certificate.iter().flat_map(|(at, key)| [at, key])) {
        if !path.is_file() {
            let reason = format!("there is no file at {}", shown(path));
            return Err(NatsError::Setting { name: "NATS_TLS_CA, _CERT or _KEY", reason });
        }
    }
    if let Some(path) = &tls.ca_file {
        connecting = connecting.add_root_certificates(path.clone());
    }
    if let Some((certificate, key)) = &tls.certificate {
        connecting = connecting.add_client_certificate(certificate.clone(), key.clone());
    }
    Ok(connecting.require_tls(tls.is_required))
}

/// Twice as long each time, from 20 ms up to the longest.
fn reconnect_pause(attempt: usize) -> Duration {
    let doublings = u32::try_from(attempt).unwrap_or(u32::MAX).min(10);
    Duration::from_millis(10 << doublings).min(RECONNECT_PAUSE_MAX)
}

/// Hears what happens to the connection, and tells of it.
struct Listener {
    links: watch::Sender<Link>,
    dropped: Arc<AtomicU64>,
    /// Attempts to connect since the connection was lost.
    failed: AtomicU64,
}

impl Listener {
    fn hear(&self, event: &Event) {
        match event {
            Event::Connected => {
                self.failed.store(0, Ordering::Relaxed);
                tracing::info!(target: "nats", "[NATS] Connected successfully");
                self.links.send_replace(Link::Up);
            }
            Event::Disconnected => {
                tracing::warn!(target: "nats", "[NATS] Connection lost; connecting again");
                self.links.send_replace(Link::Lost);
            }
            Event::SlowConsumer(_) => {
                if let Some(count) = told_count(&self.dropped) {
                    tracing::error!(
                        target: "nats", count,
                        "[NATS] a plain subscription overflowed and lost messages: use JetStream"
                    );
                }
            }
            Event::LameDuckMode => {
                tracing::warn!(target: "nats", "[NATS] the server is going to stop");
            }
            Event::ServerError(error) => {
                tracing::warn!(target: "nats", %error, "[NATS] the server complains");
            }
            Event::ClientError(error) => {
                if let Some(count) = told_count(&self.failed) {
                    tracing::warn!(target: "nats", %error, count, "[NATS] Failed to connect");
                }
            }
            Event::Draining | Event::Closed => {}
        }
    }
}

/// Counts one more. Returns how many there are now, where that is a power of two: a burst must not
/// drown the log.
fn told_count(counter: &AtomicU64) -> Option<u64> {
    let count = counter.fetch_add(1, Ordering::Relaxed) + 1;
    count.is_power_of_two().then_some(count)
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jetstream_that_cannot_answer_now_is_not_taken_for_none() {
        let said = |code: u32, text: &str| {
            let error = format!(r#"{{"code":503,"err_code":{code},"description":"{text}"}}"#);
            is_usable(format!(r#"{{"error":{error}}}"#).as_bytes())
        };
        assert!(is_usable(br#"{"memory":0}"#).unwrap());
        assert!(!said(10_039, "JetStream not enabled for account").unwrap());
        assert!(!said(10_076, "JetStream not enabled").unwrap());
        let error = said(10_008, "JetStream system temporarily unavailable").unwrap_err();
        assert!(error.is_transient());
    }

    #[test]
    fn what_happens_on_and_on_is_told_ever_more_seldom() {
        let counter = AtomicU64::new(0);
        let told: Vec<u64> = (0..20).filter_map(|_| told_count(&counter)).collect();
        assert_eq!(told, [1, 2, 4, 8, 16]);
    }

    #[test]
    fn pauses_double_up_to_a_limit() {
        let pauses: Vec<u128> =
            [1, 2, 5, 9, 10, 99].map(|attempt| reconnect_pause(attempt).as_millis()).to_vec();
        assert_eq!(pauses, [20, 40, 320, 5_000, 5_000, 5_000]);
    }
}
