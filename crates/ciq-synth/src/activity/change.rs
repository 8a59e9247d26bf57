//! What changes about an account.

use std::fmt;

use ciq_event::{AccountStage, ErrorRate, Tier, UsageTrend};

use super::Account;
use super::rates::SPIKE_PERCENT;

/// One change, with what was before and what is after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It came into being, as it is.
    Created(Box<Account>),
    /// It came further.
    Stage {
        /// From here.
        before: AccountStage,
        /// To there.
        after: AccountStage,
    },
    /// It pays for something else.
    Tier {
        /// For this before.
        before: Tier,
        /// For that now.
        after: Tier,
    },
    /// It made calls.
    Calls {
        /// How many.
        count: u32,
        /// All calls until then.
        before: i64,
        /// All calls with them.
        after: i64,
    },
    /// More or fewer of its calls fail.
    ErrorRate {
        /// The share before.
        before: ErrorRate,
        /// The share now.
        after: ErrorRate,
    },
    /// Its use goes another way.
    UsageTrend {
        /// This way before.
        before: UsageTrend,
        /// That way now.
        after: UsageTrend,
    },
}

impl Change {
    /// Returns the name: `created`, `stage`, `tier`, `calls`, `error_rate` or `usage_trend`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Created(_) => "created",
            Self::Stage { .. } => "stage",
            Self::Tier { .. } => "tier",
            Self::Calls { .. } => "calls",
            Self::ErrorRate { .. } => "error_rate",
            Self::UsageTrend { .. } => "usage_trend",
        }
    }

    /// Returns the type of the event that tells of it.
    #[must_use]
    pub fn event_type(&self) -> &'static str {
        match self {
            Self::Created(_) => "account_created",
            Self::Calls { .. } => "api_usage",
            Self::Stage { .. }
            | Self::Tier { .. }
            | Self::ErrorRate { .. }
            | Self::UsageTrend { .. } => "account_updated",
        }
    }

    /// Tells whether more than a few calls fail from now on.
    #[must_use]
    pub fn is_spike(&self) -> bool {
        matches!(self, Self::ErrorRate { before, after } if after > before && is_high(*after))
    }

    /// Returns the sign that a line about it begins with.
    #[must_use]
    pub fn sign(&self) -> &'static str {
        match self {
            Self::Created(_) => "🆕",
            Self::Stage { .. } => "🎉",
            Self::Tier { .. } => "💳",
            Self::Calls { .. } => "📞",
            Self::ErrorRate { .. } if self.is_spike() => "🚨",
            Self::ErrorRate { before, after } if after > before => "🔔",
            Self::ErrorRate { .. } => "🔧",
            Self::UsageTrend { after: UsageTrend::Declining, .. } => "📉",
            Self::UsageTrend { .. } => "📈",
        }
    }
}

/// Words for people, such as `+23 API calls (total: 23)`.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Created(account) => {
                write!(f, "New customer (stage {}, tier {})", account.stage, account.tier)
            }
            Self::Stage { before, after } => write!(f, "Onboarding {before} → {after}"),
            Self::Tier { before, after } => write!(f, "Tier {before} → {after}"),
            Self::Calls { count, before: _, after } => {
                write!(f, "+{count} API calls (total: {after})")
            }
            Self::ErrorRate { before, after } => {
                let word = if self.is_spike() {
                    "spike!"
                } else if after > before {
                    "up"
                } else if is_high(*after) {
                    "down"
                } else {
                    "fixed"
                };
                write!(f, "Error rate {word} {} → {}", percent(*before), percent(*after))
            }
            Self::UsageTrend { before, after } => write!(f, "Usage trend {before} → {after}"),
        }
    }
}

fn is_high(rate: ErrorRate) -> bool {
    rate > rate_of_percent(SPIKE_PERCENT)
}

/// Makes a rate of whole percent.
pub(super) fn rate_of_percent(percent: u32) -> ErrorRate {
    ErrorRate::from_millionths(percent.saturating_mul(10_000))
}

/// Writes a rate with one decimal and no space, such as `18.2%`.
fn percent(rate: ErrorRate) -> String {
    let tenths = (rate.millionths() + 500) / 1_000;
    format!("{}.{}%", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_rates(before: u32, after: u32, expect: &str) {
        let [before, after] = [before, after].map(ErrorRate::from_millionths);
        let change = Change::ErrorRate { before, after };
        assert_eq!(format!("{} {change}", change.sign()), expect);
    }

    #[test]
    fn an_error_rate_spikes_rises_falls_and_is_fixed() {
        check_rates(50_000, 182_000, "🚨 Error rate spike! 5.0% → 18.2%");
        check_rates(0, 100_000, "🔔 Error rate up 0.0% → 10.0%");
        check_rates(250_000, 150_000, "🔧 Error rate down 25.0% → 15.0%");
        check_rates(250_000, 20_000, "🔧 Error rate fixed 25.0% → 2.0%");
    }

    #[test]
    fn calls_are_told_with_their_total() {
        let change = Change::Calls { count: 23, before: 0, after: 23 };
        assert_eq!(change.to_string(), "+23 API calls (total: 23)");
    }
}
