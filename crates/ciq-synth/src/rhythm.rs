//! Day and week: how often things happen, and at which hour.

use rand::Rng;

use crate::chance::{between, chance, weighted};
use crate::settings::DAY_SECONDS;

/// Seconds of an hour.
pub(crate) const HOUR_SECONDS: i64 = 3_600;

/// When a kind of thing happens, in local time.
#[derive(Debug)]
pub(crate) struct Rhythm {
    /// Weight of each day from Monday on, in percent.
    week: [u64; 7],
    /// Weight of each hour from midnight on.
    day: [u64; 24],
}

/// Browsing and buying at home: evenings, and more on Sundays.
pub(crate) const ONLINE: Rhythm = Rhythm {
    week: [100, 98, 96, 98, 90, 102, 116],
    day: [3, 1, 1, 1, 1, 2, 5, 9, 12, 13, 13, 13, 15, 14, 12, 12, 13, 15, 18, 22, 25, 22, 14, 7],
};

/// In a store: opening hours, and Saturday above all.
pub(crate) const STORE: Rhythm = Rhythm {
    week: [78, 80, 84, 94, 118, 178, 68],
    day: [0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 14, 18, 20, 18, 16, 17, 20, 24, 18, 6, 0, 0, 0, 0],
};

/// Office hours: the desk, the workshop, whoever writes to them.
pub(crate) const OFFICE: Rhythm = Rhythm {
    week: [138, 132, 126, 122, 112, 42, 28],
    day: [0, 0, 0, 0, 0, 0, 2, 8, 20, 26, 25, 22, 16, 18, 22, 22, 19, 14, 8, 5, 3, 2, 0, 0],
};

/// So many times in so many days, on average.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    pub(crate) count: u64,
    pub(crate) days: u64,
}

impl Rate {
    pub(crate) const fn new(count: u64, days: u64) -> Self {
        Self { count, days }
    }
}

/// One day of one person's life.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Today {
    /// Midnight in local time, in seconds of universal time.
    pub(crate) midnight_second: i64,
    /// How lively the person still is, in percent.
    pub(crate) vigour: u64,
}

impl Rhythm {
    /// Draws whether something of this rate happens today, and when.
    pub(crate) fn moment(&self, rng: &mut impl Rng, today: Today, rate: Rate) -> Option<i64> {
        let weight = self.week[weekday(today.midnight_second)] * today.vigour;
        let happens = chance(rng, rate.count * weight, rate.days * 100 * 100);
        happens.then(|| self.hour(rng, today))
    }

    /// Draws a second of the day.
    pub(crate) fn hour(&self, rng: &mut impl Rng, today: Today) -> i64 {
        let hour = i64::try_from(weighted(rng, &self.day)).unwrap_or(0);
        today.midnight_second + hour * HOUR_SECONDS + between(rng, 0, HOUR_SECONDS - 1)
    }
}

/// Returns the day of the week, Monday being 0. A local midnight lies west of the universal one,
/// within the same day.
fn weekday(second: i64) -> usize {
    // 1970-01-01 was a Thursday.
    usize::try_from((second.div_euclid(DAY_SECONDS) + 3).rem_euclid(7)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seed;

    #[test]
    fn new_year_2026_is_a_thursday() {
        assert_eq!(weekday(1_767_225_600), 3);
    }

    #[test]
    fn stores_are_closed_at_night() {
        let mut rng = Seed::new(1).stream("test", 0);
        let today = Today { midnight_second: 0, vigour: 100 };
        let hours: Vec<i64> =
            (0..500).map(|_| STORE.hour(&mut rng, today) / HOUR_SECONDS).collect();
        assert!(hours.iter().all(|hour| (9..20).contains(hour)));
    }
}
