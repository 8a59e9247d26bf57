//! What a run will do, month by month: a pure function of its settings.

mod calls;
mod draw;
mod error;
mod names;
mod settings;
pub mod step;
mod text;

pub use calls::{CallCount, Method, PlannedCall, PlannedMonth};
pub use error::{Need, PlanError};
pub use settings::{CUSTOMERS_MAX, MONTHS_MAX, share_customers};

use serde::{Deserialize, Serialize};

use crate::PricePlan;

/// How many customers a test clock may have, by Stripe's rules.
pub const CUSTOMERS_PER_CLOCK: u32 = 3;

/// What a run plan follows from, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunSettings {
    /// The seed.
    pub seed: u64,
    /// How many months pass.
    pub months: u32,
    /// How many customers begin with each price plan, in the order of [`PricePlan::ALL`].
    pub customers: [u32; 5],
    /// What happens in each month, the first entry in month 1; as many as `months`.
    pub phases: Vec<PhaseCounts>,
    /// How a change in the middle of a period is settled.
    pub proration: Proration,
}

/// How many of each change happen in a month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhaseCounts {
    /// To a dearer price plan, or to more screens.
    pub upgrades: u32,
    /// To a cheaper price plan.
    pub downgrades: u32,
    /// Subscriptions that end.
    pub cancellations: u32,
    /// Renewals at the month's beginning that cannot be collected.
    pub past_due: u32,
}

/// How a change in the middle of a period is settled. Stripe's `proration_behavior`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proration {
    /// On the next invoice.
    #[default]
    CreateProrations,
    /// Not at all.
    None,
    /// On an invoice of its own, at once.
    AlwaysInvoice,
}

impl Proration {
    /// Returns Stripe's word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CreateProrations => "create_prorations",
            Self::None => "none",
            Self::AlwaysInvoice => "always_invoice",
        }
    }
}

/// What a run will do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunPlan {
    /// What it follows from.
    pub settings: RunSettings,
    /// The customers; a customer's place is its index.
    pub customers: Vec<PlannedCustomer>,
    /// The months after the first, in order: `phases[0]` is month 1.
    pub phases: Vec<Phase>,
}

/// A customer as the run makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedCustomer {
    /// Its place, from 0.
    pub index: u32,
    /// On which clock, from 0; three share one.
    pub clock: u32,
    /// A company's name.
    pub name: String,
    /// An address at a reserved domain.
    pub email: String,
    /// What it begins with.
    pub holding: Holding,
}

/// What a customer has: a price plan and screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// The price plan.
    pub plan: PricePlan,
    /// How many screens.
    pub screens: u64,
}

impl Holding {
    /// Returns what it costs a month, in cents.
    #[must_use]
    pub fn mrr_cents(self) -> i64 {
        self.plan.unit_amount().saturating_mul(i64::try_from(self.screens).unwrap_or(i64::MAX))
    }
}

/// What happens in a month after its clocks have advanced, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Phase {
    /// Upgrades, then downgrades, then cancellations.
    pub changes: Vec<Change>,
    /// Customers whose renewal at this month's beginning fails. Their card is changed at the end of
    /// the month before.
    pub past_due: Vec<u32>,
}

/// One change of one subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// The customer's index.
    pub customer: u32,
    /// What becomes of the subscription.
    pub kind: ChangeKind,
    /// What it was.
    pub from: Holding,
}

/// What becomes of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// To a dearer price plan, or to more screens.
    Upgrade(Holding),
    /// To a cheaper price plan.
    Downgrade(Holding),
    /// It ends.
    Cancellation,
}

impl ChangeKind {
    /// Returns what the customer has afterwards; nothing after a cancellation.
    #[must_use]
    pub const fn holding(self) -> Option<Holding> {
        match self {
            Self::Upgrade(holding) | Self::Downgrade(holding) => Some(holding),
            Self::Cancellation => None,
        }
    }
}

/// A row that a month's snapshot should have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExpectedRow {
    /// The customer's index.
    pub customer: u32,
    /// What it has.
    pub holding: Holding,
    /// Whether its last invoice could not be collected.
    pub is_past_due: bool,
}

impl RunPlan {
    /// Returns how many clocks there are.
    #[must_use]
    pub fn clock_count(&self) -> u32 {
        self.settings.customer_count().div_ceil(CUSTOMERS_PER_CLOCK)
    }

    /// Returns the customers on a clock, counted from 0.
    #[must_use]
    pub fn customers_of_clock(&self, clock: u32) -> &[PlannedCustomer] {
        let begin = self.customers.partition_point(|customer| customer.clock < clock);
        let end = self.customers.partition_point(|customer| customer.clock <= clock);
        &self.customers[begin..end]
    }

    /// Returns what a customer has after a month's changes; nothing once cancelled.
    #[must_use]
    pub fn holding_at(&self, customer: u32, month: u32) -> Option<Holding> {
        let first = self.customers.get(usize::try_from(customer).ok()?)?.holding;
        let changes = self.phases_until(month).flat_map(|phase| &phase.changes);
        let last = changes.filter(|change| change.customer == customer).last();
        last.map_or(Some(first), |change| change.kind.holding())
    }

    /// Returns the rows that a month's snapshot should have, in the plan's order.
    #[must_use]
    pub fn expected_rows(&self, month: u32) -> Vec<ExpectedRow> {
        let rows = self.customers.iter().map(|customer| ExpectedRow {
            customer: customer.index,
            holding: customer.holding,
            is_past_due: false,
        });
        let mut rows: Vec<_> = rows.map(Some).collect();
        let place = |customer: u32| usize::try_from(customer).unwrap_or(usize::MAX);
        for phase in self.phases_until(month) {
            for change in &phase.changes {
                let Some(row) = rows.get_mut(place(change.customer)) else { continue };
                let holding = change.kind.holding();
                *row = row.zip(holding).map(|(row, holding)| ExpectedRow { holding, ..row });
            }
            for customer in &phase.past_due {
                if let Some(Some(row)) = rows.get_mut(place(*customer)) {
                    row.is_past_due = true;
                }
            }
        }
        rows.into_iter().flatten().collect()
    }

    /// Returns what all customers together should pay a month, after a month's changes, in cents.
    #[must_use]
    pub fn expected_mrr(&self, month: u32) -> i64 {
        self.expected_rows(month).iter().map(|row| row.holding.mrr_cents()).sum()
    }

    fn phases_until(&self, month: u32) -> impl Iterator<Item = &Phase> {
        self.phases.iter().take(usize::try_from(month).unwrap_or(usize::MAX))
    }
}

#[cfg(test)]
mod tests;
