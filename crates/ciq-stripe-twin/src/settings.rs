//! What a twin is like: its clock, its files, its faults.

use std::path::PathBuf;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The largest request body that a twin reads: far above what a form of Stripe's needs.
pub(crate) const BODY_BYTES_MAX: usize = 1024 * 1024;

/// What a twin is like.
#[derive(Debug, Clone)]
pub struct TwinSettings {
    /// What the time is. Test clocks live in their own time.
    pub clock: fn() -> Timestamp,
    /// What becomes of a subscription whose invoice is never paid.
    pub dunning: Dunning,
    /// How long an advance of a test clock lasts.
    pub advance_duration: SignedDuration,
    /// Advances of clocks whose name contains it end in `internal_failure`.
    pub failing_clock: Option<String>,
    /// How many requests a second are answered; more get 429. Nothing: no limit.
    pub requests_per_second: Option<u32>,
    /// What goes wrong.
    pub faults: Faults,
    /// Where writes are kept. A twin that opens the same file goes on where the last one ended.
    /// Nothing: in memory only.
    pub log: Option<PathBuf>,
    /// Where every request is recorded as it came, one JSON line each.
    pub record: Option<PathBuf>,
    /// Where events go.
    pub webhook: Option<WebhookTarget>,
}

impl TwinSettings {
    /// A twin without limits, faults, files and webhooks, whose advances are done at once.
    #[must_use]
    pub fn new(clock: fn() -> Timestamp) -> Self {
        Self {
            clock,
            dunning: Dunning::default(),
            advance_duration: SignedDuration::ZERO,
            failing_clock: None,
            requests_per_second: None,
            faults: Faults::default(),
            log: None,
            record: None,
            webhook: None,
        }
    }
}

/// What becomes of a subscription whose invoice is still not paid after all tries.
///
/// At Stripe this is a setting of the account that the API does not tell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dunning {
    /// It stays past due.
    #[default]
    LeavePastDue,
    /// It is cancelled.
    Cancel,
    /// It becomes unpaid.
    MarkUnpaid,
}

/// What goes wrong, in requests out of a thousand. Which ones follows from the seed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Faults {
    /// The seed.
    pub seed: u64,
    /// Answered 429 and not executed.
    pub rate_limited_per_mille: u16,
    /// Answered 500. Half of them are executed before, and their answer is kept under their key.
    pub server_error_per_mille: u16,
    /// Executed, and the connection is cut instead of an answer.
    pub lost_answer_per_mille: u16,
    /// Answered 502 by something that speaks HTML, and not executed.
    pub bad_gateway_per_mille: u16,
    /// How long each answer waits.
    pub latency: Duration,
}

/// Where events go.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookTarget {
    /// The address.
    pub url: String,
    /// What events are signed with.
    pub secret: String,
}

impl std::fmt::Debug for WebhookTarget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebhookTarget").field("url", &self.url).finish_non_exhaustive()
    }
}
