//! What a twin has counted.

use std::collections::BTreeMap;

/// What a twin has counted since it was opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counters {
    /// Requests that came.
    pub calls: u64,
    /// Writes that reached the books, those that they refused included.
    pub executed_writes: u64,
    /// Answers that were given again under their key.
    pub replayed_answers: u64,
    /// Requests that the rate limit refused.
    pub rate_limited: u64,
    /// Faults that were made on purpose.
    pub faults: u64,
    /// Answers by status; a lost answer counts under 0.
    pub by_status: BTreeMap<u16, u64>,
    /// Events that the webhook took.
    pub events_delivered: u64,
    /// Events that the webhook did not take, and that are not tried any more.
    pub events_dropped: u64,
}
