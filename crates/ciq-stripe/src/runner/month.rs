//! The end of a month: what the server says of all subscriptions, written down.

use std::collections::BTreeSet;

use stripe_shared::Subscription;

use super::work::Work;
use super::{Progress, RunError};
use crate::calendar::month_name;
use crate::readback::{found_subscription, invoices_of, subscriptions_on};
use crate::verify::FoundSubscription;
use crate::{InvoiceRow, PriceFile, SnapshotRow, SubscriptionStatus};

impl Work<'_> {
    /// Reads all subscriptions and writes the month's snapshot. The month is done then.
    pub(super) async fn snapshot(&self, month: u32, prices: &PriceFile) -> Result<(), RunError> {
        self.phase(month, "reading subscriptions", self.clocks().len());
        let found = self.runner.all(self.clocks().map(|clock| self.read_clock(clock))).await?;
        let mut found: Vec<Subscription> = found.into_iter().flatten().collect();
        let order = self.run().customer_ids.clone();
        let place = |it: &Subscription| order.iter().position(|id| id == it.customer.id().as_str());
        found.sort_by_cached_key(|it| (place(it).unwrap_or(usize::MAX), it.id.to_string()));
        let start = self.run().start;
        let name = month_name(start, month);
        let mut rows = Vec::new();
        for subscription in &found {
            let found = found_subscription(subscription)?;
            rows.extend(row(&name, found, prices));
        }
        let count = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        let earlier: BTreeSet<String> = (0..month).map(|month| month_name(start, month)).collect();
        let files = &self.runner.settings.files;
        let mut all = files.snapshots()?.unwrap_or_default();
        all.retain(|row| earlier.contains(&row.month));
        all.append(&mut rows);
        files.write_snapshots(&all)?;
        self.note(|run| run.months_done = month + 1)?;
        self.runner.tell(Progress::Month { month, rows: count });
        Ok(())
    }

    async fn read_clock(&self, clock: u32) -> Result<Vec<Subscription>, RunError> {
        let clock_id = self.clock_id(clock)?;
        let found = subscriptions_on(self.runner.caller(), &clock_id).await?;
        self.runner.step_done();
        Ok(found)
    }

    /// Reads all invoices, and finishes the run.
    pub(super) async fn finish(&self) -> Result<(), RunError> {
        self.runner.phase("reading invoices", self.plan.customers.len());
        let jobs = self.plan.customers.iter().map(|customer| async move {
            let customer_id = self.customer_id(customer.index)?;
            let found = invoices_of(self.runner.caller(), &customer_id).await?;
            self.runner.step_done();
            Ok((customer.index, found))
        });
        let mut found: Vec<(u32, Vec<InvoiceRow>)> = self.runner.all(jobs).await?;
        found.sort_by_key(|(customer, _)| *customer);
        let rows: Vec<InvoiceRow> = found.into_iter().flat_map(|(_, rows)| rows).collect();
        self.runner.settings.files.write_invoices(&rows)?;
        let now = (self.runner.settings.now)();
        self.note(|run| run.finished_at = Some(now))
    }
}

/// Returns the row of a subscription, if it is not over.
fn row(month: &str, found: FoundSubscription, prices: &PriceFile) -> Option<SnapshotRow> {
    let status = found.status;
    if matches!(status, SubscriptionStatus::Canceled | SubscriptionStatus::IncompleteExpired) {
        return None;
    }
    let plan = prices.price_to_plan.get(&found.price_id).unwrap_or(&found.price_id);
    let screens = i64::try_from(found.screens).unwrap_or(i64::MAX);
    Some(SnapshotRow {
        month: month.to_owned(),
        plan: plan.clone(),
        mrr_cents: found.price_amount.saturating_mul(screens),
        customer_id: found.customer_id,
        subscription_id: found.id,
        price_id: found.price_id,
        price_amount: found.price_amount,
        screens: found.screens,
        status,
    })
}
