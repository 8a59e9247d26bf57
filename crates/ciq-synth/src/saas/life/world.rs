//! What all users of a history have in common.

use super::calendar::Calendar;
use super::mark::upper;
use crate::Seed;
use crate::saas::{Event, Modes, Population};

/// Where events go to.
pub(crate) trait Sink {
    /// Takes an event, in any order of time.
    fn push(&mut self, event: Event);
}

impl Sink for Vec<Event> {
    fn push(&mut self, event: Event) {
        Self::push(self, event);
    }
}

/// What becomes of tickets that are open at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// They stay open: the history is only a window.
    Open,
    /// They are closed before it.
    Closed,
}

/// What all users of a history have in common.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) population: Population,
    /// The seed of what happens; who users are follows from the population's.
    pub(crate) seed: Seed,
    pub(crate) calendar: Calendar,
    pub(crate) modes: Modes,
    /// An episode is kept if the lower half of its mark is not above this.
    pub(crate) keep: u32,
    /// By how much more often sessions are than usual, in 65,536ths.
    pub(crate) boost: u64,
    pub(crate) ending: Ending,
    /// How many days came before, in earlier histories of the same users.
    pub(crate) days_before: u32,
}

impl World {
    /// Returns the sequence number of a part of a day.
    ///
    /// The number tells the day and the place within it, so that an event keeps its id whatever
    /// modes and paces are asked for. The first local day may be one before day 0.
    pub(crate) fn sequence(&self, day: i32, place: u32) -> u32 {
        (u32::from(self.ticket(day)) << 16) | place
    }

    /// Returns the number of the ticket that is opened on a day: there is at most one.
    pub(crate) fn ticket(&self, day: i32) -> u16 {
        let [low, high, ..] = self.days_before.wrapping_add_signed(day + 1).to_le_bytes();
        // After 65,536 days, 179 years, numbers begin anew.
        u16::from_le_bytes([low, high])
    }

    /// Returns whether an episode is kept at this pace.
    pub(crate) fn keeps(&self, mark: u64) -> bool {
        upper(mark << 32) <= self.keep
    }
}
