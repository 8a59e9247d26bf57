//! What a customer subscribes to, and how it pays.

use ciq_store::{BillingView, SubscriptionView};

use super::{ROWS_SHOWN, part};
use crate::exit::Failure;
use crate::output::{Output, visible};
use crate::table::{Align, Table, count, day, minute, or_nothing};

/// Writes what a customer subscribes to, where it ever did.
pub(super) fn write(output: &mut Output, billing: &BillingView) -> Result<(), Failure> {
    if !part(output, "billing", billing.subscriptions.len())? {
        return Ok(());
    }
    let mrr: Vec<String> =
        billing.mrr.iter().map(|(currency, amount)| format!("{} {currency}", amount.0)).collect();
    let joined = |parts: &[String], with: &str| {
        let text = parts.join(with);
        or_nothing(Some(text.as_str()).filter(|text| !text.is_empty()))
    };
    let lines = [
        ("plan", joined(&billing.plans, ", ")),
        ("screens", count(billing.screens)),
        ("MRR", joined(&mrr, " and ")),
        ("health", health(billing)),
        ("last paid", last_paid(billing)),
    ];
    for (name, value) in lines {
        output.line(visible(&format!("{name:<12}  {value}")))?;
    }
    table_of(&billing.subscriptions).write(output)
}

fn health(billing: &BillingView) -> String {
    match &billing.last_payment_failed_at {
        Some(at) => {
            format!("{}, a payment last failed at {} UTC", billing.health, minute(Some(at)))
        }
        None => billing.health.clone(),
    }
}

fn last_paid(billing: &BillingView) -> String {
    match &billing.last_paid_at {
        Some(at) => format!("{} UTC", minute(Some(at))),
        None => or_nothing(None),
    }
}

fn table_of(subscriptions: &[SubscriptionView]) -> Table {
    let mut table = Table::new(&[
        ("subscription", Align::Left),
        ("plan", Align::Left),
        ("screens", Align::Right),
        ("MRR", Align::Right),
        ("status", Align::Left),
        ("since", Align::Left),
        ("ended", Align::Left),
    ]);
    for held in subscriptions.iter().take(ROWS_SHOWN) {
        let currency = held.currency.as_deref().unwrap_or_default();
        let mrr = held.mrr.map(|mrr| format!("{} {currency}", mrr.0));
        table.row([
            held.subscription_id.clone(),
            or_nothing(held.plan.as_deref()),
            held.screens.map_or_else(|| or_nothing(None), count),
            or_nothing(mrr.as_deref()),
            or_nothing(held.status.as_deref()),
            day(held.started_at.as_deref()),
            day(held.cancelled_at.as_deref()),
        ]);
    }
    table
}
