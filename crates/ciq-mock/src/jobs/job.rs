//! One backfill: how far it is, and how it ended.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use ciq_synth::saas::HistorySettings;
use jiff::Timestamp;
use tokio::sync::watch;

use super::TRAINING_EVENTS_MIN;
use crate::wire::BackfillBody;

/// How many milliseconds a day has.
const DAY_MS: i64 = 86_400_000;

/// One backfill.
#[derive(Debug)]
pub(crate) struct Job {
    id: String,
    users: u32,
    from_ms: i64,
    to_ms: i64,
    started_at: Timestamp,
    events: AtomicU64,
    /// Up to where the history is handed over.
    reached_ms: AtomicI64,
    is_cancelled: watch::Sender<bool>,
    end: watch::Sender<Option<End>>,
}

/// How a backfill ended.
#[derive(Debug, Clone)]
pub(super) struct End {
    pub(super) at: Timestamp,
    pub(super) outcome: Outcome,
}

/// How a backfill ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    Done,
    Cancelled,
    Failed(String),
}

impl Job {
    pub(super) fn new(number: u64, settings: &HistorySettings, now: Timestamp) -> Self {
        let from_ms = settings.population.start_ms();
        Self {
            id: format!("bf_{number}"),
            users: settings.population.users(),
            from_ms,
            to_ms: from_ms.saturating_add(i64::from(settings.days()).saturating_mul(DAY_MS)),
            started_at: now,
            events: AtomicU64::new(0),
            reached_ms: AtomicI64::new(from_ms),
            is_cancelled: watch::Sender::new(false),
            end: watch::Sender::new(None),
        }
    }

    /// Returns its name.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Tells whether it still runs.
    pub(crate) fn is_running(&self) -> bool {
        self.end.borrow().is_none()
    }

    /// Asks it to end early. What was handed over stays.
    pub(crate) fn cancel(&self) {
        self.is_cancelled.send_replace(true);
    }

    /// Tells whether it was asked to end early.
    pub(super) fn is_cancelled(&self) -> bool {
        *self.is_cancelled.borrow()
    }

    /// Waits until it is asked to end early.
    pub(super) async fn cancelled(&self) {
        let mut told = self.is_cancelled.subscribe();
        // The sender lives as long as this does.
        drop(told.wait_for(|is_cancelled| *is_cancelled).await);
    }

    /// Waits for its end.
    pub(crate) async fn ended(&self) {
        let mut told = self.end.subscribe();
        // The sender lives as long as this does.
        drop(told.wait_for(Option::is_some).await);
    }

    /// Notes what was handed over.
    pub(super) fn advance(&self, events: usize, reached_ms: i64) {
        self.events.fetch_add(events as u64, Ordering::Relaxed);
        self.reached_ms.fetch_max(reached_ms, Ordering::Relaxed);
    }

    /// Notes the end.
    pub(super) fn finish(&self, end: End) {
        self.end.send_replace(Some(end));
    }

    /// Tells how it stands.
    pub(crate) fn body(&self, now: Timestamp) -> BackfillBody {
        let end = self.end.borrow().clone();
        let events = self.events.load(Ordering::Relaxed);
        let (state, error) = match end.as_ref().map(|end| &end.outcome) {
            None => ("running", None),
            Some(Outcome::Done) => ("done", None),
            Some(Outcome::Cancelled) => ("cancelled", None),
            Some(Outcome::Failed(error)) => ("failed", Some(error.clone())),
        };
        let progress = if state == "done" { 1.0 } else { self.progress() };
        let until = end.as_ref().map_or(now, |end| end.at);
        let seconds = until.duration_since(self.started_at).as_secs_f64().max(0.0);
        let eta_seconds =
            (end.is_none() && progress > 0.0).then(|| seconds * (1.0 - progress) / progress);
        BackfillBody {
            id: self.id.clone(),
            state,
            progress,
            events,
            eta_seconds,
            seconds,
            from: text_of(self.from_ms),
            to: text_of(self.to_ms),
            warnings: if state == "done" { self.warnings(events) } else { Vec::new() },
            error,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a share for people")]
    fn progress(&self) -> f64 {
        let reached = self.reached_ms.load(Ordering::Relaxed) - self.from_ms;
        (reached as f64 / (self.to_ms - self.from_ms).max(1) as f64).clamp(0.0, 1.0)
    }

    fn warnings(&self, events: u64) -> Vec<String> {
        let users = u64::from(self.users);
        if events >= TRAINING_EVENTS_MIN.saturating_mul(users) {
            return Vec::new();
        }
        let tenths = events.saturating_mul(10) / users.max(1);
        vec![format!(
            "{events} events of {users} users are {}.{} each: no model can be trained on fewer \
             than {TRAINING_EVENTS_MIN}; raise density or perUserDensity, or make fewer users",
            tenths / 10,
            tenths % 10
        )]
    }
}

/// Writes a time down.
fn text_of(at_ms: i64) -> String {
    Timestamp::from_millisecond(at_ms).map_or_else(|_| String::new(), |at| format!("{at:.3}"))
}
