//! What the page shows.

use std::collections::BTreeMap;

use ciq_event::Severity;
use ciq_store::{Headline, InterventionFilter, InterventionView, LatestEvent, Reader, StoreError};
use jiff::Timestamp;

use crate::format::{count, counted};

/// Minutes of which the events are drawn.
pub(super) const MINUTES_SHOWN: u32 = 60;

/// Events that the ticker shows.
const EVENTS_SHOWN: u32 = 20;

/// Interventions shown: more than a person deals with before looking again.
const INTERVENTIONS_SHOWN: u32 = 12;

/// What the page shows.
#[derive(Debug)]
pub(crate) struct NowView {
    /// As of when.
    pub(crate) as_of: Timestamp,
    /// Figures about the brand.
    pub(crate) headline: Headline,
    /// Interventions that are not resolved, by severity.
    pub(crate) open: BTreeMap<Severity, u64>,
    /// How many events came in each of the last minutes, the earliest first.
    pub(crate) arrivals: Vec<i64>,
    /// What came last, the latest first.
    pub(crate) latest: Vec<LatestEvent>,
    /// What a person should do, the most severe first.
    pub(crate) queue: Vec<InterventionView>,
    /// Whether there is more to do than shown.
    pub(crate) has_more: bool,
}

/// Reads what the page shows. Blocks.
pub(crate) fn read(reader: &Reader, now: Timestamp) -> Result<NowView, StoreError> {
    let waiting = InterventionFilter {
        status: Some(vec!["open".to_owned(), "acknowledged".to_owned()]),
        limit: Some(INTERVENTIONS_SHOWN),
        ..InterventionFilter::default()
    };
    let queue = reader.interventions(&waiting)?;
    Ok(NowView {
        as_of: now,
        headline: reader.headline()?,
        open: reader.intervention_counts()?,
        arrivals: reader.arrivals_by_minute(now, MINUTES_SHOWN)?,
        latest: reader.latest_events(EVENTS_SHOWN)?,
        has_more: queue.next_cursor.is_some(),
        queue: queue.data,
    })
}

impl NowView {
    /// Returns what a brand without a file shows.
    pub(crate) fn empty(now: Timestamp) -> Self {
        Self {
            as_of: now,
            headline: Headline::default(),
            open: BTreeMap::new(),
            arrivals: vec![0; MINUTES_SHOWN as usize],
            latest: Vec::new(),
            queue: Vec::new(),
            has_more: false,
        }
    }

    /// Returns how many interventions are not resolved.
    pub(super) fn open_count(&self) -> i64 {
        self.open.values().map(|count| signed(*count)).sum()
    }

    /// Returns how many interventions of which severity are not resolved, the most severe first.
    pub(super) fn open_by_severity(&self) -> Vec<(&'static str, i64)> {
        let open = self.open.iter().rev().filter(|(_, count)| **count > 0);
        open.map(|(severity, count)| (severity.name(), signed(*count))).collect()
    }

    /// Says the same in words.
    pub(super) fn open_in_words(&self) -> String {
        let parts = self.open_by_severity();
        let parts: Vec<_> =
            parts.iter().map(|(name, how_many)| format!("{} {name}", count(*how_many))).collect();
        let all = counted(self.open_count(), "intervention");
        if parts.is_empty() {
            return "No intervention is open.".to_owned();
        }
        format!("{all} not resolved: {}.", parts.join(", "))
    }
}

fn signed(count: u64) -> i64 {
    count.try_into().unwrap_or(i64::MAX)
}
