//! What never changes about a user.

use super::calendar::{Calendar, DAY_MS};
use super::habits::{Habits, habits};
use super::mark::{Purpose, below, next, upper, word};
use super::tables::tables;
use crate::saas::Population;
use crate::saas::user::{device_count_of, plan_of, region_of, segment_of};
use crate::{Seed, Segment};

/// A minute in milliseconds.
const MINUTE_MS: i32 = 60_000;

/// How many of a thousand join in a month of the history.
const GROWTH_PER_MILLE: u64 = 60;

/// At most so many of a thousand join during the history: most are there at its start.
const JOINING_PER_MILLE_MAX: u64 = 450;

/// Those who are there at the start joined at least and at most so many days before it.
const TENURE_DAYS: [u32; 2] = [20, 720];

/// How far a user's usual health may be from the segment's, in thousandths.
const HEALTH_SPREAD: i32 = 380;

/// How many of a hundred have a card that fails more often.
const BAD_CARDS_PERCENT: u32 = 30;

/// What never changes about a user.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Traits {
    /// The key of all the user's chance.
    pub(super) key: u64,
    /// When the user joined.
    pub(crate) joined_ms: i64,
    /// The segment.
    pub(crate) segment: Segment,
    /// By how much local time is ahead of universal time.
    pub(super) ahead_ms: i32,
    /// Sessions a day on average, in 65,536ths.
    pub(super) sessions_per_day: u32,
    /// What the plan costs.
    pub(super) price_cents: u32,
    /// At which second of the local day the plan is renewed.
    pub(super) renewal_second: u32,
    /// Usual health, in thousandths.
    pub(super) health: i32,
    /// On which day of the month the plan is renewed, 1 to 28.
    pub(super) renewal_day: u8,
    /// How many devices.
    pub(super) devices: u8,
    /// 1 for a card that fails more often, else 0.
    pub(super) card: u8,
}

impl Traits {
    /// Makes the traits of a user; `seed` may be another than the population's, which decides who
    /// the user is.
    pub(crate) fn new(
        population: &Population,
        seed: Seed,
        index: u32,
        calendar: &Calendar,
    ) -> Self {
        let segment = segment_of(population, index);
        let habits = habits(segment);
        let key = seed.mark("saas-life", u64::from(index));
        let draw = |place| word(key, Purpose::Trait, place);
        let ahead_ms = region_of(population, index).minutes_ahead() * MINUTE_MS;
        let activity = tables().activity.at(upper(draw(0)));
        let sessions = (u64::from(habits.sessions_per_day) * u64::from(activity)) >> 16;
        let renewal_second = tables().second_of_day[0].at(upper(draw(1)));
        Self {
            key,
            joined_ms: joined_ms(draw(2), calendar),
            segment,
            ahead_ms,
            sessions_per_day: u32::try_from(sessions).unwrap_or(u32::MAX),
            price_cents: plan_of(population, index).price_cents(),
            renewal_second,
            health: (habits.health + bell(draw(3), HEALTH_SPREAD)).clamp(60, 940),
            renewal_day: 1 + u8::try_from(below(draw(4), 28)).unwrap_or(0),
            devices: device_count_of(population, index),
            card: u8::from(below(draw(5), 100) < BAD_CARDS_PERCENT),
        }
    }

    /// Returns local midnight of a day.
    pub(crate) fn midnight_ms(&self, day: i32, calendar: &Calendar) -> i64 {
        calendar.midnight_ms(day, self.ahead_ms)
    }

    /// Returns the local day of a moment.
    pub(crate) fn day_of(&self, at_ms: i64, calendar: &Calendar) -> i32 {
        calendar.day_of(at_ms, self.ahead_ms)
    }

    /// Returns what the segment is like.
    pub(super) fn habits(&self) -> &'static Habits {
        habits(self.segment)
    }

    /// Returns when the plan is renewed if it is renewed on a day.
    pub(super) fn renewal_ms(&self, day: i32, calendar: &Calendar) -> i64 {
        calendar.midnight_ms(day, self.ahead_ms) + i64::from(self.renewal_second) * 1_000
    }
}

/// Draws when a user joined: before the start for most, so that growth makes up for those who
/// leave.
fn joined_ms(draw: u64, calendar: &Calendar) -> i64 {
    let length_ms = calendar.end_ms - calendar.start_ms;
    let growth = GROWTH_PER_MILLE * length_ms.unsigned_abs() / (30 * DAY_MS.unsigned_abs());
    let joining = (growth * 1_000 / (1_000 + growth)).min(JOINING_PER_MILLE_MAX);
    let place = next(draw);
    if u64::from(below(draw, 1_000)) < joining {
        let thousandth = i64::from(below(place, 1_000_000));
        return calendar.start_ms + length_ms / 1_000_000 * thousandth;
    }
    let days = TENURE_DAYS[0] + below(place, TENURE_DAYS[1] - TENURE_DAYS[0]);
    calendar.start_ms - i64::from(days) * DAY_MS - i64::from(below(next(place), 86_400_000))
}

/// Draws a number around 0, at most `spread` away, shaped like a bell: its deviation is 0.29 of
/// the spread.
pub(super) fn bell(draw: u64, spread: i32) -> i32 {
    let bytes = draw.to_le_bytes();
    let sum: i32 = bytes[..4].iter().map(|byte| i32::from(*byte)).sum();
    (sum - 510) * spread / 510
}
