//! Whether everything adds up: the plan, the snapshots, the server and its invoices.

mod case;
mod invoices;
mod months;
mod people;
mod prorations;
mod reconciliation;
#[cfg(test)]
mod tests;

pub use reconciliation::{Reconciliation, reconcile};

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use self::case::{Case, Findings};

use crate::calendar::month_name;
use crate::mrr::{CancellationReason, RevenueFacts};
use crate::plan::RunPlan;
use crate::{InvoiceRow, RunFile, SnapshotRow, SubscriptionStatus};

/// What the server has, read back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// The clocks whose names begin with the run's.
    pub clocks: Vec<FoundClock>,
    /// The customers on those clocks.
    pub customers: Vec<FoundCustomer>,
    /// Their subscriptions, the cancelled ones too.
    pub subscriptions: Vec<FoundSubscription>,
    /// Their invoices.
    pub invoices: Vec<InvoiceRow>,
}

/// A test clock on the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundClock {
    /// `clock_…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `ready`, `advancing` or `internal_failure`.
    pub status: String,
    /// The time it shows.
    pub frozen_time: Timestamp,
}

/// A customer on the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundCustomer {
    /// `cus_…`.
    pub id: String,
    /// The address.
    pub email: Option<String>,
    /// The customer's number in the plan, from its metadata, such as `017`.
    pub number: Option<String>,
    /// `pm_…`, from which invoices are paid.
    pub default_payment_method: Option<String>,
    /// `clock_…`.
    pub clock_id: String,
}

/// A subscription on the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundSubscription {
    /// `sub_…`.
    pub id: String,
    /// `cus_…`.
    pub customer_id: String,
    /// `price_…`.
    pub price_id: String,
    /// What a screen costs a month, in cents.
    pub price_amount: i64,
    /// How many screens.
    pub screens: u64,
    /// Its state.
    pub status: SubscriptionStatus,
    /// When it ended.
    pub canceled_at: Option<Timestamp>,
    /// Why it ended.
    pub reason: Option<CancellationReason>,
}

impl Found {
    /// Returns what is known beside the snapshots about the months that a run has done.
    #[must_use]
    pub fn facts(&self, run: &RunFile) -> RevenueFacts {
        let months = (0..run.months_done).map(|month| month_name(run.start, month)).collect();
        let reasons = self.subscriptions.iter();
        let reasons = reasons.filter_map(|it| Some((it.id.clone(), it.reason?))).collect();
        RevenueFacts { months, reasons }
    }
}

/// Something that does not add up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Difference {
    /// Where, such as `clock 03` or `invoice in_…`.
    pub place: String,
    /// What it should be.
    pub expected: String,
    /// What it is.
    pub found: String,
    /// What is the probable cause, in words.
    pub cause: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, expected, found, cause } = self;
        write!(f, "{place}: expected {expected}, found {found} ({cause})")
    }
}

/// Compares everything with everything and returns what does not add up, in a fixed order.
#[must_use]
pub fn check(
    plan: &RunPlan,
    run: &RunFile,
    snapshots: &[SnapshotRow],
    found: &Found,
) -> Vec<Difference> {
    let case = Case::new(plan, run, snapshots, found);
    let mut findings = Findings::default();
    people::check(&case, &mut findings);
    months::check(&case, &mut findings);
    invoices::check(&case, &mut findings);
    prorations::check(&case, &mut findings);
    findings.into_differences()
}
