//! The calendar of a run: month 0 begins on its first day, month k on the first of the k-th month
//! after.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// How far past a month's beginning its clocks are set. Stripe leaves the invoice of a renewal a
/// draft for about an hour, and takes the money after that.
pub const PAST_BOUNDARY: SignedDuration = SignedDuration::from_hours(2);

/// Returns the first day of a month of a run.
#[must_use]
pub fn month_date(start: Date, month: u32) -> Date {
    start.saturating_add(i64::from(month).months())
}

/// Returns a month's name, such as `2026-05`.
#[must_use]
pub fn month_name(start: Date, month: u32) -> String {
    let date = month_date(start, month);
    format!("{:04}-{:02}", date.year(), date.month())
}

/// Returns when a month begins: at midnight UTC.
#[must_use]
pub fn month_start(start: Date, month: u32) -> Timestamp {
    let midnight = month_date(start, month).to_zoned(TimeZone::UTC);
    midnight.map_or(Timestamp::MAX, |midnight| midnight.timestamp())
}

/// Returns the time at which a month's clocks stand: month 0 at its start, every other one
/// [`PAST_BOUNDARY`] after it.
#[must_use]
pub fn clock_time(start: Date, month: u32) -> Timestamp {
    let begins_at = month_start(start, month);
    if month == 0 {
        begins_at
    } else {
        begins_at.saturating_add(PAST_BOUNDARY).unwrap_or(begins_at)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn months_follow_across_the_year() {
        let start = date(2026, 11, 1);
        assert_eq!(month_name(start, 0), "2026-11");
        assert_eq!(month_name(start, 3), "2027-02");
        assert_eq!(month_start(start, 2).to_string(), "2027-01-01T00:00:00Z");
    }

    #[test]
    fn clocks_stand_two_hours_past_every_month_but_the_first() {
        let start = date(2026, 5, 1);
        assert_eq!(clock_time(start, 0).to_string(), "2026-05-01T00:00:00Z");
        assert_eq!(clock_time(start, 1).to_string(), "2026-06-01T02:00:00Z");
    }
}
