//! What delivers: one file per kind of server, and the lane that drives them.

mod console;
mod file;
mod http;
mod lane;
mod nats;
mod redis;

use std::time::Duration;

pub(crate) use self::lane::Lane;
use crate::{Batch, SinkError, SinkSettings};

/// One way to the other side.
#[derive(Debug)]
pub(crate) enum Backend {
    Console(console::Console),
    File(file::File),
    Http(Box<http::Http>),
    Redis(Box<redis::Redis>),
    Nats(Box<nats::NatsSink>),
}

/// What one attempt brought to its end.
#[derive(Debug, Default)]
pub(crate) struct Done {
    pub(crate) delivered: usize,
    pub(crate) refused: usize,
    /// Why some were refused.
    pub(crate) reason: Option<String>,
}

impl Done {
    pub(crate) fn delivered(count: usize) -> Self {
        Self { delivered: count, ..Self::default() }
    }

    pub(crate) fn refused(count: usize, reason: String) -> Self {
        Self { delivered: 0, refused: count, reason: Some(reason) }
    }
}

/// Why an attempt failed that may go through later.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) reason: String,
    /// When the other side wants to be asked again.
    pub(crate) retry_after: Option<Duration>,
}

impl Failure {
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), retry_after: None }
    }

    /// Makes a failure of an error and its causes.
    pub(crate) fn of(doing: &str, error: &dyn std::error::Error) -> Self {
        Self::new(format!("could not {doing}: {}", crate::secret::chain(error)))
    }
}

impl Backend {
    /// Makes the ways that the settings ask for. Of several, each has users of its own.
    pub(crate) async fn open(settings: &SinkSettings) -> Result<Vec<Self>, SinkError> {
        match settings {
            SinkSettings::Console => Ok(vec![Self::Console(console::Console::default())]),
            SinkSettings::File { path } => Ok(vec![Self::File(file::File::open(path)?)]),
            SinkSettings::Http { url, headers, connection_count, events_max, body_bytes_max } => {
                let target = http::Target::new(url, headers)?;
                let limits = http::Limits::new(*events_max, *body_bytes_max);
                let lane = |_| Self::Http(Box::new(http::Http::new(&target, limits)));
                Ok((0..(*connection_count).max(1)).map(lane).collect())
            }
            SinkSettings::Redis { url, stream_key, max_length, trimming } => {
                let cut = redis::Cut::new(*max_length, *trimming);
                Ok(vec![Self::Redis(Box::new(redis::Redis::new(url, stream_key, cut)?))])
            }
            SinkSettings::Nats { options, subject_prefix, mode } => {
                let nats = nats::NatsSink::open(options, subject_prefix, *mode).await?;
                Ok(vec![Self::Nats(Box::new(nats))])
            }
        }
    }

    /// Delivers some messages from a place on, at least one. After a failure the same call with the
    /// same messages goes on where it stopped.
    async fn deliver(&mut self, batch: &Batch, from: usize) -> Result<Done, Failure> {
        match self {
            Self::Console(console) => console.deliver(batch, from).await,
            Self::File(file) => file.deliver(batch, from).await,
            Self::Http(http) => http.deliver(batch, from).await,
            Self::Redis(redis) => redis.deliver(batch, from).await,
            Self::Nats(nats) => nats.deliver(batch, from).await,
        }
    }

    /// Ends the way in order, as far as that is needed.
    async fn close(&mut self) {
        match self {
            Self::Console(_) | Self::File(_) | Self::Http(_) => {}
            Self::Redis(redis) => redis.close().await,
            Self::Nats(nats) => nats.close().await,
        }
    }
}
