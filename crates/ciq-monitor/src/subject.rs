//! What is known of one customer when the rules are asked.

use ciq_event::Account;
use jiff::{SignedDuration, Timestamp};

use crate::health;

/// What is known of one customer. Plain values: whoever asks the rules gathers them.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject {
    /// The account.
    pub account: Account,
    /// What the operator calls the state of the customer, such as `active`.
    pub status: Option<String>,
    /// Since when the customer is one.
    pub customer_since: Option<Timestamp>,
    /// The probability of leaving, 0 to 1.
    pub churn: Option<f64>,
    /// The segment, such as `champion`.
    pub segment: Option<String>,
    /// What the customer is predicted to be worth in all, in whole units with decimals.
    pub lifetime_value: f64,
    /// How well the customer is known, percent.
    pub strength: u8,
    /// Tickets of the last 30 days in which the customer was displeased; 0 where that is not known.
    pub negative_ticket_count: u32,
}

impl Subject {
    /// Makes a subject of which nothing but the account is known.
    #[must_use]
    pub fn of(account: Account) -> Self {
        Self {
            account,
            status: None,
            customer_since: None,
            churn: None,
            segment: None,
            lifetime_value: 0.0,
            strength: 0,
            negative_ticket_count: 0,
        }
    }

    /// Returns the score that [`health`](health()) gives, without its reasons.
    #[must_use]
    pub fn health_score(&self, as_of: Timestamp) -> u8 {
        health::score(self, as_of)
    }

    /// Returns how old the account is: since it signed up, else since the customer is one. Never
    /// negative.
    pub(crate) fn account_age(&self, as_of: Timestamp) -> Option<SignedDuration> {
        self.account.signed_up_at.or(self.customer_since).map(|since| elapsed(since, as_of))
    }

    /// Returns how long ago the latest call was. Never negative.
    pub(crate) fn idle_time(&self, as_of: Timestamp) -> Option<SignedDuration> {
        self.account.last_api_call_at.map(|at| elapsed(at, as_of))
    }
}

fn elapsed(since: Timestamp, as_of: Timestamp) -> SignedDuration {
    as_of.duration_since(since).max(SignedDuration::ZERO)
}
