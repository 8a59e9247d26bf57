//! Accounts: how far a customer has come with what it uses, and how that goes.

use std::fmt;

use jiff::Timestamp;

/// Defines an enum of words: each value has one name, in code, JSON and SQL alike.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// All values, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Returns the name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }

            /// Reads a name.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|word| word.name() == name)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

pub(crate) use words;

words!(
    /// How far an account has come.
    AccountStage {
        /// Signed up, and no more.
        New = "new",
        /// Has a trial.
        TrialCreated = "trial_created",
        /// Has keys, and has not used them.
        ApiKeysGenerated = "api_keys_generated",
        /// Called for the first time.
        FirstApiCall = "first_api_call",
        /// What it built works.
        IntegrationValidated = "integration_validated",
        /// Runs for its own customers.
        ProductionReady = "production_ready",
    }
);

words!(
    /// What an account pays for.
    Tier {
        /// No subscription.
        None = "none",
        /// A trial.
        Trial = "trial",
        /// The smallest paid plan.
        Starter = "starter",
        /// The middle plan.
        Pro = "pro",
        /// The largest plan.
        Enterprise = "enterprise",
    }
);

words!(
    /// Which way the use of an account goes.
    UsageTrend {
        /// More than before.
        Increasing = "increasing",
        /// As before.
        Stable = "stable",
        /// Less than before.
        Declining = "declining",
    }
);

words!(
    /// How bad something is, the mildest first.
    Severity {
        /// Worth knowing.
        Low = "low",
        /// Worth acting on.
        Medium = "medium",
        /// Worth acting on today.
        High = "high",
        /// Worth acting on now.
        Critical = "critical",
    }
);

/// The share of calls that fail, exact to a millionth.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ErrorRate(u32);

impl ErrorRate {
    /// Every call fails.
    const MILLIONTHS_MAX: u32 = 1_000_000;

    /// Makes a rate of some millionths; more than all is all.
    #[must_use]
    pub fn from_millionths(millionths: u32) -> Self {
        Self(millionths.min(Self::MILLIONTHS_MAX))
    }

    /// Parses a fraction from 0 to 1, such as `0.15`. Digits beyond the millionth are rounded.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fraction: f64 = text.trim().parse().ok()?;
        if !(0.0..=1.0).contains(&fraction) {
            return None;
        }
        // Between nothing and a million, so the digits before the point are all that is left.
        let millionths = format!("{:.0}", fraction * f64::from(Self::MILLIONTHS_MAX));
        millionths.parse().ok().map(Self)
    }

    /// Returns the rate in millionths.
    #[must_use]
    pub fn millionths(self) -> u32 {
        self.0
    }

    /// Returns the rate as a fraction, 0 to 1.
    #[must_use]
    pub fn as_fraction(self) -> f64 {
        f64::from(self.0) / f64::from(Self::MILLIONTHS_MAX)
    }
}

impl fmt::Display for ErrorRate {
    /// Writes per cent with a decimal: `18.2 %`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} %", self.as_fraction() * 100.0)
    }
}

/// What one event tells of an account: what it does not mention is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountUpdate {
    /// How far the account has come.
    pub stage: Option<AccountStage>,
    /// What it pays for.
    pub tier: Option<Tier>,
    /// The share of its calls that fail.
    pub error_rate: Option<ErrorRate>,
    /// Which way its use goes.
    pub usage_trend: Option<UsageTrend>,
    /// The state of its integration, in the words of whoever integrates.
    pub integration_status: Option<String>,
    /// When it signed up.
    pub signed_up_at: Option<Timestamp>,
    /// Calls that it made since it was told of last. They add up.
    pub api_call_count: i64,
}

/// An account as all its events tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// How far the account has come.
    pub stage: AccountStage,
    /// What it pays for.
    pub tier: Tier,
    /// The share of its calls that fail.
    pub error_rate: ErrorRate,
    /// Which way its use goes.
    pub usage_trend: UsageTrend,
    /// The state of its integration.
    pub integration_status: Option<String>,
    /// When it signed up, where that was told.
    pub signed_up_at: Option<Timestamp>,
    /// All calls that it made.
    pub api_call_count: i64,
    /// When it made the latest.
    pub last_api_call_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_fraction_kept_to_a_millionth() {
        for (text, millionths) in
            [("0", 0), ("1", 1_000_000), ("0.15", 150_000), ("0.1820004", 182_000), ("1e-6", 1)]
        {
            assert_eq!(ErrorRate::parse(text).unwrap().millionths(), millionths, "{text}");
        }
        for text in ["-0.1", "15", "1.01", "NaN", "inf", "", "a lot"] {
            assert_eq!(ErrorRate::parse(text), None, "{text}");
        }
        assert_eq!(ErrorRate::from_millionths(182_000).to_string(), "18.2 %");
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        for stage in AccountStage::ALL {
            assert_eq!(AccountStage::parse(stage.name()), Some(*stage));
        }
        assert_eq!(Tier::parse("gold"), None);
        assert!(Severity::Low < Severity::Critical);
    }
}
