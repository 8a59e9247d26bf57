//! A run that went well, worked out without any server: what a faultless one would have.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::date;

use crate::calendar::{clock_time, month_name, month_start};
use crate::mrr::CancellationReason;
use crate::plan::{Holding, RunPlan, RunSettings, step};
use crate::verify::{Found, FoundClock, FoundCustomer, FoundSubscription};
use crate::{InvoiceLine, InvoiceRow, PricePlan, RunFile, Server, SnapshotRow, SubscriptionStatus};

/// A run and everything that it left behind.
pub(crate) struct World {
    pub(crate) plan: RunPlan,
    pub(crate) run: RunFile,
    pub(crate) snapshots: Vec<SnapshotRow>,
    pub(crate) found: Found,
}

impl World {
    /// The standard run of a seed, at its end.
    pub(crate) fn standard(seed: u64) -> Self {
        let plan = RunPlan::new(&RunSettings::standard(seed)).unwrap();
        let run = run_file(&plan);
        let months = 0..=plan.settings.months;
        let snapshots: Vec<_> = months.flat_map(|month| rows(&plan, &run, month)).collect();
        let found = Found {
            clocks: clocks(&plan, &run),
            customers: customers(&plan, &run),
            subscriptions: subscriptions(&plan, &run),
            invoices: invoices(&plan, &run, &snapshots),
        };
        Self { plan, run, snapshots, found }
    }
}

fn run_file(plan: &RunPlan) -> RunFile {
    let at = "2026-11-22T00:00:00Z".parse().unwrap();
    RunFile {
        version: RunFile::VERSION,
        run: "demo".to_owned(),
        run_id: "run_1".to_owned(),
        server: Server::Twin,
        start: date(2026, 5, 1),
        settings: plan.settings.clone(),
        started_at: at,
        finished_at: Some(at),
        months_done: plan.settings.months + 1,
        clock_ids: (0..plan.clock_count()).map(|clock| format!("clock_{:02}", clock + 1)).collect(),
        customer_ids: plan
            .customers
            .iter()
            .map(|it| format!("cus_{}", step::number(it.index)))
            .collect(),
    }
}

fn rows(plan: &RunPlan, run: &RunFile, month: u32) -> Vec<SnapshotRow> {
    let rows = plan.expected_rows(month).into_iter().map(|row| SnapshotRow {
        month: month_name(run.start, month),
        customer_id: run.customer_ids[row.customer as usize].clone(),
        subscription_id: format!("sub_{}", step::number(row.customer)),
        plan: row.holding.plan.name().to_owned(),
        price_id: price_id(row.holding.plan),
        price_amount: row.holding.plan.unit_amount(),
        screens: row.holding.screens,
        mrr_cents: row.holding.mrr_cents(),
        status: status(row.is_past_due),
    });
    rows.collect()
}

fn status(is_past_due: bool) -> SubscriptionStatus {
    if is_past_due { SubscriptionStatus::PastDue } else { SubscriptionStatus::Active }
}

fn price_id(plan: PricePlan) -> String {
    format!("price_{}", plan.slug())
}

fn clocks(plan: &RunPlan, run: &RunFile) -> Vec<FoundClock> {
    let clocks = (0..plan.clock_count()).zip(&run.clock_ids).map(|(clock, id)| FoundClock {
        id: id.clone(),
        name: RunFile::clock_name(&run.run, clock),
        status: "ready".to_owned(),
        frozen_time: clock_time(run.start, plan.settings.months),
    });
    clocks.collect()
}

fn customers(plan: &RunPlan, run: &RunFile) -> Vec<FoundCustomer> {
    let customers = plan.customers.iter().zip(&run.customer_ids).map(|(it, id)| FoundCustomer {
        id: id.clone(),
        email: Some(it.email.clone()),
        number: Some(step::number(it.index)),
        default_payment_method: Some(format!("pm_{}", it.index)),
        clock_id: run.clock_ids[it.clock as usize].clone(),
    });
    customers.collect()
}

fn subscriptions(plan: &RunPlan, run: &RunFile) -> Vec<FoundSubscription> {
    let ends: BTreeMap<u32, (u32, Holding)> = (1..)
        .zip(&plan.phases)
        .flat_map(|(month, phase)| phase.changes.iter().map(move |it| (month, it)))
        .filter(|(_, change)| change.kind.holding().is_none())
        .map(|(month, change)| (change.customer, (month, change.from)))
        .collect();
    let last = plan.expected_rows(plan.settings.months);
    let subscriptions = plan.customers.iter().map(|it| {
        let end = ends.get(&it.index);
        let row = last.iter().find(|row| row.customer == it.index);
        let holding = row.map(|row| row.holding).or(end.map(|(_, from)| *from)).unwrap();
        FoundSubscription {
            id: format!("sub_{}", step::number(it.index)),
            customer_id: run.customer_ids[it.index as usize].clone(),
            price_id: price_id(holding.plan),
            price_amount: holding.plan.unit_amount(),
            screens: holding.screens,
            status: row.map_or(SubscriptionStatus::Canceled, |row| status(row.is_past_due)),
            canceled_at: end.map(|(month, _)| clock_time(run.start, *month)),
            reason: end.map(|_| CancellationReason::CancellationRequested),
        }
    });
    subscriptions.collect()
}

/// A period is charged as it begins, together with what changed in the one before.
fn invoices(plan: &RunPlan, run: &RunFile, snapshots: &[SnapshotRow]) -> Vec<InvoiceRow> {
    let mut credits: BTreeMap<&str, i64> = BTreeMap::new();
    let mut invoices = Vec::new();
    for month in 0..=plan.settings.months {
        let before = month_name(run.start, month.saturating_sub(1));
        let late = |id: &str| {
            let rows = plan.expected_rows(month);
            rows.iter().any(|row| row.is_past_due && run.customer_ids[row.customer as usize] == id)
        };
        for row in snapshots.iter().filter(|row| row.month == before) {
            let mut lines = settlement(plan, run, month, &row.customer_id);
            lines.push(charge(run, month, row));
            let total = lines.iter().map(|line| line.amount_cents).sum();
            let credit = credits.entry(&row.customer_id).or_default();
            let taken = (*credit).min(total);
            *credit -= taken;
            let is_paid = !late(&row.customer_id);
            let created_at = month_start(run.start, month);
            let paid_at = clock_time(run.start, month);
            invoices.push(InvoiceRow {
                invoice_id: format!("in_{month}_{}", &row.customer_id[4..]),
                customer_id: row.customer_id.clone(),
                subscription_id: Some(row.subscription_id.clone()),
                created_at,
                billing_reason: Some(reason(month).to_owned()),
                status: if is_paid { "paid" } else { "open" }.to_owned(),
                total_cents: total,
                amount_paid_cents: if is_paid { total - taken } else { 0 },
                attempt_count: 1,
                paid_at: is_paid.then_some(paid_at),
                lines,
            });
        }
    }
    invoices
}

const fn reason(month: u32) -> &'static str {
    if month == 0 { "subscription_create" } else { "subscription_cycle" }
}

fn charge(run: &RunFile, month: u32, row: &SnapshotRow) -> InvoiceLine {
    InvoiceLine {
        amount_cents: row.mrr_cents,
        price_id: Some(row.price_id.clone()),
        quantity: Some(row.screens),
        is_proration: false,
        period_start: month_start(run.start, month),
        period_end: month_start(run.start, month + 1),
    }
}

/// The unused time of what was, and the remaining time of what is.
fn settlement(plan: &RunPlan, run: &RunFile, month: u32, customer_id: &str) -> Vec<InvoiceLine> {
    let Some(change_month) = month.checked_sub(1).filter(|month| *month > 0) else {
        return Vec::new();
    };
    let changes = &plan.phases[change_month as usize - 1].changes;
    let is_it = |customer: u32| run.customer_ids[customer as usize] == customer_id;
    let Some(change) = changes.iter().find(|change| is_it(change.customer)) else {
        return Vec::new();
    };
    let Some(to) = change.kind.holding() else { return Vec::new() };
    let [from_at, to_at] = [clock_time(run.start, change_month), month_start(run.start, month)];
    let line = |holding: Holding, sign: i64| InvoiceLine {
        amount_cents: sign
            * part(holding.mrr_cents(), month_start(run.start, change_month), from_at, to_at),
        price_id: Some(price_id(holding.plan)),
        quantity: Some(holding.screens),
        is_proration: true,
        period_start: from_at,
        period_end: to_at,
    };
    vec![line(change.from, -1), line(to, 1)]
}

fn part(cents: i64, begin: Timestamp, from: Timestamp, to: Timestamp) -> i64 {
    let [whole, rest] = [begin, from].map(|at| to.as_second() - at.as_second());
    (2 * cents * rest + whole) / (2 * whole)
}
