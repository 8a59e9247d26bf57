//! NATS for customer events, in reading order:
//!
//! - [`NatsOptions`], [`SourceOptions`]: what an operator may set; [`SubjectFilter`]: what to
//!   subscribe to;
//! - [`Nats`]: a connection that is kept up for ever; [`Link`]: how it is;
//! - [`Source`]: messages in, in batches: from JetStream's durable pull consumers, or from plain
//!   subscriptions where there is no JetStream; [`Guarantee`]: what is promised then;
//! - [`Receipt`], [`Settlement`]: how a message is settled once it is stored;
//! - [`Publisher`]: messages out, confirmed where a stream takes them;
//! - [`Registry`]: who else belongs to the group;
//! - [`Partitions`]: events sorted by customer; [`PartitionReader`]: one partition, in order;
//! - [`LeaseBook`]: which worker reads which partition; [`LeaseView::moves`]: what a worker should
//!   take and give.
//!
//! The only package that knows the client. Nothing above version 2.9 of the server is needed.
//! Protocol: <https://docs.nats.io/reference/reference-protocols/nats_api_reference>.

mod connect;
mod error;
mod lease;
mod members;
mod options;
mod partition;
mod plan;
mod publish;
mod receipt;
mod request;
mod source;
mod stream;
mod subject;

pub use connect::{Link, Nats};
pub use error::NatsError;
pub use lease::{Lease, LeaseBook, LeaseView, Moves};
pub use members::{Member, Registry};
pub use options::{Credentials, Mode, NatsOptions, Servers, SourceOptions, Start, Tls};
pub use partition::{PartitionHold, PartitionMessages, PartitionReader, Partitions};
pub use publish::{Outgoing, Published, Publisher};
pub use receipt::{Receipt, Settlement};
pub use source::{Delivery, Guarantee, Place, Source, request_brand};
pub use subject::SubjectFilter;
