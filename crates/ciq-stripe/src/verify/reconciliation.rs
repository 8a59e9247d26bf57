//! What was compared, counted and summed for people.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::Found;
use crate::money::dollars;
use crate::{SnapshotRow, SubscriptionStatus};

/// What was compared, counted and summed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Reconciliation {
    /// Clocks on the server.
    pub clock_count: usize,
    /// Customers on the server.
    pub customer_count: usize,
    /// Subscriptions on the server, by their state.
    pub subscriptions: BTreeMap<SubscriptionStatus, u32>,
    /// Rows of all snapshots.
    pub row_count: usize,
    /// Invoices on the server, by their state.
    pub invoices: BTreeMap<String, u32>,
    /// The sum of all invoices that are neither drafts nor void, in cents.
    pub invoiced_cents: i64,
    /// What was paid of it, in cents.
    pub paid_cents: i64,
    /// What is still to be paid of it, in cents.
    pub open_cents: i64,
    /// The rest: credits that were given, or used instead of payments, in cents.
    pub credit_cents: i64,
    /// The sum of all lines that settle a change in the middle of a period, in cents.
    pub proration_cents: i64,
}

/// Counts and sums what is compared.
#[must_use]
pub fn reconcile(snapshots: &[SnapshotRow], found: &Found) -> Reconciliation {
    let mut sums = Reconciliation {
        clock_count: found.clocks.len(),
        customer_count: found.customers.len(),
        row_count: snapshots.len(),
        ..Reconciliation::default()
    };
    for subscription in &found.subscriptions {
        *sums.subscriptions.entry(subscription.status).or_default() += 1;
    }
    for invoice in &found.invoices {
        *sums.invoices.entry(invoice.status.clone()).or_default() += 1;
        let lines = invoice.lines.iter().filter(|line| line.is_proration);
        sums.proration_cents += lines.map(|line| line.amount_cents).sum::<i64>();
        let is_billed = !matches!(invoice.status.as_str(), "draft" | "void");
        sums.invoiced_cents += if is_billed { invoice.total_cents } else { 0 };
        sums.paid_cents += invoice.amount_paid_cents;
        let is_open = matches!(invoice.status.as_str(), "open" | "uncollectible");
        sums.open_cents +=
            if is_open { invoice.total_cents - invoice.amount_paid_cents } else { 0 };
    }
    sums.credit_cents = sums.invoiced_cents - sums.paid_cents - sums.open_cents;
    sums
}

impl fmt::Display for Reconciliation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { clock_count, customer_count, subscriptions, row_count, invoices, .. } = self;
        let states = subscriptions.iter().map(|(state, count)| format!("{count} {state}"));
        writeln!(f, "clocks         {clock_count}")?;
        writeln!(f, "customers      {customer_count}")?;
        writeln!(f, "subscriptions  {}", listed(states))?;
        writeln!(f, "snapshot rows  {row_count}")?;
        let states = invoices.iter().map(|(state, count)| format!("{count} {state}"));
        writeln!(f, "invoices       {}", listed(states))?;
        let sums = [
            ("invoiced", self.invoiced_cents),
            ("paid", self.paid_cents),
            ("open", self.open_cents),
            ("credit", self.credit_cents),
            ("of changes", self.proration_cents),
        ];
        for (name, cents) in sums {
            writeln!(f, "{name:<13}  {:>14}", dollars(cents))?;
        }
        Ok(())
    }
}

fn listed(parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<_> = parts.collect();
    if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
}
