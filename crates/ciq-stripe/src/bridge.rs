//! A run as a stream of customer events: what `CustomerIQ` would hear of it.

mod envelope;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use self::envelope::{Invoice, Subscription, Tale};
use crate::calendar::{clock_time, month_name};
use crate::plan::RunPlan;
use crate::{InvoiceRow, RunFile, SnapshotRow, SubscriptionStatus};

/// How long after a renewal's invoice is made its payment is tried.
const PAYMENT_DELAY: SignedDuration = SignedDuration::from_hours(1);

/// The order in which things of the same moment are told.
const BEGINNING: u8 = 0;
const MONEY: u8 = 1;
const ENDING: u8 = 2;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BridgeEvent {
    /// The same thing has the same id, however often it is told.
    pub id: String,
    /// `subscription_started`, `subscription_upgraded`, `subscription_downgraded`,
    /// `subscription_cancelled`, `invoice_paid` or `payment_failed`.
    pub event_type: &'static str,
    /// `cus_…`.
    pub customer_id: String,
    /// When it happened, on the clock's time.
    pub at: Timestamp,
    /// The envelope as one line of JSON, without a line break at its end.
    pub json: String,
}

/// Tells a run as events, in order of time: subscriptions as the snapshots show them, and invoices
/// that were paid or could not be collected.
///
/// An invoice over nothing is not told. A subscription that has changed between two snapshots did
/// so when the clocks stood still in the later month.
#[must_use]
pub fn events(
    plan: &RunPlan,
    run: &RunFile,
    snapshots: &[SnapshotRow],
    invoices: &[InvoiceRow],
) -> Vec<BridgeEvent> {
    let teller = Teller::new(plan, run);
    let mut tales = teller.subscriptions(snapshots);
    tales.extend(invoices.iter().filter_map(|invoice| teller.invoice(invoice)));
    tales.sort_by(|a, b| (a.at, a.rank, &a.id).cmp(&(b.at, b.rank, &b.id)));
    tales.into_iter().map(Tale::into_event).collect()
}

/// Who the customers of a run are.
struct Teller<'a> {
    run: &'a RunFile,
    /// Names and addresses by `cus_…`.
    people: BTreeMap<&'a str, (&'a str, &'a str)>,
}

impl<'a> Teller<'a> {
    fn new(plan: &'a RunPlan, run: &'a RunFile) -> Self {
        let names = plan.customers.iter().map(|it| (it.name.as_str(), it.email.as_str()));
        Self { run, people: run.customer_ids.iter().map(String::as_str).zip(names).collect() }
    }

    /// Tells how subscriptions begin, change and end, from snapshot to snapshot.
    fn subscriptions(&self, snapshots: &'a [SnapshotRow]) -> Vec<Tale<'a>> {
        let mut tales = Vec::new();
        let mut before: BTreeMap<&str, &SnapshotRow> = BTreeMap::new();
        for month in 0..self.run.months_done {
            let name = month_name(self.run.start, month);
            let living = snapshots.iter().filter(|row| row.month == name && is_alive(row.status));
            let now: BTreeMap<&str, &SnapshotRow> =
                living.map(|row| (row.subscription_id.as_str(), row)).collect();
            let ids: BTreeSet<&str> = before.keys().chain(now.keys()).copied().collect();
            let changes = ids.into_iter().filter_map(|id| {
                let [before, now] = [&before, &now].map(|rows| rows.get(id).copied());
                self.change(month, before, now)
            });
            tales.extend(changes);
            before = now;
        }
        tales
    }

    /// Tells what became of a subscription since the month before, if anything did.
    fn change(
        &self,
        month: u32,
        before: Option<&'a SnapshotRow>,
        now: Option<&'a SnapshotRow>,
    ) -> Option<Tale<'a>> {
        let (row, event_type, status) = match (before, now) {
            (None, Some(now)) => (now, "subscription_started", now.status),
            (Some(before), None) => {
                (before, "subscription_cancelled", SubscriptionStatus::Canceled)
            }
            (Some(before), Some(now)) => (now, direction(before, now)?, now.status),
            (None, None) => return None,
        };
        let (name, email) = self.person(&row.customer_id);
        Some(Tale {
            id: format!(
                "{}/{}/{event_type}",
                row.subscription_id,
                month_name(self.run.start, month)
            ),
            event_type,
            at: clock_time(self.run.start, month),
            rank: if now.is_some() { BEGINNING } else { ENDING },
            customer_id: &row.customer_id,
            name,
            email,
            subscription_id: Some(&row.subscription_id),
            subscription: Some(Subscription {
                plan: &row.plan,
                screens: row.screens,
                mrr_cents: row.mrr_cents,
                status,
            }),
            invoice: None,
        })
    }

    /// Tells of an invoice that was paid or could not be collected.
    fn invoice(&self, invoice: &'a InvoiceRow) -> Option<Tale<'a>> {
        if invoice.total_cents <= 0 {
            return None;
        }
        let (event_type, at, amount_cents) = match invoice.status.as_str() {
            "paid" => {
                let at = invoice.paid_at.unwrap_or(invoice.created_at);
                ("invoice_paid", at, invoice.amount_paid_cents)
            }
            "open" | "uncollectible" if invoice.attempt_count > 0 => {
                ("payment_failed", tried_at(invoice), invoice.total_cents)
            }
            _ => return None,
        };
        let (name, email) = self.person(&invoice.customer_id);
        Some(Tale {
            id: format!("{}/{event_type}", invoice.invoice_id),
            event_type,
            at,
            rank: MONEY,
            customer_id: &invoice.customer_id,
            name,
            email,
            subscription_id: invoice.subscription_id.as_deref(),
            subscription: None,
            invoice: Some(Invoice {
                id: &invoice.invoice_id,
                amount_cents,
                status: &invoice.status,
            }),
        })
    }

    /// Returns a customer's name and address; nothing of one that the plan does not know.
    fn person(&self, customer_id: &str) -> (Option<&'a str>, Option<&'a str>) {
        self.people.get(customer_id).map(|(name, email)| (*name, *email)).unzip()
    }
}

/// Names a change of what is paid; a change of plan or screens at the same price has no direction.
fn direction(before: &SnapshotRow, now: &SnapshotRow) -> Option<&'static str> {
    match now.mrr_cents.cmp(&before.mrr_cents) {
        Ordering::Greater => Some("subscription_upgraded"),
        Ordering::Less => Some("subscription_downgraded"),
        Ordering::Equal => None,
    }
}

/// The first invoice of a subscription is charged at once, every other after a while.
fn tried_at(invoice: &InvoiceRow) -> Timestamp {
    let created_at = invoice.created_at;
    if invoice.billing_reason.as_deref() == Some("subscription_cycle") {
        created_at.saturating_add(PAYMENT_DELAY).unwrap_or(created_at)
    } else {
        created_at
    }
}

const fn is_alive(status: SubscriptionStatus) -> bool {
    !matches!(status, SubscriptionStatus::Canceled | SubscriptionStatus::IncompleteExpired)
}
