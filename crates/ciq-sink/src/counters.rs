//! What became of messages, counted.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// What became of all messages since the sink was opened.
///
/// `accepted` is always `delivered` and `refused` and `buffered` together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SinkCounters {
    /// Messages that the sink took.
    pub accepted: u64,
    /// Of these, those that arrived.
    pub delivered: u64,
    /// Of these, those that the other side does not want, whatever is done.
    pub refused: u64,
    /// Of these, those that are on their way.
    pub buffered: u64,
    /// Messages that found no room and were not taken.
    pub dropped: u64,
    /// Attempts that failed and were made again.
    pub retried: u64,
    /// What went wrong last, without secrets.
    pub last_error: Option<String>,
    /// How the sink is.
    pub state: SinkState,
}

/// How a sink is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SinkState {
    /// The last attempt went through, or there was none.
    Healthy,
    /// The last attempt failed, and another will be made.
    Failing,
}

/// What became of messages when a sink was closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SinkReport {
    /// Messages that arrived.
    pub delivered: u64,
    /// Messages that the other side did not want.
    pub refused: u64,
    /// Messages that found no room.
    pub dropped: u64,
    /// Messages that were taken and are not known to have arrived.
    pub undelivered: u64,
    /// What went wrong last, without secrets.
    pub last_error: Option<String>,
}

/// What is counted while a sink runs.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    accepted: AtomicU64,
    delivered: AtomicU64,
    refused: AtomicU64,
    dropped: AtomicU64,
    retried: AtomicU64,
    is_failing: AtomicBool,
    last_error: Mutex<Option<String>>,
    settled: Notify,
}

impl Tally {
    pub(crate) fn accept(&self, count: usize) {
        self.accepted.fetch_add(wide(count), Ordering::SeqCst);
        count_events("accepted", wide(count));
    }

    pub(crate) fn drop_messages(&self, count: usize) {
        self.dropped.fetch_add(wide(count), Ordering::SeqCst);
        count_events("dropped", wide(count));
    }

    /// Counts what one attempt brought to its end.
    pub(crate) fn settle(&self, delivered: usize, refused: usize) {
        self.delivered.fetch_add(wide(delivered), Ordering::SeqCst);
        self.refused.fetch_add(wide(refused), Ordering::SeqCst);
        count_events("delivered", wide(delivered));
        count_events("refused", wide(refused));
        self.is_failing.store(false, Ordering::SeqCst);
        self.settled.notify_waiters();
    }

    /// Keeps why something was not delivered.
    pub(crate) fn complain(&self, reason: String) {
        *self.last_error() = Some(reason);
    }

    /// Keeps why an attempt failed. Tells whether the one before it had not.
    pub(crate) fn fail(&self, reason: String) -> IsNews {
        self.complain(reason);
        self.retried.fetch_add(1, Ordering::SeqCst);
        metrics::counter!("mockgen_sink_retries_total").increment(1);
        if self.is_failing.swap(true, Ordering::SeqCst) { IsNews::No } else { IsNews::Yes }
    }

    /// Waits until nothing is on its way.
    pub(crate) async fn drained(&self) {
        loop {
            let settled = self.settled.notified();
            tokio::pin!(settled);
            // Registered before the look, or what settles in between would be missed.
            settled.as_mut().enable();
            if self.counters().buffered == 0 {
                return;
            }
            settled.await;
        }
    }

    pub(crate) fn counters(&self) -> SinkCounters {
        // In this order what is on its way can never come out below zero.
        let delivered = self.delivered.load(Ordering::SeqCst);
        let refused = self.refused.load(Ordering::SeqCst);
        let accepted = self.accepted.load(Ordering::SeqCst);
        let is_failing = self.is_failing.load(Ordering::SeqCst);
        SinkCounters {
            accepted,
            delivered,
            refused,
            buffered: accepted - delivered - refused,
            dropped: self.dropped.load(Ordering::SeqCst),
            retried: self.retried.load(Ordering::SeqCst),
            last_error: self.last_error().clone(),
            state: if is_failing { SinkState::Failing } else { SinkState::Healthy },
        }
    }

    pub(crate) fn report(&self) -> SinkReport {
        let counters = self.counters();
        SinkReport {
            delivered: counters.delivered,
            refused: counters.refused,
            dropped: counters.dropped,
            undelivered: counters.buffered,
            last_error: counters.last_error,
        }
    }

    fn last_error(&self) -> MutexGuard<'_, Option<String>> {
        self.last_error.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a failure is the first of its row, and so worth a line in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IsNews {
    Yes,
    No,
}

fn count_events(outcome: &'static str, count: u64) {
    if count > 0 {
        metrics::counter!("mockgen_sink_events_total", "outcome" => outcome).increment(count);
    }
}

fn wide(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
