//! Time as Stripe counts it: whole seconds, and months that keep their day where they can.

use jiff::tz::Offset;
use jiff::{Span, Timestamp};

/// An hour, in seconds.
pub(super) const HOUR: i64 = 60 * 60;

/// A day, in seconds.
pub(super) const DAY: i64 = 24 * HOUR;

/// A point in time, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(i64);

impl Moment {
    /// Before all others.
    pub(super) const FIRST: Self = Self(i64::MIN);

    /// Returns the second in which a timestamp lies.
    pub(super) fn of(time: Timestamp) -> Self {
        Self(time.as_second())
    }

    /// Returns the seconds since 1970.
    pub(super) fn seconds(self) -> i64 {
        self.0
    }

    /// Returns the moment so many seconds later.
    pub(super) fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// Returns the seconds from another moment to this one.
    pub(super) fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Returns the day as Stripe writes it in descriptions: `01 Feb 2026`.
    pub(super) fn day(self) -> String {
        Offset::UTC.to_datetime(self.timestamp()).strftime("%d %b %Y").to_string()
    }

    fn timestamp(self) -> Timestamp {
        Timestamp::from_second(self.0).unwrap_or(Timestamp::MAX)
    }

    /// Returns the moment so many months later, on the same day of the month or on its last one.
    pub(super) fn plus_months(self, months: i64) -> Self {
        let span = Span::new().try_months(months).unwrap_or_default();
        let later = Offset::UTC.to_datetime(self.timestamp()).saturating_add(span);
        Self::of(Offset::UTC.to_timestamp(later).unwrap_or(Timestamp::MAX))
    }
}

/// A stretch of time: from `start`, before `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) start: Moment,
    pub(super) end: Moment,
}

impl Period {
    /// Returns the length in seconds.
    pub(super) fn seconds(self) -> i64 {
        self.end.since(self.start)
    }

    /// Returns the part from a moment on; empty where the moment is past the end.
    pub(super) fn rest_at(self, start: Moment) -> Self {
        Self { start: start.clamp(self.start, self.end), end: self.end }
    }
}

/// The unit of a price's interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Interval {
    Day,
    Week,
    Month,
    Year,
}

impl Interval {
    /// Returns the interval of a word.
    pub(super) fn parse(word: &str) -> Option<Self> {
        match word {
            "day" => Some(Self::Day),
            "week" => Some(Self::Week),
            "month" => Some(Self::Month),
            "year" => Some(Self::Year),
            _ => None,
        }
    }

    /// Returns Stripe's word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// Returns how many of them a price may span: three years.
    pub(super) fn count_max(self) -> i64 {
        match self {
            Self::Day => 3 * 365,
            Self::Week => 3 * 52,
            Self::Month => 3 * 12,
            Self::Year => 3,
        }
    }
}

/// How often a subscription is billed: every `count` intervals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cadence {
    pub(super) interval: Interval,
    pub(super) count: i64,
}

impl Cadence {
    /// Returns the start of the `index`-th period after the anchor. Each is counted from the
    /// anchor itself, so that the 31st comes back after a shorter month.
    pub(super) fn boundary(self, anchor: Moment, index: i64) -> Moment {
        let units = index.saturating_mul(self.count);
        match self.interval {
            Interval::Day => anchor.plus(units.saturating_mul(DAY)),
            Interval::Week => anchor.plus(units.saturating_mul(7 * DAY)),
            Interval::Month => anchor.plus_months(units),
            Interval::Year => anchor.plus_months(units.saturating_mul(12)),
        }
    }

    /// Returns the period in which a moment lies.
    pub(super) fn period_at(self, anchor: Moment, at: Moment) -> Period {
        let mut index = at.since(anchor).div_euclid(self.seconds_about());
        while self.boundary(anchor, index) > at {
            index -= 1;
        }
        loop {
            let period = Period {
                start: self.boundary(anchor, index),
                end: self.boundary(anchor, index + 1),
            };
            // At the end of the calendar, time stands still.
            if at < period.end || period.end <= period.start {
                return period;
            }
            index += 1;
        }
    }

    /// Returns about how long a period is, as a first guess of where a moment lies.
    pub(super) fn seconds_about(self) -> i64 {
        let days = match self.interval {
            Interval::Day => 1,
            Interval::Week => 7,
            Interval::Month => 30,
            Interval::Year => 365,
        };
        self.count.max(1).saturating_mul(days * DAY)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn moment(text: &str) -> Moment {
        Moment::of(text.parse().unwrap())
    }

    const MONTHLY: Cadence = Cadence { interval: Interval::Month, count: 1 };

    #[track_caller]
    fn boundaries(cadence: Cadence, anchor: &str, expected: &[&str]) {
        let anchor = moment(anchor);
        for (index, expected) in (0..).zip(expected) {
            assert_eq!(cadence.boundary(anchor, index), moment(expected), "{index}");
        }
    }

    #[test]
    fn the_31st_is_clamped_and_comes_back() {
        boundaries(
            MONTHLY,
            "2026-01-31T10:00:00Z",
            &[
                "2026-01-31T10:00:00Z",
                "2026-02-28T10:00:00Z",
                "2026-03-31T10:00:00Z",
                "2026-04-30T10:00:00Z",
            ],
        );
    }

    #[test]
    fn every_interval_has_its_step() {
        let of = |interval, count| Cadence { interval, count };
        let leap_day = "2028-02-29T00:00:00Z";
        boundaries(of(Interval::Year, 1), leap_day, &[leap_day, "2029-02-28T00:00:00Z"]);
        let start = "2026-01-01T00:00:00Z";
        boundaries(of(Interval::Day, 10), start, &[start, "2026-01-11T00:00:00Z"]);
        boundaries(of(Interval::Week, 2), start, &[start, "2026-01-15T00:00:00Z"]);
        boundaries(of(Interval::Month, 3), start, &[start, "2026-04-01T00:00:00Z"]);
    }

    #[test]
    fn the_calendar_ends_without_a_fuss() {
        let last = Moment::of(Timestamp::MAX);
        let period = MONTHLY.period_at(last, last);
        assert!(period.start <= last && period.end <= last);
    }

    #[test]
    fn a_day_is_written_as_stripe_does() {
        assert_eq!(moment("2026-02-01T23:59:59Z").day(), "01 Feb 2026");
    }

    proptest! {
        #[test]
        fn a_moment_lies_in_its_period(
            anchor in 0_i64..4_000_000_000,
            offset in -400_000_000_i64..400_000_000,
            count in 1_i64..=36,
            interval in prop_oneof![
                Just(Interval::Day), Just(Interval::Week), Just(Interval::Month), Just(Interval::Year)
            ],
        ) {
            let (anchor, at) = (Moment(anchor), Moment(anchor + offset));
            let period = Cadence { interval, count }.period_at(anchor, at);
            prop_assert!(period.start <= at && at < period.end);
        }
    }
}
