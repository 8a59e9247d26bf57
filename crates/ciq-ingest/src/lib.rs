//! What happens when an event arrives, in reading order:
//!
//! - [`Brands`]: the open brands, each with its file;
//! - [`BrandHandle`]: a brand's one way in: entries and decisions go to the thread that owns its
//!   file, in batches, and are answered after the commit (E-2);
//! - [`Retried`]: what came of trying dead letters again;
//! - [`Pipeline`]: batches in order, one folded while the one before it is written;
//! - [`Importer`]: files and streams of records through the same way;
//! - [`NatsIngest`]: messages from NATS through the same way, and what changed back to NATS;
//!   [`PartitionSettings`]: only a share of them, beside other workers;
//! - [`Clock`]: where the time comes from.

mod brand;
mod brands;
mod clock;
mod config;
mod dead_letters;
mod import;
mod nats;
mod pipeline;
mod writer;

pub use brand::{BrandHandle, IngestError, PendingAnswer, Refused};
pub use brands::{Brands, BrandsError};
pub use clock::{Clock, SystemClock, pause};
pub use config::{ConfigError, EngineOptions};
pub use dead_letters::Retried;
pub use import::{ImportError, ImportObserver, ImportReport, Importer};
pub use nats::{NatsIngest, NatsSettings, PartitionSettings, entry_of};
pub use pipeline::{Pipeline, Retry, Settled};
