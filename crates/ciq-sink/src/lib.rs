//! Where generated events go, in reading order:
//!
//! - [`Batch`], [`Message`]: events on their way, many to an allocation;
//! - [`SinkSettings`]: where to: console, file, HTTP, Redis, NATS;
//! - [`Sink`]: takes batches into a buffer with a bound and delivers them behind the caller's back,
//!   again and again until they have arrived;
//! - [`SinkCounters`], [`SinkReport`]: what became of them.
//!
//! Events of one user arrive in the order in which they were given. What is promised when a server
//! or the way to it fails in the middle of a request differs: a stream of Redis gets each event
//! once if the server keeps what it confirms (see [`SinkSettings::Redis`]), a stream of NATS once
//! within its window for duplicates, a file once, and HTTP and plain NATS at least once, always
//! under the same id.

mod backend;
mod backoff;
mod batch;
mod counters;
mod error;
mod secret;
mod settings;
mod sink;

pub use batch::{Batch, Message};
pub use counters::{SinkCounters, SinkReport, SinkState};
pub use error::SinkError;
pub use settings::{Header, NatsMode, SinkSettings, SinkUrl, Trimming};
pub use sink::{BUFFER_BYTES_MAX, BUFFER_MESSAGES_MAX, Sink};
