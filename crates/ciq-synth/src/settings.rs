//! What a world is made from.

use jiff::Timestamp;

use crate::Seed;

/// The most people in one world. Numbers and cards are unique up to here.
pub const PEOPLE_MAX: u32 = 1_000_000;

/// The fewest days: getting to know a person takes up to two weeks and a half.
pub const DAYS_MIN: u32 = 21;

/// The most days: two years.
pub const DAYS_MAX: u32 = 730;

/// The start that a world has unless told otherwise: 2026-01-01T00:00:00Z.
const START_DEFAULT_SECOND: i64 = 1_767_225_600;

/// Seconds of a day.
pub(crate) const DAY_SECONDS: i64 = 86_400;

/// What a world is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorldSettings {
    seed: Seed,
    people: u32,
    days: u32,
    start_second: i64,
}

/// Why settings make no world.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Too many people.
    #[error("cannot make {0} people: at most {PEOPLE_MAX}")]
    People(u32),
    /// Too few or too many days.
    #[error("cannot make {0} days: {DAYS_MIN} to {DAYS_MAX}")]
    Days(u32),
}

impl WorldSettings {
    /// Makes settings that start at 2026-01-01T00:00:00Z. Fails beyond the limits.
    pub fn new(seed: Seed, people: u32, days: u32) -> Result<Self, SettingsError> {
        if people > PEOPLE_MAX {
            return Err(SettingsError::People(people));
        }
        if !(DAYS_MIN..=DAYS_MAX).contains(&days) {
            return Err(SettingsError::Days(days));
        }
        Ok(Self { seed, people, days, start_second: START_DEFAULT_SECOND })
    }

    /// Moves the start, in whole seconds.
    #[must_use]
    pub fn with_start(self, start: Timestamp) -> Self {
        Self { start_second: start.as_second(), ..self }
    }

    /// Returns the seed.
    #[must_use]
    pub fn seed(&self) -> Seed {
        self.seed
    }

    /// Returns the number of people.
    #[must_use]
    pub fn people(&self) -> u32 {
        self.people
    }

    /// Returns the number of days.
    #[must_use]
    pub fn days(&self) -> u32 {
        self.days
    }

    /// Returns when it starts.
    #[must_use]
    pub fn start(&self) -> Timestamp {
        timestamp(self.start_second)
    }

    /// Returns when it ends: no record is as late as that.
    #[must_use]
    pub fn end(&self) -> Timestamp {
        timestamp(self.end_second())
    }

    /// Returns the first second of a day.
    pub(crate) fn day_second(&self, day: u32) -> i64 {
        self.start_second.saturating_add(i64::from(day) * DAY_SECONDS)
    }

    /// Returns the second after the last.
    pub(crate) fn end_second(&self) -> i64 {
        self.day_second(self.days)
    }

    /// Returns the day in which a second lies.
    pub(crate) fn day_of(&self, second: i64) -> u32 {
        u32::try_from(second.saturating_sub(self.start_second) / DAY_SECONDS).unwrap_or(0)
    }
}

/// Returns the time of a second; the last there is, for a second beyond all calendars.
pub(crate) fn timestamp(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_start_is_new_year_2026() {
        let settings = WorldSettings::new(Seed::new(1), 1, 90).unwrap();
        assert_eq!(settings.start().to_string(), "2026-01-01T00:00:00Z");
        assert_eq!(settings.end().to_string(), "2026-04-01T00:00:00Z");
    }

    #[test]
    fn settings_beyond_the_limits_are_refused() {
        let new = |people, days| WorldSettings::new(Seed::new(1), people, days);
        assert_eq!(new(PEOPLE_MAX + 1, 90), Err(SettingsError::People(PEOPLE_MAX + 1)));
        assert_eq!(new(1, 3), Err(SettingsError::Days(3)));
    }
}
