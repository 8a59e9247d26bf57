//! Whether, when and why a user leaves: known before the days are lived, so that the days can
//! lead up to it.

use super::calendar::{Calendar, DAY_MS};
use super::health::health;
use super::mark::{Purpose, below, next, word};
use super::payment::{ATTEMPT_DAYS, payment};
use super::traits::Traits;
use crate::saas::LeavingReason;

/// How long a user has the plan before the first renewal, at least.
pub(super) const FIRST_RENEWAL_DAYS: i64 = 20;

/// How many in a hundred of those who leave on purpose show no sign of it.
const SILENT_PERCENT: u32 = 15;

/// One in so many leaves at any time, the others right before the next renewal.
const ANY_TIME_ONE_IN: u32 = 3;

/// How many days after the decision, for those who leave at any time: from this, and by at most so
/// many more.
const ANY_TIME_DAYS: [u32; 2] = [21, 21];

/// How long before the renewal the plan is cancelled at the earliest: two days.
const CANCEL_EARLY_MS: u32 = 2 * 86_400_000;

/// By how much health below the usual doubles the chance of leaving, in thousandths.
const HEALTH_DOUBLES: i32 = 230;

/// The chance of leaving is at most so many times the usual: two doublings and almost a third.
const SCALE_MAX: u32 = 8;

/// How a user's time with us ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fate {
    /// When it ends. May be after the history's end.
    pub(crate) left_ms: i64,
    /// Why.
    pub(crate) reason: LeavingReason,
    /// When the user made up their mind, if they leave on purpose.
    pub(crate) decided_ms: Option<i64>,
    /// Whether there is no sign of it.
    pub(crate) is_silent: bool,
}

/// Returns how a user's time with us ends, unless they outlast the history.
pub(crate) fn fate(traits: &Traits, calendar: &Calendar) -> Option<Fate> {
    let mut planned: Option<Fate> = None;
    let mut month = 0;
    while let Some(day) = calendar.day_in_month(month, traits.renewal_day) {
        let renewal_ms = traits.renewal_ms(day, calendar);
        let is_new = renewal_ms < traits.joined_ms + FIRST_RENEWAL_DAYS * DAY_MS;
        let is_over = planned.is_some() || renewal_ms >= calendar.end_ms;
        if is_over {
            return planned;
        }
        if !is_new {
            if payment(traits, month, renewal_ms, calendar).is_lost() {
                return Some(lost(renewal_ms));
            }
            planned = decision(traits, month, renewal_ms, calendar)
                .filter(|fate| fate.left_ms > calendar.start_ms);
        }
        month += 1;
    }
    planned
}

/// The end of somebody whose card failed too often: with the last attempt.
fn lost(renewal_ms: i64) -> Fate {
    Fate {
        left_ms: renewal_ms + ATTEMPT_DAYS[3] * DAY_MS + 1,
        reason: LeavingReason::Involuntary,
        decided_ms: None,
        is_silent: false,
    }
}

/// Whether a user makes up their mind to leave at a renewal.
fn decision(traits: &Traits, month: usize, renewal_ms: i64, calendar: &Calendar) -> Option<Fate> {
    let place = i32::try_from(month).unwrap_or(0);
    let mark = word(traits.key, Purpose::Decision, place);
    let habits = traits.habits();
    // Most are spared the question how they are: nobody is that bad.
    if below(mark, 1_000_000) >= habits.decide_per_million * SCALE_MAX {
        return None;
    }
    let day = calendar.day_of(renewal_ms, traits.ahead_ms);
    let chance = scaled(habits.decide_per_million, habits.health - health(traits, day));
    if below(mark, 1_000_000) >= chance {
        return None;
    }
    let [how, when, silence] = [next(mark), next(next(mark)), next(next(next(mark)))];
    let left_ms = match calendar.day_in_month(month + 1, traits.renewal_day) {
        Some(day) if below(how, ANY_TIME_ONE_IN) != 0 => {
            traits.renewal_ms(day, calendar) - i64::from(below(when, CANCEL_EARLY_MS)) - 1
        }
        _ => {
            let [least, more] = ANY_TIME_DAYS;
            renewal_ms + i64::from(least) * DAY_MS + i64::from(below(when, more * 86_400_000))
        }
    };
    Some(Fate {
        left_ms,
        reason: LeavingReason::Voluntary,
        decided_ms: Some(renewal_ms),
        is_silent: below(silence, 100) < SILENT_PERCENT,
    })
}

/// Doubles a chance for every [`HEALTH_DOUBLES`] of missing health, and halves it likewise.
fn scaled(chance: u32, missing: i32) -> u32 {
    let mut chance = u64::from(chance);
    let doublings = missing.div_euclid(HEALTH_DOUBLES);
    let rest = u64::from(missing.rem_euclid(HEALTH_DOUBLES).unsigned_abs());
    // Between two powers of two, a straight line is close enough.
    chance += chance * rest / u64::from(HEALTH_DOUBLES.unsigned_abs());
    let scaled = if doublings < 0 {
        chance >> doublings.unsigned_abs().min(3)
    } else {
        chance << doublings.unsigned_abs().min(2)
    };
    u32::try_from(scaled).unwrap_or(u32::MAX)
}
