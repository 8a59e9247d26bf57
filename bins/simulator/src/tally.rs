//! What came of a run.

use ciq_synth::activity::{ActivityEvent, Change};
use serde::Serialize;

use crate::exit::Failure;
use crate::target::Sent;

/// Counts of a run, or of a cycle.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Tally {
    /// Events that were sent, refused ones too.
    pub(crate) events: u64,
    /// Of these, those that were there already: sent again after an answer was lost.
    pub(crate) duplicates: u64,
    /// Of these, those that were refused.
    pub(crate) refused: u64,
    /// Customers who came into being.
    pub(crate) new_customers: u64,
    /// Calls that were made.
    pub(crate) api_calls: u64,
    /// Why an event was refused last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_refusal: Option<String>,
}

impl Tally {
    /// Counts events and what became of them.
    pub(crate) fn of(events: &[ActivityEvent], sent: &Sent) -> Self {
        let mut tally = Self {
            events: events.len() as u64,
            duplicates: sent.duplicates,
            refused: sent.refused,
            last_refusal: sent.refusal.clone(),
            ..Self::default()
        };
        for event in events {
            match event.change {
                Change::Created(_) => tally.new_customers += 1,
                Change::Calls { count, .. } => tally.api_calls += u64::from(count),
                Change::Stage { .. }
                | Change::Tier { .. }
                | Change::ErrorRate { .. }
                | Change::UsageTrend { .. } => {}
            }
        }
        tally
    }

    /// Adds another one.
    pub(crate) fn add(&mut self, other: &Self) {
        self.events += other.events;
        self.duplicates += other.duplicates;
        self.refused += other.refused;
        self.new_customers += other.new_customers;
        self.api_calls += other.api_calls;
        if other.last_refusal.is_some() {
            self.last_refusal.clone_from(&other.last_refusal);
        }
    }

    /// Fails where events were refused.
    pub(crate) fn result(self) -> Result<(), Failure> {
        if self.refused == 0 {
            return Ok(());
        }
        let last = self.last_refusal.unwrap_or_else(|| "no reason was given".to_owned());
        Err(Failure::Refused { count: self.refused, last })
    }
}
