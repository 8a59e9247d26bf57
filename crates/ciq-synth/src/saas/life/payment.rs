//! How the renewals of a plan go.

use super::calendar::{Calendar, DAY_MS};
use super::mark::{Purpose, below, next, word};
use super::traits::Traits;

/// Declines happen up to so many days before a renewal.
pub(super) const DECLINE_DAYS_MAX: i64 = 7;

/// After how many days a failed renewal is tried again: attempts 1 to 4.
pub(super) const ATTEMPT_DAYS: [i64; 4] = [0, 1, 3, 7];

/// Up to how much earlier than whole days before the renewal a decline happens.
pub(super) const DECLINE_EARLY_MS: u32 = 43_200_000;

/// How one renewal goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Payment {
    /// On which days before the renewal the card is declined: bit 0 is one day before.
    pub(super) declined_days: u8,
    /// How many attempts fail, up to 4: then the customer is lost.
    pub(super) failed_attempts: u8,
    /// From which the rest is drawn.
    pub(super) mark: u64,
}

impl Payment {
    /// Returns whether no attempt succeeds.
    pub(super) fn is_lost(self) -> bool {
        usize::from(self.failed_attempts) == ATTEMPT_DAYS.len()
    }

    /// Returns the same payment, but one that succeeds in the end.
    pub(super) fn recovered(self) -> Self {
        Self { failed_attempts: self.failed_attempts.min(3), ..self }
    }
}

/// Returns how the renewal of a month goes, which is at `renewal_ms`. None fails whose declines
/// would come before the history or before the user.
pub(super) fn payment(
    traits: &Traits,
    month: usize,
    renewal_ms: i64,
    calendar: &Calendar,
) -> Payment {
    let habits = traits.habits();
    let mark = word(traits.key, Purpose::Payment, i32::try_from(month).unwrap_or(0));
    let details = word(traits.key, Purpose::Dunning, i32::try_from(month).unwrap_or(0));
    let paid = Payment { declined_days: 0, failed_attempts: 0, mark: details };
    let known_ms = calendar.start_ms.max(traits.joined_ms) + i64::from(DECLINE_EARLY_MS);
    let days = ((renewal_ms - known_ms) / DAY_MS).clamp(0, DECLINE_DAYS_MAX);
    let fails = habits.fail_per_mille[usize::from(traits.card)];
    if days == 0 || below(mark, 1_000) >= fails {
        return paid;
    }
    let days = u32::try_from(days).unwrap_or(1);
    let (mut declined_days, mut draw) = (0, details);
    for _ in 0..=below(next(mark), habits.declines_max) {
        draw = next(draw);
        declined_days |= 1 << below(draw, days);
    }
    draw = next(draw);
    let failed_attempts = if below(draw, 1_000) < habits.lost_per_mille[usize::from(traits.card)] {
        4
    } else {
        [1, 1, 1, 1, 1, 2, 2, 2, 3, 3][below(next(draw), 10) as usize]
    };
    Payment { declined_days, failed_attempts, mark: details }
}
