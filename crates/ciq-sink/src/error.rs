//! What can go wrong for good. What may go through later is retried and only counted.

use std::io;
use std::path::PathBuf;

use ciq_nats::NatsError;

/// Why a sink could not be opened or used.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    /// An address is unusable. It is not shown: it may hold a password.
    #[error("address of the {sink} sink is unusable: {reason}")]
    Address {
        /// Which sink.
        sink: &'static str,
        /// Why, and what to write instead.
        reason: String,
    },
    /// A setting is unusable.
    #[error("{name} of the {sink} sink is unusable: {reason}")]
    Setting {
        /// Which sink.
        sink: &'static str,
        /// Which setting.
        name: &'static str,
        /// Why, and what to write instead.
        reason: String,
    },
    /// A file cannot be written.
    #[error("could not open {} to append events to it", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The settings for NATS are unusable.
    #[error("could not use the settings for NATS")]
    Nats(#[from] NatsError),
    /// The certificates to trust cannot be read.
    #[error("could not read the certificates to trust")]
    Certificates(#[source] io::Error),
    /// The sink was closed.
    #[error("sink is closed: it took none of {message_count} messages")]
    Closed {
        /// Messages that it did not take.
        message_count: usize,
    },
}
