//! A month's subscriptions as the server told them: the truth about recurring revenue.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One subscription at the end of one month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotRow {
    /// The month, such as `2026-05`.
    pub month: String,
    /// `cus_…`.
    pub customer_id: String,
    /// `sub_…`.
    pub subscription_id: String,
    /// The name of the price plan, such as `Pro Plus`.
    pub plan: String,
    /// `price_…`.
    pub price_id: String,
    /// What a screen costs a month, in cents.
    pub price_amount: i64,
    /// How many screens.
    pub screens: u64,
    /// Monthly recurring revenue, in cents: amount times screens.
    pub mrr_cents: i64,
    /// What the server says: `active`, `past_due` or another word of Stripe's.
    pub status: SubscriptionStatus,
}

/// The state of a subscription, in Stripe's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionStatus {
    /// Paid, or nothing to pay.
    Active,
    /// The last invoice could not be collected, and is still tried.
    PastDue,
    /// In its trial.
    Trialing,
    /// The last invoice could not be collected, and no more tries are made.
    Unpaid,
    /// Over.
    Canceled,
    /// The first invoice was not paid.
    Incomplete,
    /// The first invoice was not paid in time.
    IncompleteExpired,
    /// Its trial ended without a card.
    Paused,
}

impl SubscriptionStatus {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Active,
        Self::PastDue,
        Self::Trialing,
        Self::Unpaid,
        Self::Canceled,
        Self::Incomplete,
        Self::IncompleteExpired,
        Self::Paused,
    ];

    /// Returns Stripe's word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::PastDue => "past_due",
            Self::Trialing => "trialing",
            Self::Unpaid => "unpaid",
            Self::Canceled => "canceled",
            Self::Incomplete => "incomplete",
            Self::IncompleteExpired => "incomplete_expired",
            Self::Paused => "paused",
        }
    }

    /// Reads Stripe's word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == text)
    }

    /// Tells whether such a subscription counts as recurring revenue: active and past due do, as
    /// in Stripe's own reports.
    #[must_use]
    pub const fn counts(self) -> bool {
        matches!(self, Self::Active | Self::PastDue)
    }
}

impl fmt::Display for SubscriptionStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
