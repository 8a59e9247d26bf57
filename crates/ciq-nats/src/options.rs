//! What an operator may set about NATS.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use crate::{NatsError, SubjectFilter};

/// How to reach the servers.
#[derive(Debug, Clone)]
pub struct NatsOptions {
    /// The servers, any of which will do. May hold a user and a password, so it is never shown.
    pub servers: Servers,
    /// Who we are.
    pub credentials: Credentials,
    /// How the way is secured.
    pub tls: Tls,
    /// What the server shows as our name.
    pub name: String,
}

impl NatsOptions {
    /// Makes options for servers that ask for nothing.
    #[must_use]
    pub fn new(servers: Servers) -> Self {
        Self {
            servers,
            credentials: Credentials::None,
            tls: Tls::default(),
            name: "customeriq".to_owned(),
        }
    }
}

/// Addresses of servers. Shown without users and passwords.
#[derive(Clone, PartialEq, Eq)]
pub struct Servers(Vec<async_nats::ServerAddr>);

impl Servers {
    pub(crate) fn addresses(&self) -> &[async_nats::ServerAddr] {
        &self.0
    }
}

impl FromStr for Servers {
    type Err = NatsError;

    fn from_str(text: &str) -> Result<Self, NatsError> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let unusable = |number: usize| NatsError::Setting {
            name: "NATS_SERVERS",
            // The address may hold a password.
            reason: format!("address {number} is none: write nats://HOST:4222 or tls://HOST:4222"),
        };
        let addresses: Vec<async_nats::ServerAddr> = (1..)
            .zip(parts)
            .map(|(number, part)| part.parse().map_err(|_| unusable(number)))
            .collect::<Result<_, _>>()?;
        if addresses.is_empty() {
            return Err(unusable(1));
        }
        Ok(Self(addresses))
    }
}

impl fmt::Display for Servers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, address) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{}://{}:{}", address.scheme(), address.host(), address.port())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Servers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Servers({self})")
    }
}

/// Who we are to the server. Never shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Credentials {
    /// Nobody in particular, or as the address says.
    #[default]
    None,
    /// A user and a password.
    UserPassword(String, String),
    /// A token.
    Token(String),
    /// The seed of an nkey.
    Nkey(String),
    /// A file of credentials, as `nsc` writes it.
    File(PathBuf),
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(***)")
    }
}

/// How the way to the server is secured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// A file of root certificates to trust beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// Our certificate and its key, as files.
    pub certificate: Option<(PathBuf, PathBuf)>,
    /// Whether a server without TLS is refused.
    pub is_required: bool,
}

/// How messages are received.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// A stream where the server has JetStream, plain subscriptions where not.
    #[default]
    Auto,
    /// A stream, or not at all.
    JetStream,
    /// Plain subscriptions: at most once.
    Core,
}

impl FromStr for Mode {
    type Err = NatsError;

    fn from_str(text: &str) -> Result<Self, NatsError> {
        match text.trim().to_ascii_lowercase().as_str() {
            "auto" | "" => Ok(Self::Auto),
            "jetstream" => Ok(Self::JetStream),
            "core" => Ok(Self::Core),
            _ => {
                let reason = "one of auto, jetstream, core".to_owned();
                Err(NatsError::Setting { name: "NATS_MODE", reason })
            }
        }
    }
}

/// What to receive, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceOptions {
    /// What to subscribe to; none covers another.
    pub subjects: Vec<SubjectFilter>,
    /// Instances that share the work: the queue group, and the durable consumer's name.
    pub queue_group: String,
    /// How.
    pub mode: Mode,
    /// The stream that is made for subjects that no stream takes yet.
    pub stream: String,
    /// How many servers of a cluster keep each stream that is made: 1, 3 or 5.
    pub replicas: usize,
    /// How long the server waits for an acknowledgement before it delivers again.
    pub ack_wait: Duration,
    /// Messages that may wait for an acknowledgement: what holds a fast stream back.
    pub ack_pending_max: i64,
    /// Where to begin. Anything but [`Start::Durable`] reads beside the durable consumer.
    pub start: Start,
}

/// Where in a stream to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// Where the durable consumer stopped; at the beginning the first time.
    Durable,
    /// At a place of the stream.
    Sequence(u64),
    /// At a time.
    Time(jiff::Timestamp),
}

impl SourceOptions {
    /// Messages that may wait for an acknowledgement unless told otherwise.
    pub const ACK_PENDING_MAX: i64 = 20_000;

    /// How long the server waits for an acknowledgement unless told otherwise.
    pub const ACK_WAIT: Duration = Duration::from_secs(60);

    /// The stream that is made unless another is named.
    pub const STREAM: &str = "CUSTOMER_EVENTS";

    /// Makes options with the documented defaults.
    #[must_use]
    pub fn new(subjects: Vec<SubjectFilter>) -> Self {
        Self {
            subjects,
            queue_group: "customeriq-service".to_owned(),
            mode: Mode::Auto,
            stream: Self::STREAM.to_owned(),
            replicas: 1,
            ack_wait: Self::ACK_WAIT,
            ack_pending_max: Self::ACK_PENDING_MAX,
            start: Start::Durable,
        }
    }

    /// Checks what the server would refuse with fewer words.
    pub fn check(&self) -> Result<(), NatsError> {
        let name_of = |name: &'static str, value: &str| {
            let is_odd = |sign: char| !(sign.is_ascii_alphanumeric() || "-_".contains(sign));
            if value.is_empty() || value.len() > 64 || value.contains(is_odd) {
                let reason = "1 to 64 of letters, digits, - and _".to_owned();
                return Err(NatsError::Setting { name, reason });
            }
            Ok(())
        };
        name_of("NATS_QUEUE_GROUP", &self.queue_group)?;
        name_of("NATS_STREAM", &self.stream)?;
        if ![1, 3, 5].contains(&self.replicas) {
            let reason = "one of 1, 3, 5".to_owned();
            return Err(NatsError::Setting { name: "NATS_REPLICAS", reason });
        }
        if self.ack_wait < Duration::from_secs(1) {
            let reason = "at least 1 second".to_owned();
            return Err(NatsError::Setting { name: "NATS_ACK_WAIT", reason });
        }
        if self.ack_pending_max < 1 {
            let reason = "at least 1".to_owned();
            return Err(NatsError::Setting { name: "NATS_MAX_ACK_PENDING", reason });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_shown_without_passwords() {
        let servers: Servers = "nats://ann:hush@a:4222, tls://b:5222,c".parse().unwrap();
        assert_eq!(servers.to_string(), "nats://a:4222,tls://b:5222,nats://c:4222");
        assert!(!format!("{servers:?}").contains("hush"));
        assert!("".parse::<Servers>().is_err());
        let error = "nats://user:hush@bad host".parse::<Servers>().unwrap_err();
        assert!(!error.to_string().contains("hush"), "{error}");
    }

    #[test]
    fn settings_that_a_server_would_refuse_are_refused_by_name() {
        let options = SourceOptions::new(SubjectFilter::parse_list("customer.events.>").unwrap());
        assert!(options.check().is_ok());
        for (bad, name) in [
            (
                SourceOptions { queue_group: "a.b".to_owned(), ..options.clone() },
                "NATS_QUEUE_GROUP",
            ),
            (SourceOptions { stream: String::new(), ..options.clone() }, "NATS_STREAM"),
            (SourceOptions { replicas: 2, ..options.clone() }, "NATS_REPLICAS"),
            (SourceOptions { ack_wait: Duration::ZERO, ..options.clone() }, "NATS_ACK_WAIT"),
            (SourceOptions { ack_pending_max: 0, ..options.clone() }, "NATS_MAX_ACK_PENDING"),
        ] {
            let error = bad.check().unwrap_err().to_string();
            assert!(error.contains(name), "{error}");
        }
    }
}
