//! Where events are to go.

use std::fmt;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ciq_nats::NatsOptions;
use url::Url;

use crate::SinkError;
use crate::secret::unescaped;

/// Where events are to go. Shown without users, passwords and tokens.
#[derive(Debug, Clone)]
pub enum SinkSettings {
    /// To the standard output, a line for each.
    Console,
    /// To a file, a line for each, behind what is there. Compressed where its name ends in `.gz`
    /// or `.zst`.
    File {
        /// Which file.
        path: PathBuf,
    },
    /// To a service that takes JSON arrays.
    Http {
        /// Where to post them.
        url: SinkUrl,
        /// Headers to send along, such as `Authorization`.
        headers: Vec<Header>,
        /// Connections at once. Each user's events keep to one, and so to their order.
        connection_count: usize,
        /// Most events of a request.
        events_max: usize,
        /// Most bytes of a request's body; an event that is larger goes alone.
        body_bytes_max: usize,
    },
    /// To a stream of Redis, which gets each event once across broken connections.
    ///
    /// It does so across crashes of the server as well if that keeps what it confirms, nothing by
    /// halves, and our key beside the stream:
    ///
    /// - `appendonly yes` and `appendfsync always`, since with `everysec` it confirms up to two
    ///   seconds before it writes: those events would be lost;
    /// - `aof-load-truncated no`, and `redis-check-aof --fix` on the manifest of the append-only
    ///   file before each start. By itself a server (Redis 7 and 8; Valkey before its change 4342)
    ///   mends an end that a crash has torn so that what is left of a request, up to a thousand
    ///   events, is done with the next one when the file is read once more: those events would be
    ///   there twice;
    /// - `maxmemory-policy noeviction`.
    Redis {
        /// Which server: `redis://HOST:6379`, or `rediss://HOST:6379` with TLS.
        url: SinkUrl,
        /// The key of the stream.
        stream_key: String,
        /// The length at which the stream is cut at its old end; it never is without one.
        max_length: Option<u64>,
        /// How exactly it is cut.
        trimming: Trimming,
    },
    /// To subjects of NATS: the prefix, the user and the name of the event, with dots between.
    Nats {
        /// How to reach the servers.
        options: NatsOptions,
        /// What subjects begin with.
        subject_prefix: String,
        /// Whether a stream confirms what is published.
        mode: NatsMode,
    },
}

impl SinkSettings {
    /// Connections of an HTTP sink unless told otherwise: more than a small machine has cores.
    pub const HTTP_CONNECTIONS: usize = 4;

    /// Most events of a request unless told otherwise.
    pub const HTTP_EVENTS_MAX: usize = 1_000;

    /// Most bytes of a request's body unless told otherwise: half of what small services take.
    pub const HTTP_BODY_BYTES_MAX: usize = 512 * 1024;

    /// What subjects begin with unless told otherwise.
    pub const SUBJECT_PREFIX: &str = "customer.events";

    /// Makes settings for the standard output.
    #[must_use]
    pub fn console() -> Self {
        Self::Console
    }

    /// Makes settings for a file.
    #[must_use]
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self::File { path: path.into() }
    }

    /// Makes settings for a service at `http://…` or `https://…`.
    pub fn http(url: &str) -> Result<Self, SinkError> {
        Ok(Self::Http {
            url: SinkUrl::parse("http", url, &["http", "https"])?,
            headers: Vec::new(),
            connection_count: Self::HTTP_CONNECTIONS,
            events_max: Self::HTTP_EVENTS_MAX,
            body_bytes_max: Self::HTTP_BODY_BYTES_MAX,
        })
    }

    /// Makes settings for a stream of Redis that is cut about a length, if one is given.
    pub fn redis(url: &str, stream_key: &str, max_length: Option<u64>) -> Result<Self, SinkError> {
        Ok(Self::Redis {
            url: SinkUrl::parse("redis", url, &["redis", "rediss"])?,
            stream_key: stream_key.to_owned(),
            max_length,
            trimming: Trimming::About,
        })
    }

    /// Makes settings for NATS.
    #[must_use]
    pub fn nats(options: NatsOptions, mode: NatsMode) -> Self {
        Self::Nats { options, subject_prefix: Self::SUBJECT_PREFIX.to_owned(), mode }
    }

    /// Adds a header to the requests of an HTTP sink; others have none.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        if let Self::Http { headers, .. } = &mut self {
            headers.push(Header { name: name.to_owned(), value: value.to_owned() });
        }
        self
    }

    /// Returns the kind of sink in one word.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Console => "console",
            Self::File { .. } => "file",
            Self::Http { .. } => "http",
            Self::Redis { .. } => "redis",
            Self::Nats { .. } => "nats",
        }
    }

    /// Returns what no error and no log may show.
    pub(crate) fn secrets(&self) -> Vec<String> {
        match self {
            Self::Http { url, headers, .. } => {
                let mut secrets = url.secrets();
                secrets.extend(headers.iter().map(|header| header.value.clone()));
                secrets
            }
            Self::Redis { url, .. } => url.secrets(),
            // Those of NATS are hidden by its own package.
            Self::Console | Self::File { .. } | Self::Nats { .. } => Vec::new(),
        }
    }
}

impl fmt::Display for SinkSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Console => f.write_str("console"),
            Self::File { path } => write!(f, "file {}", path.display()),
            Self::Http { url, .. } => write!(f, "http {url}"),
            Self::Redis { url, stream_key, .. } => write!(f, "redis {url} {stream_key}"),
            Self::Nats { options, subject_prefix, .. } => {
                write!(f, "nats {} {subject_prefix}", options.servers)
            }
        }
    }
}

/// How exactly a stream of Redis is cut.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Trimming {
    /// Where it is cheap: a little longer than told, and much faster.
    #[default]
    About,
    /// Never longer than told, once a part of what is sent has arrived.
    Exact,
}

/// Whether a stream of NATS confirms what is published.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum NatsMode {
    /// None does: whoever listens gets it, and when the connection is lost in the middle perhaps
    /// twice.
    Core,
    /// One does, and takes each message once.
    #[default]
    JetStream,
}

/// A header of a request. Its value is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ***", self.name)
    }
}

/// The address of a server. Shown without user, password and query.
#[derive(Clone, PartialEq, Eq)]
pub struct SinkUrl(Url);

impl SinkUrl {
    /// Reads an address that has one of the schemes.
    fn parse(sink: &'static str, text: &str, schemes: &[&str]) -> Result<Self, SinkError> {
        let unusable = |reason: String| SinkError::Address { sink, reason };
        let url = Url::parse(text.trim()).map_err(|error| {
            unusable(format!("{error}: write {}://HOST:PORT", schemes.join(":// or ")))
        })?;
        if !schemes.contains(&url.scheme()) {
            return Err(unusable(format!("write {}://HOST:PORT", schemes.join(":// or "))));
        }
        if !url.has_host() {
            return Err(unusable("it names no host".to_owned()));
        }
        Ok(Self(url))
    }

    /// Returns the whole address, secrets included.
    pub(crate) fn url(&self) -> &Url {
        &self.0
    }

    /// Returns user and password as a request for basic authentication has them.
    pub(crate) fn login(&self) -> Option<String> {
        let (user, password) = (self.0.username(), self.0.password());
        if user.is_empty() && password.is_none() {
            return None;
        }
        let login = format!("{user}:{}", password.unwrap_or_default());
        Some(STANDARD.encode(unescaped(&login)))
    }

    /// Returns what may not be shown, as written and as meant.
    fn secrets(&self) -> Vec<String> {
        let mut secrets = Vec::new();
        if let Some(password) = self.0.password() {
            secrets.push(password.to_owned());
            secrets.push(unescaped(password));
        }
        secrets.extend(self.login());
        secrets.extend(self.0.query().map(str::to_owned));
        secrets
    }
}

impl fmt::Display for SinkUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.0.host_str().unwrap_or_default();
        write!(f, "{}://{host}", self.0.scheme())?;
        if let Some(port) = self.0.port() {
            write!(f, ":{port}")?;
        }
        f.write_str(self.0.path())
    }
}

impl fmt::Debug for SinkUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SinkUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        let http = SinkSettings::http("http://ann:hush@host:4000/events?token=hush").unwrap();
        let http = http.with_header("Authorization", "Bearer hush");
        let redis =
            SinkSettings::redis("redis://:hush@host:6379/1", "domain.events", None).unwrap();
        for (settings, shown) in [
            (http, "http http://host:4000/events"),
            (redis, "redis redis://host:6379/1 domain.events"),
        ] {
            assert_eq!(settings.to_string(), shown);
            assert!(!format!("{settings:?}").contains("hush"), "{settings:?}");
            assert!(settings.secrets().contains(&"hush".to_owned()));
        }
    }

    #[test]
    fn an_unusable_address_is_refused_and_not_shown() {
        for text in ["", "hush", "ftp://ann:hush@host", "http://", "http://ann:hush@"] {
            let error = SinkSettings::http(text).unwrap_err().to_string();
            assert!(!error.contains("hush"), "{error}");
        }
    }
}
