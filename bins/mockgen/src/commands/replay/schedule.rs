//! When the events of a file are due again. Reads no clock.

use std::str::FromStr;
use std::time::Duration;

/// How many times as fast as it happened.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Speed {
    /// As fast as can be.
    Max,
    /// So many times.
    Times(f64),
}

impl FromStr for Speed {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text == "max" {
            return Ok(Self::Max);
        }
        let times = text.strip_suffix('x').unwrap_or(text).parse().ok();
        let times = times.filter(|times: &f64| times.is_finite() && *times > 0.0);
        times.map(Self::Times).ok_or("write 60x, 0.5x or max")
    }
}

/// When events are due, counted from the start. The gaps are those between their times, divided by
/// the speed: always from the first one, so that no error adds up.
#[derive(Debug)]
pub(super) struct Schedule {
    speed: Speed,
    first_ms: Option<i64>,
    last_ms: i64,
}

impl Schedule {
    pub(super) fn new(speed: Speed) -> Self {
        Self { speed, first_ms: None, last_ms: i64::MIN }
    }

    /// Returns when an event of a time is due. One from before the first is due at once.
    pub(super) fn due(&mut self, at_ms: i64) -> Duration {
        let first_ms = *self.first_ms.get_or_insert(at_ms);
        self.last_ms = self.last_ms.max(at_ms);
        let gap = since(first_ms, at_ms);
        match self.speed {
            Speed::Max => Duration::ZERO,
            Speed::Times(times) => {
                Duration::try_from_secs_f64(gap.as_secs_f64() / times).unwrap_or(Duration::MAX)
            }
        }
    }

    /// Returns the time between the first event and the latest one.
    pub(super) fn span(&self) -> Duration {
        self.first_ms.map_or(Duration::ZERO, |first_ms| since(first_ms, self.last_ms))
    }
}

fn since(first_ms: i64, at_ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(at_ms.saturating_sub(first_ms)).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(speed: &str, times_ms: &[i64], expect_ms: &[u64]) {
        let mut schedule = Schedule::new(speed.parse().unwrap());
        let due: Vec<_> = times_ms.iter().map(|at| schedule.due(*at)).collect();
        let expect: Vec<_> = expect_ms.iter().map(|ms| Duration::from_millis(*ms)).collect();
        assert_eq!(due, expect, "{speed}");
    }

    #[test]
    fn gaps_are_divided_by_the_speed() {
        check("1x", &[1_000, 1_500, 4_000], &[0, 500, 3_000]);
        check("60x", &[0, 60_000, 3_600_000], &[0, 1_000, 60_000]);
        check("0.5", &[0, 100], &[0, 200]);
        check("max", &[0, 1_000_000_000], &[0, 0]);
    }

    #[test]
    fn what_happened_before_the_first_is_due_at_once() {
        check("1x", &[5_000, 4_000, 6_000], &[0, 0, 1_000]);
    }

    #[test]
    fn a_speed_is_above_zero() {
        for bad in ["", "0", "-1x", "fast", "NaN", "inf"] {
            assert!(bad.parse::<Speed>().is_err(), "{bad}");
        }
    }
}
