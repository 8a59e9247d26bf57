//! Subscriptions made up in Stripe: months of billing from one seed, exact to the cent.
//!
//! Reading order, the pure parts first:
//!
//! - [`PricePlan`]: what is sold; [`calendar`]: the months of a run and when its clocks stand where;
//! - [`plan`]: what a run will do, a function of its settings, and every call that this takes;
//! - [`SnapshotRow`], [`InvoiceRow`]: what the server told, month by month; [`RunFile`]: what a run
//!   leaves behind;
//! - [`mrr`]: recurring revenue by month and where it came from; [`report`]: as text, CSV, JSON, SVG;
//! - [`verify`]: a finished run beside its plan, to the cent; [`bridge`]: the same run as events;
//!
//! and those that reach a server:
//!
//! - [`Transport`], [`Limits`], [`RetrySettings`], [`Caller`]: one request, how often, and what
//!   becomes of one that fails;
//! - [`Runner`]: prices, a run, its continuation after a crash, its end, and everything read back;
//!   [`Files`]: where it writes.
//!
//! Nothing here speaks to live mode: [`SecretKey`] takes test keys only.
//!
//! ```
//! use ciq_stripe::plan::{RunPlan, RunSettings};
//!
//! let plan = RunPlan::new(&RunSettings::standard(1))?;
//! assert_eq!(plan.customers.len(), 100);
//! assert_eq!(plan.clock_count(), 34);
//! let rows: usize = (0..=6).map(|month| plan.expected_rows(month).len()).sum();
//! assert_eq!(rows, 673);
//! # Ok::<(), ciq_stripe::plan::PlanError>(())
//! ```

pub mod bridge;
pub mod calendar;
mod caller;
mod catalog;
mod files;
#[cfg(test)]
mod fixture;
mod journal;
mod limiter;
mod money;
pub mod mrr;
pub mod plan;
mod readback;
pub mod report;
mod retry;
mod run;
mod runner;
mod secret;
mod snapshot;
mod transport;
pub mod verify;

pub use caller::{CallError, Caller, Meter, MeterReading};
pub use catalog::{CURRENCY, PricePlan};
pub use files::{Files, FilesError};
pub use journal::JournalError;
pub use limiter::Limits;
pub use money::dollars;
pub use retry::RetrySettings;
pub use run::{CLOCK_PREFIX, InvoiceLine, InvoiceRow, PriceFile, RunFile, Server};
pub use runner::{
    CLOCK_TIMEOUT, CleanupReport, ErrorKind, NewRun, PriceMistake, PriceReport, Progress, RunError,
    Runner, RunnerSettings, Scope, StatusReport, WORKERS,
};
pub use secret::{KEY_VARIABLE, SecretKey, SecretKeyError};
pub use snapshot::{SnapshotRow, SubscriptionStatus};
pub use transport::{ATTEMPT_TIMEOUT, Endpoint, EndpointError, Transport, TransportError};
