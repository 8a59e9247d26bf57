//! Billing: what a customer subscribes to, and whether it is paid.

use std::fmt;

use jiff::Timestamp;

use crate::Money;
use crate::account::words;

words!(
    /// How a subscription stands, in Stripe's words. In the order in which they follow each other:
    /// of two words of the same time the later one holds.
    SubscriptionStatus {
        /// Waits for its first payment.
        Incomplete = "incomplete",
        /// Tried out, and not paid for yet.
        Trialing = "trialing",
        /// Paid.
        Active = "active",
        /// The latest payment failed, and is tried again.
        PastDue = "past_due",
        /// The latest payment failed for good; it goes on without.
        Unpaid = "unpaid",
        /// Stands still.
        Paused = "paused",
        /// Never began: the first payment did not come.
        IncompleteExpired = "incomplete_expired",
        /// Over.
        Canceled = "canceled",
    }
);

impl SubscriptionStatus {
    /// Reads a word of Stripe's, or `cancelled`, in any case.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "cancelled" => Some(Self::Canceled),
            word => Self::parse(word),
        }
    }

    /// Tells whether nothing more comes of it.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(self, Self::IncompleteExpired | Self::Canceled)
    }

    /// Tells whether money is owed.
    #[must_use]
    pub fn is_behind(self) -> bool {
        matches!(self, Self::PastDue | Self::Unpaid | Self::Incomplete)
    }

    /// Tells whether its revenue counts: where it is active or past due, as Stripe counts it.
    #[must_use]
    pub fn is_revenue(self) -> bool {
        matches!(self, Self::Active | Self::PastDue)
    }
}

words!(
    /// How a customer pays.
    BillingHealth {
        /// It never had a subscription.
        None = "none",
        /// Everything that runs is paid.
        Good = "good",
        /// A payment for something that runs is due.
        PastDue = "past_due",
        /// Nothing runs any more.
        Cancelled = "cancelled",
    }
);

/// What an event does to a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubscriptionChange {
    /// It begins.
    Started,
    /// It costs, covers or is something else.
    Changed,
    /// It ends.
    Cancelled,
    /// It was paid.
    Paid,
    /// A payment for it failed.
    PaymentFailed,
}

impl SubscriptionChange {
    /// Tells what events of a type do to the subscription that they name.
    #[must_use]
    pub fn of_event(event_type: &str) -> Option<Self> {
        Some(match event_type {
            "subscription_started" => Self::Started,
            "subscription_upgraded" | "subscription_downgraded" | "subscription_updated" => {
                Self::Changed
            }
            "subscription_cancelled" => Self::Cancelled,
            "invoice_paid" => Self::Paid,
            "payment_failed" => Self::PaymentFailed,
            _ => return None,
        })
    }
}

/// What one event tells of a subscription: what it does not mention is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionUpdate {
    /// Which subscription.
    pub subscription_id: String,
    /// What happened to it.
    pub change: SubscriptionChange,
    /// What it is called.
    pub plan: Option<String>,
    /// How many it covers: its quantity.
    pub screens: Option<i64>,
    /// What it brings in a month.
    pub mrr: Option<Money>,
    /// How it stands.
    pub status: Option<SubscriptionStatus>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// The invoice that was paid, or was not.
    pub invoice_id: Option<String>,
}

impl SubscriptionUpdate {
    /// Longest id of a subscription, in bytes. Stripe's own have at most 255.
    pub const ID_LENGTH_MAX: usize = 255;

    /// Makes an update that says no more than what happened.
    #[must_use]
    pub fn new(subscription_id: String, change: SubscriptionChange) -> Self {
        Self {
            subscription_id,
            change,
            plan: None,
            screens: None,
            mrr: None,
            status: None,
            started_at: None,
            ended_at: None,
            invoice_id: None,
        }
    }
}

/// A subscription as all its events tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub plan: Option<String>,
    /// How many it covers.
    pub screens: Option<i64>,
    /// What it brings in a month while it runs.
    pub mrr: Option<Money>,
    /// How it stands; `None` where only payments told of it.
    pub status: Option<SubscriptionStatus>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended, where it did.
    pub cancelled_at: Option<Timestamp>,
    /// When it was last paid.
    pub last_paid_at: Option<Timestamp>,
    /// When a payment for it last failed.
    pub last_payment_failed_at: Option<Timestamp>,
    /// Whether the last payment failed, and nothing says since that all is well.
    pub is_payment_open: bool,
}

impl Subscription {
    /// Tells whether it is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.status.is_some_and(SubscriptionStatus::is_over)
    }

    /// Returns what it brings in a month now: its price where it is active or past due, else nothing.
    #[must_use]
    pub fn revenue(&self) -> Option<Money> {
        let is_revenue = self.status.is_none_or(SubscriptionStatus::is_revenue);
        self.mrr.map(|mrr| Money { minor: if is_revenue { mrr.minor } else { 0 }, ..mrr })
    }
}

/// How a customer pays for all its subscriptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Billing {
    /// The same in a word.
    pub health: BillingHealth,
    /// When anything was last paid.
    pub last_paid_at: Option<Timestamp>,
    /// When a payment last failed.
    pub last_payment_failed_at: Option<Timestamp>,
    /// Subscriptions that run and whose last payment failed.
    pub open_failure_count: i64,
}

impl Billing {
    /// Sums up how some subscriptions are paid.
    #[must_use]
    pub fn of(subscriptions: &[Subscription]) -> Self {
        let running = || subscriptions.iter().filter(|it| !it.is_over());
        let is_behind = |it: &Subscription| {
            it.is_payment_open || it.status.is_some_and(SubscriptionStatus::is_behind)
        };
        let health = if subscriptions.is_empty() {
            BillingHealth::None
        } else if running().any(is_behind) {
            BillingHealth::PastDue
        } else if running().next().is_some() {
            BillingHealth::Good
        } else {
            BillingHealth::Cancelled
        };
        let open = running().filter(|it| it.is_payment_open).count();
        Self {
            health,
            last_paid_at: subscriptions.iter().filter_map(|it| it.last_paid_at).max(),
            last_payment_failed_at: subscriptions
                .iter()
                .filter_map(|it| it.last_payment_failed_at)
                .max(),
            open_failure_count: i64::try_from(open).unwrap_or(i64::MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Currency;

    fn subscription(status: &str, is_payment_open: bool) -> Subscription {
        Subscription {
            id: "sub_1".to_owned(),
            plan: None,
            screens: None,
            mrr: Some(Money { minor: 3_000, currency: Currency::USD }),
            status: SubscriptionStatus::of(status),
            started_at: None,
            cancelled_at: None,
            last_paid_at: None,
            last_payment_failed_at: None,
            is_payment_open,
        }
    }

    #[track_caller]
    fn check(subscriptions: &[(&str, bool)], health: &str, open_failure_count: i64) {
        let all: Vec<_> =
            subscriptions.iter().map(|(word, open)| subscription(word, *open)).collect();
        let billing = Billing::of(&all);
        assert_eq!(billing.health.name(), health);
        assert_eq!(billing.open_failure_count, open_failure_count);
    }

    #[test]
    fn health_is_that_of_what_runs() {
        check(&[], "none", 0);
        check(&[("active", false), ("cancelled", true)], "good", 0);
        check(&[("trialing", false)], "good", 0);
        check(&[("active", true), ("active", false)], "past_due", 1);
        check(&[("past_due", false)], "past_due", 0);
        check(&[("canceled", true), ("incomplete_expired", false)], "cancelled", 0);
        check(&[("", false)], "good", 0);
    }

    #[test]
    fn revenue_is_what_is_active_or_past_due() {
        let revenue = |word| subscription(word, false).revenue().map(|mrr| mrr.minor);
        assert_eq!(["active", "PAST_DUE", ""].map(revenue), [Some(3_000); 3]);
        assert_eq!(["canceled", "unpaid", "trialing", "paused"].map(revenue), [Some(0); 4]);
    }
}
