//! What falls due when: renewals, charges, ends.
//!
//! The agenda only says when to look. Whoever is looked up decides by their own state what is to
//! be done, so an entry that has become stale does no harm.

use std::collections::BTreeSet;

use super::Books;
use super::calendar::Moment;
use super::ids::{ClockId, InvoiceId, Kind, SubscriptionId};

/// Whom to look up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Due {
    Clock(ClockId),
    Subscription(SubscriptionId),
    Invoice(InvoiceId),
}

/// Entries are ordered by the clock whose time counts, by time, and by who was made first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    clock: Option<ClockId>,
    at: Moment,
    serial: u64,
    due: Due,
}

/// What falls due when.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Agenda {
    entries: BTreeSet<Entry>,
}

impl Agenda {
    /// Adds an entry.
    pub(super) fn add(&mut self, clock: Option<ClockId>, at: Moment, serial: u64, due: Due) {
        self.entries.insert(Entry { clock, at, serial, due });
    }

    /// Takes out all entries of a clock.
    pub(super) fn forget(&mut self, clock: &ClockId) {
        self.entries.retain(|entry| entry.clock.as_ref() != Some(clock));
    }

    /// Takes out the first entry of a clock, if it is due by then.
    fn take(&mut self, clock: Option<&ClockId>, by: Moment) -> Option<(Moment, Due)> {
        let nobody = Due::Clock(ClockId::from_raw(String::new()));
        let start = Entry { clock: clock.cloned(), at: Moment::FIRST, serial: 0, due: nobody };
        let entry = self.entries.range(start..).next()?.clone();
        if entry.clock.as_ref() != clock || entry.at > by {
            return None;
        }
        self.entries.remove(&entry);
        Some((entry.at, entry.due))
    }
}

impl Books {
    /// Does everything that falls due on a clock, or in real time, up to a moment; then it is
    /// that moment.
    pub(super) fn work_off(&mut self, clock: Option<&ClockId>, until: Moment) {
        while let Some((at, due)) = self.agenda.take(clock, until) {
            self.set_time(clock, at);
            match due {
                Due::Clock(id) => self.clock_due(&id),
                Due::Subscription(id) => self.subscription_due(&id),
                Due::Invoice(id) => self.invoice_due(&id),
            }
        }
        self.set_time(clock, until);
    }

    /// Sets the time, which never runs backwards.
    fn set_time(&mut self, clock: Option<&ClockId>, at: Moment) {
        let time = match clock {
            None => Some(&mut self.now),
            Some(clock) => self.clocks.get_mut(clock).map(|clock| &mut clock.time),
        };
        if let Some(time) = time {
            *time = at.max(*time);
        }
    }
}
