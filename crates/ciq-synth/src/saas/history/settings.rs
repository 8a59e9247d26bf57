//! Which part of a population's history to make: how long, which sides of it, how dense.

use crate::saas::{Mode, Population};

/// The longest history, in days.
pub const HISTORY_DAYS_MAX: u32 = 730;

/// What a history is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistorySettings {
    /// Who.
    pub population: Population,
    days: u32,
    /// Which sides of what they do.
    pub modes: Modes,
    /// How much of it.
    pub pace: Pace,
}

/// A small set of modes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Modes(u8);

/// How dense a history is.
///
/// Below the natural density whole episodes are left out: a session, a ticket with its replies, a
/// renewal with its declines. A denser history contains the thinner one. Above it, sessions become
/// more frequent; renewals and tickets do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// As much as such users would do.
    Natural,
    /// So many events a day on average, all users together.
    PerDay(u64),
    /// So many events of each user in so many days, on average.
    PerUserPerDay {
        /// How many events.
        events: u32,
        /// In how many days. 0 is taken for 1.
        per_days: u32,
    },
}

/// Why settings make no history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HistoryError {
    /// None, or too many.
    #[error("cannot make a history of {0} days: 1 to {HISTORY_DAYS_MAX}")]
    Days(u32),
}

impl HistorySettings {
    /// Makes settings with the default modes at the natural pace. Fails for no days and for more
    /// than two years.
    pub fn new(population: Population, days: u32) -> Result<Self, HistoryError> {
        if !(1..=HISTORY_DAYS_MAX).contains(&days) {
            return Err(HistoryError::Days(days));
        }
        Ok(Self { population, days, modes: Modes::default(), pace: Pace::Natural })
    }

    /// Sets which sides to make.
    #[must_use]
    pub fn with_modes(self, modes: Modes) -> Self {
        Self { modes, ..self }
    }

    /// Sets how dense it is.
    #[must_use]
    pub fn with_pace(self, pace: Pace) -> Self {
        Self { pace, ..self }
    }

    /// Returns the number of days, 1 to [`HISTORY_DAYS_MAX`].
    #[must_use]
    pub fn days(&self) -> u32 {
        self.days
    }
}

impl Modes {
    /// Makes a set of modes.
    #[must_use]
    pub fn of(modes: &[Mode]) -> Self {
        Self(modes.iter().fold(0, |bits, mode| bits | 1 << *mode as u8))
    }

    /// Returns whether a mode is in it.
    #[must_use]
    pub fn contains(self, mode: Mode) -> bool {
        self.0 & (1 << mode as u8) != 0
    }

    /// Returns whether no mode is in it.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl Default for Modes {
    /// Product, billing and ticket.
    fn default() -> Self {
        Self::of(&[Mode::Product, Mode::Billing, Mode::Ticket])
    }
}
