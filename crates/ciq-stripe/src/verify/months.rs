//! Snapshots: each month as planned, the last one as the server has it.

use std::collections::{BTreeMap, BTreeSet};

use super::FoundSubscription;
use super::case::{Case, Findings, cents};
use crate::mrr::movements;
use crate::plan::ExpectedRow;
use crate::{SnapshotRow, SubscriptionStatus};

/// Compares the snapshots with the plan, with the server and with themselves.
pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    for month in 0..case.run.months_done {
        check_month(case, findings, month);
    }
    check_other_months(case, findings);
    check_last_month(case, findings);
    check_identity(case, findings);
}

fn check_month(case: &Case<'_>, findings: &mut Findings, month: u32) {
    let mut by_customer: BTreeMap<&str, Vec<&SnapshotRow>> = BTreeMap::new();
    for row in case.rows_of(month) {
        by_customer.entry(&row.customer_id).or_default().push(row);
    }
    for expected in case.plan.expected_rows(month) {
        let place = usize::try_from(expected.customer).unwrap_or(usize::MAX);
        let Some(id) = case.run.customer_ids.get(place) else { continue };
        let place = format!("{}, {}", case.month_name(month), case.customer(id));
        match by_customer.remove(id.as_str()).as_deref() {
            None => {
                let cause = gone_cause(case, id, expected.is_past_due);
                findings.add(place, "a row", "none", cause);
            }
            Some([row]) => check_row(findings, &place, &expected, row),
            Some(rows) => {
                findings.add(place, "one row", rows.len(), "it has more than one subscription");
            }
        }
    }
    for row in by_customer.into_values().flatten() {
        let place = format!("{}, {}", case.month_name(month), case.customer(&row.customer_id));
        let cause = if case.customers.contains_key(row.customer_id.as_str()) {
            "its cancellation did not take effect"
        } else {
            "an unknown customer"
        };
        findings.add(place, "no row", &row.subscription_id, cause);
    }
}

/// Says why a customer that should have a row has none.
fn gone_cause(case: &Case<'_>, customer_id: &str, is_past_due: bool) -> &'static str {
    let of_customer = |it: &&FoundSubscription| it.customer_id == customer_id;
    let subscription = case.found.subscriptions.iter().find(of_customer);
    let is_over = subscription.is_some_and(|it| it.status == SubscriptionStatus::Canceled);
    match (is_over, is_past_due) {
        (true, true) => {
            "cancelled by dunning: by the account's settings, a subscription ends when its retries do"
        }
        (true, false) => "somebody cancelled it, and not the plan",
        (false, _) => "the snapshot is not complete",
    }
}

fn check_row(findings: &mut Findings, place: &str, expected: &ExpectedRow, row: &SnapshotRow) {
    let holding = expected.holding;
    let change = "a change of the plan did not take effect, or somebody else made one";
    findings.compare(place, holding.plan.name(), row.plan.as_str(), change);
    findings.compare(place, counted(holding.screens), counted(row.screens), change);
    let cause = "the price has another amount";
    findings.compare(place, cents(holding.plan.unit_amount()), cents(row.price_amount), cause);
    let product = row.price_amount.checked_mul(i64::try_from(row.screens).unwrap_or(i64::MAX));
    let cause = "the row's revenue is not its amount times its screens";
    findings.compare(place, cents(product.unwrap_or(i64::MAX)), cents(row.mrr_cents), cause);
    let status =
        if expected.is_past_due { SubscriptionStatus::PastDue } else { SubscriptionStatus::Active };
    let cause = match row.status {
        SubscriptionStatus::Unpaid => {
            "given up by dunning: by the account's settings, a subscription is unpaid when its retries end"
        }
        SubscriptionStatus::Active => "the renewal was paid: the failing card came too late",
        _ => "a payment that should have been made failed",
    };
    findings.compare(place, status, row.status, cause);
}

/// Rows are of months that the run has done.
fn check_other_months(case: &Case<'_>, findings: &mut Findings) {
    let months: BTreeSet<String> =
        (0..case.run.months_done).map(|month| case.month_name(month)).collect();
    for (month, rows) in case.rows.iter().filter(|(month, _)| !months.contains(**month)) {
        let found = format!("{} rows", rows.len());
        findings.add(month, "no row", found, "not a month of this run: snapshots of another one");
    }
}

/// The last snapshot is what the server has now.
fn check_last_month(case: &Case<'_>, findings: &mut Findings) {
    let Some(last) = case.last_month() else { return };
    let subscriptions = case.found.subscriptions.iter();
    let mut living: BTreeMap<&str, &FoundSubscription> =
        subscriptions.filter(|it| is_alive(it.status)).map(|it| (it.id.as_str(), it)).collect();
    let changed = "it changed after the last snapshot";
    for row in case.rows_of(last) {
        let place = format!("subscription {} now", row.subscription_id);
        let Some(now) = living.remove(row.subscription_id.as_str()) else {
            findings.add(place, row.status, "none that lives", "it ended after the last snapshot");
            continue;
        };
        findings.compare(&place, row.customer_id.as_str(), &now.customer_id, changed);
        findings.compare(&place, row.price_id.as_str(), &now.price_id, changed);
        findings.compare(&place, cents(row.price_amount), cents(now.price_amount), changed);
        findings.compare(&place, counted(row.screens), counted(now.screens), changed);
        findings.compare(&place, row.status, now.status, changed);
    }
    for (id, now) in living {
        let cause = "not in the last snapshot: made after it, or missed by it";
        findings.add(format!("subscription {id} now"), "none that lives", now.status, cause);
    }
}

fn is_alive(status: SubscriptionStatus) -> bool {
    !matches!(status, SubscriptionStatus::Canceled | SubscriptionStatus::IncompleteExpired)
}

/// Movements explain every cent, from month to month.
fn check_identity(case: &Case<'_>, findings: &mut Findings) {
    let rows: Vec<SnapshotRow> = case.rows.values().flatten().map(|row| (*row).clone()).collect();
    let mut opening = 0;
    for month in movements(&rows, &case.found.facts(case.run)) {
        let place = format!("{}, revenue", month.month);
        let cause = "movements do not add up: this is a fault of the program";
        findings.compare(&place, cents(opening), cents(month.opening_cents), cause);
        let sum = month.opening_and_movements_cents();
        findings.compare(&place, cents(sum), cents(month.closing_cents), cause);
        opening = month.closing_cents;
    }
}

fn counted(screens: u64) -> String {
    format!("{screens} screens")
}
