//! Conversions that the figures need.

use jiff::Timestamp;

/// Seconds, minutes and hours do not matter to insight below this: microseconds of a day.
const DAY_MICROSECONDS: i64 = 24 * 60 * 60 * 1_000_000;

/// Returns a whole number as a float: exact up to 2^53, the nearest beyond.
#[expect(clippy::cast_precision_loss, reason = "figures beyond 2^53 need no last digit")]
pub(crate) fn float(value: i64) -> f64 {
    value as f64
}

/// Returns the nearest whole number: 0 for what is no number, the nearest limit beyond the limits.
#[expect(clippy::cast_possible_truncation, reason = "rounded first, and `as` saturates")]
pub(crate) fn whole(value: f64) -> i64 {
    value.round() as i64
}

/// Returns a share as percent, 0 to 100.
pub(crate) fn percent(share: f64) -> u8 {
    u8::try_from(whole(share * 100.0).clamp(0, 100)).unwrap_or(100)
}

/// Returns how many days lie between two times, with their fraction.
pub(crate) fn days(from: Timestamp, to: Timestamp) -> f64 {
    float(to.as_microsecond() - from.as_microsecond()) / float(DAY_MICROSECONDS)
}

/// Returns how many whole days lie between two times. 0 where the first is not the earlier.
pub(crate) fn whole_days(from: Timestamp, to: Timestamp) -> u32 {
    let days = (to.as_microsecond() - from.as_microsecond()) / DAY_MICROSECONDS;
    u32::try_from(days.max(0)).unwrap_or(u32::MAX)
}

/// Returns which day of the calendar (UTC) a time is on, counted from 1970-01-01.
pub(crate) fn calendar_day(at: Timestamp) -> i64 {
    at.as_microsecond().div_euclid(DAY_MICROSECONDS)
}

/// Returns a count that fits, however long a list is.
pub(crate) fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
