//! What no event tells: segments, reasons, dates of leaving.

use std::ops::{Range, RangeInclusive};

use crate::Segment;
use crate::saas::HistorySettings;
use crate::saas::life::calendar::Calendar;
use crate::saas::life::{Traits, dip, fate, health};

/// What no event tells about a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserTruth {
    /// The user's index.
    pub user: u32,
    /// The segment.
    pub segment: Segment,
    /// When the user joined, in milliseconds since 1970; before the history's start for most.
    pub joined_ms: i64,
    /// When the user left, if within the history. Nothing of theirs comes later.
    pub left_ms: Option<i64>,
    /// Why the user left.
    pub reason: Option<LeavingReason>,
    /// Whether the user left, or is to leave, without any sign.
    pub is_silent: bool,
    /// When the user made up their mind to leave.
    pub decided_ms: Option<i64>,
    /// When the user was away for a while and came back: a false sign.
    pub dips: Vec<Range<i64>>,
    /// How well the user did while with us, on average, from 0 to 1,000.
    pub mean_health_per_mille: u16,
}

/// Why a user left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeavingReason {
    /// They wanted to.
    Voluntary,
    /// Their card failed too often.
    Involuntary,
}

impl LeavingReason {
    /// Returns the name: `voluntary` or `involuntary`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Voluntary => "voluntary",
            Self::Involuntary => "involuntary",
        }
    }
}

/// Returns the truth about one user, which agrees with the history's events.
#[must_use]
pub fn user_truth(settings: &HistorySettings, index: u32) -> UserTruth {
    let population = &settings.population;
    let calendar = Calendar::new(population, settings.days());
    let traits = Traits::new(population, population.seed(), index, &calendar);
    let fate = fate(&traits, &calendar);
    let left = fate.filter(|fate| fate.left_ms < calendar.end_ms);
    let from_ms = traits.joined_ms.max(calendar.start_ms);
    let until_ms = left.map_or(calendar.end_ms, |fate| fate.left_ms);
    let days = traits.day_of(from_ms, &calendar)..=traits.day_of(until_ms - 1, &calendar);
    UserTruth {
        user: index,
        segment: traits.segment,
        joined_ms: traits.joined_ms,
        left_ms: left.map(|fate| fate.left_ms),
        reason: left.map(|fate| fate.reason),
        is_silent: fate.is_some_and(|fate| fate.is_silent),
        decided_ms: fate.and_then(|fate| fate.decided_ms).filter(|at_ms| *at_ms < calendar.end_ms),
        dips: dips(&traits, days.clone(), &calendar),
        mean_health_per_mille: mean_health(&traits, days),
    }
}

/// The dips that touch these days.
fn dips(traits: &Traits, days: RangeInclusive<i32>, calendar: &Calendar) -> Vec<Range<i64>> {
    let mut dips: Vec<Range<i32>> = days.clone().filter_map(|day| dip(traits, day)).collect();
    dips.dedup();
    let touches = |dip: &Range<i32>| dip.start <= *days.end() && dip.end > *days.start();
    let moments = |dip: Range<i32>| {
        traits.midnight_ms(dip.start, calendar)..traits.midnight_ms(dip.end, calendar)
    };
    dips.into_iter().filter(touches).map(moments).collect()
}

/// Average health over these days.
fn mean_health(traits: &Traits, days: RangeInclusive<i32>) -> u16 {
    let (mut sum, mut count) = (0, 0);
    for day in days.step_by(7) {
        sum += health(traits, day);
        count += 1;
    }
    u16::try_from(sum / count.max(1)).unwrap_or(0)
}
