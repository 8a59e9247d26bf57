//! Monthly recurring revenue, and what moved it: whole cents, customer by customer.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{SnapshotRow, SubscriptionStatus};

/// A month's recurring revenue and what moved it.
///
/// Opening, plus new, reactivation and expansion, less contraction and churn, is closing; a
/// month's closing is the next one's opening. All amounts are cents and none of the movements is
/// negative.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MonthRevenue {
    /// The month, such as `2026-05`.
    pub month: String,
    /// The revenue at the month's beginning.
    pub opening_cents: i64,
    /// Of customers who had never paid.
    pub new_cents: i64,
    /// Of customers who paid more than before.
    pub expansion_cents: i64,
    /// Of customers who paid less than before, and still something.
    pub contraction_cents: i64,
    /// Of customers who stopped paying.
    pub churn_cents: i64,
    /// The part of the churn that nobody wished for: the card failed.
    pub involuntary_churn_cents: i64,
    /// Of customers who had stopped paying and pay again.
    pub reactivation_cents: i64,
    /// The revenue at the month's end.
    pub closing_cents: i64,
    /// Customers with a subscription that counts, those of Free among them.
    pub customer_count: u32,
    /// Customers whose subscriptions cost something.
    pub paying_customer_count: u32,
    /// The closing revenue by paying customer, to the nearest cent, halves upwards; none where
    /// nobody pays.
    pub arppu_cents: Option<i64>,
    /// The closing revenue by the name of the price plan.
    pub by_plan: BTreeMap<String, i64>,
    /// The part of the closing revenue whose last invoice could not be collected.
    pub past_due_cents: i64,
}

/// What else is known about the months of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RevenueFacts {
    /// Months that were read, such as `2026-05`: one without any row is reported as well.
    pub months: BTreeSet<String>,
    /// Why subscriptions ended, by `sub_…`.
    pub reasons: BTreeMap<String, CancellationReason>,
}

/// Why a subscription ended. Stripe's `cancellation_details.reason`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancellationReason {
    /// Somebody asked for it.
    CancellationRequested,
    /// The money could not be collected.
    PaymentFailed,
    /// The customer disputed a payment.
    PaymentDisputed,
}

impl CancellationReason {
    /// Reads Stripe's word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "cancellation_requested" => Some(Self::CancellationRequested),
            "payment_failed" => Some(Self::PaymentFailed),
            "payment_disputed" => Some(Self::PaymentDisputed),
            _ => None,
        }
    }
}

/// Works out each month's revenue from the rows of all snapshots.
///
/// Subscriptions that are active or past due count, as in Stripe's own reports. Movements are each
/// customer's net change: a step from Free to a paid price plan is new revenue, and one back is
/// churn, though the subscription lives on. Churn is involuntary where a payment failed or was
/// disputed, and, where no reason is known, where the customer was past due the month before.
#[must_use]
pub fn movements(rows: &[SnapshotRow], facts: &RevenueFacts) -> Vec<MonthRevenue> {
    let mut months: BTreeMap<&str, Accounts<'_>> =
        facts.months.iter().map(|month| (month.as_str(), Accounts::new())).collect();
    for row in rows {
        let accounts = months.entry(&row.month).or_default();
        accounts.entry(&row.customer_id).or_default().add(row);
    }
    let mut ledger =
        Ledger { reasons: &facts.reasons, before: Accounts::new(), paid: BTreeSet::new() };
    months.into_iter().map(|(month, accounts)| ledger.close(month, accounts)).collect()
}

/// What each customer has in a month, by `cus_…`.
type Accounts<'a> = BTreeMap<&'a str, Account<'a>>;

/// What a customer has in a month.
#[derive(Default)]
struct Account<'a> {
    /// Of all subscriptions that count.
    cents: i64,
    past_due_cents: i64,
    subscriptions: Vec<&'a SnapshotRow>,
}

impl<'a> Account<'a> {
    fn add(&mut self, row: &'a SnapshotRow) {
        if !row.status.counts() {
            return;
        }
        self.cents += row.mrr_cents;
        if row.status == SubscriptionStatus::PastDue {
            self.past_due_cents += row.mrr_cents;
        }
        self.subscriptions.push(row);
    }
}

/// What is carried from month to month.
struct Ledger<'a> {
    reasons: &'a BTreeMap<String, CancellationReason>,
    before: Accounts<'a>,
    /// Customers who have ever paid.
    paid: BTreeSet<&'a str>,
}

impl<'a> Ledger<'a> {
    /// Closes a month.
    fn close(&mut self, month: &str, accounts: Accounts<'a>) -> MonthRevenue {
        let mut revenue = MonthRevenue {
            month: month.to_owned(),
            opening_cents: self.before.values().map(|account| account.cents).sum(),
            ..MonthRevenue::default()
        };
        let customers: BTreeSet<&str> =
            self.before.keys().chain(accounts.keys()).copied().collect();
        let nothing = Account::default();
        for customer in customers {
            let before = self.before.get(customer).unwrap_or(&nothing);
            let now = accounts.get(customer).unwrap_or(&nothing);
            self.book(&mut revenue, customer, [before, now]);
            count(&mut revenue, now);
        }
        revenue.arppu_cents = by_head(revenue.closing_cents, revenue.paying_customer_count);
        self.paid
            .extend(accounts.iter().filter(|(_, it)| it.cents > 0).map(|(customer, _)| customer));
        self.before = accounts;
        revenue
    }

    /// Books a customer's net change as one movement.
    fn book(&self, revenue: &mut MonthRevenue, customer: &str, [before, now]: [&Account<'_>; 2]) {
        let change = now.cents - before.cents;
        match (before.cents > 0, now.cents > 0) {
            (false, true) if self.paid.contains(customer) => revenue.reactivation_cents += change,
            (false, true) => revenue.new_cents += change,
            (true, false) => {
                revenue.churn_cents -= change;
                if self.is_involuntary(before, now) {
                    revenue.involuntary_churn_cents -= change;
                }
            }
            (true, true) if change > 0 => revenue.expansion_cents += change,
            (true, true) => revenue.contraction_cents -= change,
            (false, false) => {}
        }
    }

    /// Tells whether a customer who stopped paying did not wish to.
    fn is_involuntary(&self, before: &Account<'_>, now: &Account<'_>) -> bool {
        let known: Vec<_> = before
            .subscriptions
            .iter()
            .filter_map(|row| self.reasons.get(&row.subscription_id))
            .collect();
        if known.is_empty() {
            return before.past_due_cents > 0 && now.subscriptions.is_empty();
        }
        known.into_iter().any(|reason| match reason {
            CancellationReason::CancellationRequested => false,
            CancellationReason::PaymentFailed | CancellationReason::PaymentDisputed => true,
        })
    }
}

/// Adds a customer to a month's closing figures.
fn count(revenue: &mut MonthRevenue, account: &Account<'_>) {
    revenue.closing_cents += account.cents;
    revenue.past_due_cents += account.past_due_cents;
    revenue.customer_count += u32::from(!account.subscriptions.is_empty());
    revenue.paying_customer_count += u32::from(account.cents > 0);
    for row in &account.subscriptions {
        *revenue.by_plan.entry(row.plan.clone()).or_default() += row.mrr_cents;
    }
}

/// Divides by a number of customers, to the nearest cent, halves upwards.
fn by_head(cents: i64, heads: u32) -> Option<i64> {
    let heads = i64::from(heads);
    (heads > 0).then(|| (2 * cents + heads).div_euclid(2 * heads))
}

impl MonthRevenue {
    /// Returns the opening figure with all movements: what the closing figure must be.
    #[must_use]
    pub const fn opening_and_movements_cents(&self) -> i64 {
        self.opening_cents + self.new_cents + self.reactivation_cents + self.expansion_cents
            - self.contraction_cents
            - self.churn_cents
    }
}

#[cfg(test)]
mod tests;
