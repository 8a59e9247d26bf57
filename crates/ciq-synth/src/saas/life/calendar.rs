//! Days and months of a history, in local time: day 0 is the date on which it starts.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::saas::Population;

/// A day in milliseconds.
pub(crate) const DAY_MS: i64 = 86_400_000;

/// How many months before the start are looked at: those who leave early on decided then.
const MONTHS_BEFORE: i32 = 3;

/// The stretch of time that a history covers, and its calendar.
#[derive(Debug, Clone)]
pub(crate) struct Calendar {
    /// The start.
    pub(crate) start_ms: i64,
    /// The end: nothing happens then or later.
    pub(crate) end_ms: i64,
    /// Midnight, in universal time, of day 0.
    pub(crate) origin_ms: i64,
    /// The first days of the months, from some before the start to one after the end.
    month_starts: Vec<i32>,
    /// The weekday of day 0, from Monday.
    weekday: i32,
}

impl Calendar {
    /// Makes the calendar of so many days from the population's start.
    pub(crate) fn new(population: &Population, days: u32) -> Self {
        let start_ms = population.start_ms();
        let origin_ms = start_ms.div_euclid(DAY_MS) * DAY_MS;
        // A start is a timestamp in milliseconds, hence within range.
        let origin = Timestamp::from_millisecond(origin_ms).unwrap_or_default();
        let date = origin.to_zoned(TimeZone::UTC).date();
        let months = i32::try_from(days / 28).unwrap_or(0) + 2;
        Self {
            start_ms,
            end_ms: start_ms + i64::from(days) * DAY_MS,
            origin_ms,
            month_starts: (-MONTHS_BEFORE..=months).map(|month| days_to(date, month)).collect(),
            weekday: i32::from(date.weekday().to_monday_zero_offset()),
        }
    }

    /// Returns local midnight of a day, for people so many milliseconds ahead.
    pub(crate) fn midnight_ms(&self, day: i32, ahead_ms: i32) -> i64 {
        self.origin_ms + i64::from(day) * DAY_MS - i64::from(ahead_ms)
    }

    /// Returns the local day of a moment.
    pub(crate) fn day_of(&self, at_ms: i64, ahead_ms: i32) -> i32 {
        let day = (at_ms - self.origin_ms + i64::from(ahead_ms)).div_euclid(DAY_MS);
        i32::try_from(day).unwrap_or(i32::MAX)
    }

    /// Returns the weekday of a day, from Monday.
    pub(crate) fn weekday(&self, day: i32) -> usize {
        usize::try_from((self.weekday + day).rem_euclid(7)).unwrap_or(0)
    }

    /// Returns a day of a month, by the month's place in this calendar; none after its end.
    pub(crate) fn day_in_month(&self, month: usize, day_of_month: u8) -> Option<i32> {
        Some(self.month_starts.get(month)? + i32::from(day_of_month) - 1)
    }

    /// Returns how many steps of a day it takes: universal days from the first to the last.
    pub(crate) fn days(&self) -> i32 {
        let days = (self.end_ms - self.origin_ms + DAY_MS - 1) / DAY_MS;
        i32::try_from(days).unwrap_or(i32::MAX)
    }

    /// Returns whether a moment is part of it.
    pub(crate) fn contains(&self, at_ms: i64) -> bool {
        self.start_ms <= at_ms && at_ms < self.end_ms
    }
}

/// Returns how many days it is from a date to the first of another month.
fn days_to(date: Date, months: i32) -> i32 {
    let first = date.first_of_month();
    let other = first.checked_add(months.months()).unwrap_or(first);
    other.since(date).map_or(0, |span| span.get_days())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seed;

    #[test]
    fn months_begin_where_the_calendar_says() {
        let population = Population::new(Seed::new(1), 1).unwrap();
        let calendar = Calendar::new(&population, 90);
        assert_eq!(calendar.day_in_month(3, 1), Some(0), "the first of January");
        assert_eq!(calendar.day_in_month(4, 1), Some(31));
        assert_eq!(calendar.day_in_month(2, 1), Some(-31));
        assert_eq!(calendar.weekday(0), 3, "a Thursday");
        assert_eq!(calendar.weekday(-4), 6);
        assert_eq!(calendar.days(), 90);
    }
}
