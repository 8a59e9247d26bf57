//! Clocks, customers and subscriptions: all there, each once, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use super::case::{Case, Findings};
use super::{FoundClock, FoundCustomer};
use crate::RunFile;
use crate::calendar::clock_time;
use crate::plan::{PlannedCustomer, step};

/// Compares what the server has with what the plan makes.
pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    check_length(case, findings);
    check_clocks(case, findings);
    check_customers(case, findings);
    check_subscriptions(case, findings);
}

/// A run has come to its end.
fn check_length(case: &Case<'_>, findings: &mut Findings) {
    let months = case.plan.settings.months + 1;
    let cause = "the run has not come to its end: resume it";
    findings.compare("months with a snapshot", months, case.run.months_done, cause);
}

fn check_clocks(case: &Case<'_>, findings: &mut Findings) {
    let mut by_name: BTreeMap<&str, Vec<&FoundClock>> = BTreeMap::new();
    for clock in &case.found.clocks {
        by_name.entry(&clock.name).or_default().push(clock);
    }
    for clock in 0..case.plan.clock_count() {
        let name = RunFile::clock_name(&case.run.run, clock);
        match by_name.remove(name.as_str()).as_deref() {
            None => findings.add(
                format!("clock {:02}", clock + 1),
                "a clock",
                "none",
                "never made, or deleted: Stripe deletes clocks after 30 days",
            ),
            Some([only]) => check_clock(case, findings, clock, only),
            Some(several) => findings.add(
                format!("clock {:02}", clock + 1),
                "one clock",
                format!("{} of its name", several.len()),
                "made again after an answer was lost, or another run has the same name",
            ),
        }
    }
    for clock in by_name.into_values().flatten() {
        findings.add(format!("clock {}", clock.id), "none", &clock.name, "not in the plan");
    }
}

fn check_clock(case: &Case<'_>, findings: &mut Findings, number: u32, found: &FoundClock) {
    let place = format!("clock {:02} ({})", number + 1, found.id);
    if let Some(id) = case.run.clock_ids.get(index(number)) {
        findings.compare(&place, id, &found.id, "current_run.json is of another run");
    }
    let cause = match found.status.as_str() {
        "internal_failure" => "the server could not advance it: clean up, and run again",
        _ => "it is still advancing: wait, and verify again",
    };
    findings.compare(&place, "ready", found.status.as_str(), cause);
    if let Some(month) = case.last_month() {
        let expected = clock_time(case.run.start, month);
        let cause = if found.frozen_time < expected {
            "it did not advance to the last month"
        } else {
            case.cause_of_ahead("somebody advanced it after the run")
        };
        findings.compare(&place, expected, found.frozen_time, cause);
    }
}

fn check_customers(case: &Case<'_>, findings: &mut Findings) {
    let mut by_number: BTreeMap<&str, Vec<&FoundCustomer>> = BTreeMap::new();
    for customer in &case.found.customers {
        by_number.entry(customer.number.as_deref().unwrap_or_default()).or_default().push(customer);
    }
    for planned in &case.plan.customers {
        let number = step::number(planned.index);
        match by_number.remove(number.as_str()).as_deref() {
            None => findings.add(
                format!("customer {number}"),
                "a customer",
                "none",
                "never made, or deleted together with its clock",
            ),
            Some([only]) => check_customer(case, findings, planned, only),
            Some(several) => findings.add(
                format!("customer {number}"),
                "one customer",
                format!("{} of its number", several.len()),
                "a duplicate: made again after an answer was lost",
            ),
        }
    }
    for customer in by_number.into_values().flatten() {
        findings.add(
            format!("customer {}", customer.id),
            "none",
            customer.email.as_deref().unwrap_or("a customer without an address"),
            "an orphan: on a clock of the run, and not in the plan",
        );
    }
}

fn check_customer(
    case: &Case<'_>,
    findings: &mut Findings,
    planned: &PlannedCustomer,
    found: &FoundCustomer,
) {
    let place = case.customer(&found.id);
    if let Some(id) = case.run.customer_ids.get(index(planned.index)) {
        findings.compare(&place, id, &found.id, "current_run.json is of another run");
    }
    if let Some(clock) = case.run.clock_ids.get(index(planned.clock)) {
        findings.compare(&place, clock, &found.clock_id, "it was put on another clock");
    }
    let email = found.email.as_deref().unwrap_or("no address");
    findings.compare(&place, planned.email.as_str(), email, "changed after it was made");
    if found.default_payment_method.is_none() {
        findings.add(&place, "a default card", "none", "its card was detached");
    }
}

fn check_subscriptions(case: &Case<'_>, findings: &mut Findings) {
    let customers: BTreeSet<&str> =
        case.found.customers.iter().map(|customer| customer.id.as_str()).collect();
    let mut counts: BTreeMap<&str, u32> = customers.iter().map(|id| (*id, 0)).collect();
    for subscription in &case.found.subscriptions {
        let owner = subscription.customer_id.as_str();
        if !customers.contains(owner) {
            let cause = "an orphan: its customer is not on a clock of the run";
            findings.add(format!("subscription {}", subscription.id), "none", owner, cause);
        }
        *counts.entry(owner).or_default() += 1;
    }
    for (customer, count) in counts.into_iter().filter(|(id, _)| case.customers.contains_key(id)) {
        let cause = match count {
            0 => "never made",
            _ => "a duplicate: made again after an answer was lost",
        };
        let place = format!("subscriptions of {}", case.customer(customer));
        findings.compare(place, 1, count, cause);
    }
}

fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
