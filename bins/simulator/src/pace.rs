//! When cycles happen, and how fast. Reads no clock.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// How far in the past a run without an end begins that is faster than the clock: at 60x it keeps
/// its speed for nearly three hours.
const HEAD_START: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How far in the past any run begins at most.
const HEAD_START_MAX: SignedDuration = SignedDuration::from_hours(366 * 24);

/// The least time between two cycles, and between the times that they tell.
const TICK: SignedDuration = SignedDuration::from_millis(1);

/// How fast cycles come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Pace {
    /// The time between two cycles, as events tell it.
    pub(crate) interval: SignedDuration,
    /// How many times as fast as the clock; at least 1.
    pub(crate) speed: f64,
}

/// The next cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Next {
    /// When it happens, as events tell it.
    pub(crate) at: Timestamp,
    /// How long to wait before it, so that it does not happen before its time.
    pub(crate) wait: Duration,
}

impl Pace {
    /// Returns the time between two cycles by the clock.
    pub(crate) fn period(self) -> Duration {
        let period = self.interval.unsigned_abs().div_f64(self.speed.max(1.0));
        period.max(TICK.unsigned_abs())
    }

    /// Tells whether it is faster than the clock.
    pub(crate) fn is_hurrying(self) -> bool {
        self.speed > 1.0
    }

    /// Returns the time at which the story begins: now, or so far in the past that all cycles fit
    /// before now; in any case after what happened latest.
    pub(crate) fn begin(
        self,
        now: Timestamp,
        cycles: Option<u64>,
        latest: Option<Timestamp>,
    ) -> Timestamp {
        if !self.is_hurrying() {
            return now;
        }
        let span = cycles.map_or(HEAD_START, |cycles| {
            let cycles = i32::try_from(cycles).unwrap_or(i32::MAX);
            self.interval.checked_mul(cycles).unwrap_or(HEAD_START_MAX).min(HEAD_START_MAX)
        });
        let begin = now.checked_sub(span).unwrap_or(now);
        let after = latest.and_then(|latest| latest.checked_add(TICK).ok());
        after.map_or(begin, |after| begin.max(after)).min(now)
    }

    /// Returns the cycle after the one that happened at `last`. No cycle happens before its time:
    /// what is faster than the clock slows down where it has caught up with it.
    pub(crate) fn next(self, last: Timestamp, now: Timestamp) -> Next {
        if !self.is_hurrying() {
            let at = last.checked_add(TICK).unwrap_or(last).max(now);
            return Next { at, wait: Duration::ZERO };
        }
        let at = last.checked_add(self.interval).unwrap_or(last);
        Next { at, wait: Duration::try_from(at.duration_since(now)).unwrap_or_default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-01-10T12:00:00Z";

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn pace(speed: f64) -> Pace {
        Pace { interval: SignedDuration::from_secs(30), speed }
    }

    #[test]
    fn at_the_speed_of_the_clock_events_happen_now() {
        let pace = pace(1.0);
        assert_eq!(pace.period(), Duration::from_secs(30));
        assert_eq!(pace.begin(at(NOW), Some(10), None), at(NOW));
        let later = at("2026-01-10T12:07:00Z");
        assert_eq!(pace.next(at(NOW), later), Next { at: later, wait: Duration::ZERO });
        // A clock that stands still does not make two cycles one.
        let next = pace.next(at(NOW), at(NOW));
        assert_eq!(next.at, at("2026-01-10T12:00:00.001Z"));
    }

    #[test]
    fn a_faster_story_begins_in_the_past_and_ends_before_now() {
        let pace = pace(60.0);
        assert_eq!(pace.period(), Duration::from_millis(500));
        assert_eq!(pace.begin(at(NOW), Some(120), None), at("2026-01-10T11:00:00Z"));
        assert_eq!(pace.begin(at(NOW), None, None), at("2026-01-03T12:00:00Z"));
        assert_eq!(pace.begin(at(NOW), Some(u64::MAX), None), at("2025-01-09T12:00:00Z"));
    }

    #[test]
    fn a_story_goes_on_after_what_happened_latest() {
        let begin = |latest| pace(60.0).begin(at(NOW), Some(120), Some(at(latest)));
        assert_eq!(begin("2026-01-10T10:00:00Z"), at("2026-01-10T11:00:00Z"));
        assert_eq!(begin("2026-01-10T11:30:00Z"), at("2026-01-10T11:30:00.001Z"));
        assert_eq!(begin("2026-01-11T00:00:00Z"), at(NOW));
    }

    #[test]
    fn a_faster_story_waits_where_it_has_caught_up() {
        let pace = pace(60.0);
        let early = pace.next(at("2026-01-10T11:00:00Z"), at(NOW));
        assert_eq!(early, Next { at: at("2026-01-10T11:00:30Z"), wait: Duration::ZERO });
        let late = pace.next(at("2026-01-10T11:59:50Z"), at(NOW));
        assert_eq!(late, Next { at: at("2026-01-10T12:00:20Z"), wait: Duration::from_secs(20) });
    }
}
