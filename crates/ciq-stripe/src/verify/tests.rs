//! A faultless run has no difference; each fault has its own.

use super::*;
use crate::InvoiceLine;
use crate::fixture::World;
use crate::plan::{ChangeKind, Proration};

/// Checks what is found after something went wrong: places and causes, by their beginnings.
#[track_caller]
fn check_faults(spoil: impl FnOnce(&mut World), expect: &[(&str, &str)]) {
    let mut world = World::standard(1);
    spoil(&mut world);
    let found = differences(&world);
    let texts: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(found.len(), expect.len(), "{texts:#?}");
    for (difference, (place, cause)) in found.iter().zip(expect) {
        assert!(difference.place.starts_with(place), "{difference}");
        assert!(difference.cause.contains(cause), "{difference}");
    }
}

fn differences(world: &World) -> Vec<Difference> {
    check(&world.plan, &world.run, &world.snapshots, &world.found)
}

fn past_due_customer(world: &World) -> String {
    let customer = world.plan.phases[0].past_due[0];
    world.run.customer_ids[customer as usize].clone()
}

fn paid_row(world: &World) -> SnapshotRow {
    let changed = world.plan.phases.iter().flat_map(|phase| {
        phase.changes.iter().map(|it| it.customer).chain(phase.past_due.iter().copied())
    });
    let changed: Vec<_> =
        changed.map(|customer| &world.run.customer_ids[customer as usize]).collect();
    let rows = world.snapshots.iter();
    rows.filter(|row| row.mrr_cents > 0)
        .find(|row| !changed.contains(&&row.customer_id))
        .unwrap()
        .clone()
}

#[test]
fn a_run_that_went_well_has_no_difference() {
    for seed in 0..20 {
        let world = World::standard(seed);
        let texts: Vec<_> = differences(&world).iter().map(ToString::to_string).collect();
        assert!(texts.is_empty(), "seed {seed}: {texts:#?}");
    }
}

#[test]
fn clocks_are_there_once_and_ready() {
    check_faults(
        |it| {
            it.found.clocks[0].status = "internal_failure".to_owned();
            it.found.clocks[1].status = "advancing".to_owned();
            it.found.clocks[2].frozen_time = "2026-10-01T02:00:00Z".parse().unwrap();
            it.found.clocks.remove(3);
            let twice = it.found.clocks[10].clone();
            it.found.clocks.push(twice);
        },
        &[
            ("clock 01", "clean up, and run again"),
            ("clock 02", "still advancing"),
            ("clock 03", "did not advance"),
            ("clock 04", "Stripe deletes clocks"),
            ("clock 12", "made again"),
        ],
    );
}

#[test]
fn a_clock_of_another_run_is_not_in_the_plan() {
    check_faults(
        |it| {
            let mut other = it.found.clocks[0].clone();
            other.id = "clock_other".to_owned();
            other.name = "stripe-seed demo 35".to_owned();
            it.found.clocks.push(other);
        },
        &[("clock clock_other", "not in the plan")],
    );
}

#[test]
fn a_customer_made_twice_is_a_duplicate() {
    check_faults(
        |it| {
            let mut twice = it.found.customers[4].clone();
            twice.id = "cus_twice".to_owned();
            it.found.customers.push(twice);
        },
        &[("customer 005", "a duplicate")],
    );
}

#[test]
fn a_customer_without_a_number_is_an_orphan() {
    check_faults(
        |it| {
            let mut orphan = it.found.customers[4].clone();
            orphan.id = "cus_orphan".to_owned();
            orphan.number = None;
            it.found.customers.push(orphan);
        },
        &[("customer cus_orphan", "an orphan")],
    );
}

#[test]
fn customers_are_as_planned() {
    check_faults(
        |it| {
            it.found.customers[0].email = None;
            it.found.customers[1].default_payment_method = None;
            it.found.customers[2].clock_id = "clock_02".to_owned();
        },
        &[
            ("customer 001", "changed after"),
            ("customer 002", "detached"),
            ("customer 003", "another clock"),
        ],
    );
}

#[test]
fn a_second_subscription_is_found() {
    check_faults(
        |it| {
            let mut second = it.found.subscriptions[0].clone();
            second.id = "sub_second".to_owned();
            it.found.subscriptions.push(second);
        },
        &[
            ("subscriptions of customer 001", "a duplicate"),
            ("subscription sub_second now", "not in the last snapshot"),
        ],
    );
}

#[test]
fn a_run_that_stopped_is_not_finished() {
    let mut world = World::standard(1);
    world.run.months_done = 3;
    assert_eq!(differences(&world)[0].place, "months with a snapshot");
}

#[test]
fn a_row_that_is_not_as_planned_is_found_with_the_charge_that_follows() {
    check_faults(
        |it| {
            let row = paid_row(it);
            let same = |other: &&mut SnapshotRow| {
                other.month == "2026-07" && other.customer_id == row.customer_id
            };
            let row = it.snapshots.iter_mut().find(same).unwrap();
            row.screens += 1;
            row.mrr_cents += row.price_amount;
        },
        &[
            ("2026-07", "did not take effect"),
            ("2026-08, charge", "disagree"),
            ("2026-08", "disagree"),
        ],
    );
}

#[test]
fn a_row_whose_revenue_is_no_product_is_found() {
    check_faults(
        |it| {
            let last = it.snapshots.iter_mut().rev().find(|row| row.mrr_cents > 0).unwrap();
            last.mrr_cents += 1;
        },
        &[("2026-11", "not its amount times its screens")],
    );
}

#[test]
fn a_row_of_an_unknown_customer_is_found() {
    check_faults(
        |it| {
            let mut row = it.snapshots.last().unwrap().clone();
            row.customer_id = "cus_stranger".to_owned();
            row.subscription_id = "sub_stranger".to_owned();
            it.snapshots.push(row);
        },
        &[("2026-11", "an unknown customer"), ("subscription sub_stranger", "ended after")],
    );
}

#[test]
fn rows_of_another_run_are_found() {
    check_faults(
        |it| {
            let mut row = it.snapshots[0].clone();
            row.month = "2025-01".to_owned();
            it.snapshots.push(row);
        },
        &[("2025-01", "snapshots of another one")],
    );
}

#[test]
fn a_subscription_that_dunning_ended_is_explained() {
    check_faults(
        |it| {
            let customer = past_due_customer(it);
            let is_it = |row: &SnapshotRow| row.customer_id == customer && row.month == "2026-11";
            it.snapshots.retain(|row| !is_it(row));
            let of_customer = |other: &&mut FoundSubscription| other.customer_id == customer;
            let subscription = it.found.subscriptions.iter_mut().find(of_customer).unwrap();
            subscription.status = SubscriptionStatus::Canceled;
            subscription.reason = Some(CancellationReason::PaymentFailed);
            let last = "2026-11-01T00:00:00Z".parse().unwrap();
            let is_last =
                |other: &InvoiceRow| other.customer_id == customer && other.created_at == last;
            it.found.invoices.retain(|other| !is_last(other));
        },
        &[("2026-11, customer", "cancelled by dunning"), ("2026-11, charge", "ended by dunning")],
    );
}

#[test]
fn a_change_after_the_run_is_found() {
    check_faults(
        |it| {
            let row = paid_row(it);
            let same = |other: &&mut FoundSubscription| other.id == row.subscription_id;
            it.found.subscriptions.iter_mut().find(same).unwrap().screens += 1;
        },
        &[("subscription sub_", "changed after the last snapshot")],
    );
}

#[test]
fn a_draft_and_an_unexpected_failure_are_told_apart() {
    check_faults(
        |it| {
            let id = paid_row(it).customer_id;
            let mut invoices: Vec<_> =
                it.found.invoices.iter_mut().filter(|other| other.customer_id == id).collect();
            invoices[5].status = "open".to_owned();
            invoices[5].amount_paid_cents = 0;
            invoices[6].status = "draft".to_owned();
            invoices[6].amount_paid_cents = 0;
        },
        &[("invoice in_5", "not by the plan"), ("invoice in_6", "left a draft")],
    );
}

#[test]
fn a_failing_card_that_came_too_late_is_told() {
    check_faults(
        |it| {
            let id = past_due_customer(it);
            let is_late =
                |other: &&mut InvoiceRow| other.customer_id == id && other.status == "open";
            let invoice = it.found.invoices.iter_mut().find(is_late).unwrap();
            invoice.status = "paid".to_owned();
            invoice.amount_paid_cents = invoice.total_cents;
        },
        &[("invoice in_1", "too late")],
    );
}

#[test]
fn an_invoice_is_the_sum_of_its_lines_to_the_cent() {
    check_faults(
        |it| {
            let id = paid_row(it).customer_id;
            let invoice = it.found.invoices.iter_mut().find(|other| other.customer_id == id);
            invoice.unwrap().total_cents += 1;
        },
        &[("invoice in_0", "its lines were not all read"), ("payment of invoice", "paid in part")],
    );
}

#[test]
fn a_charge_that_is_a_cent_off_is_found() {
    check_faults(
        |it| {
            let id = paid_row(it).customer_id;
            let invoice =
                it.found.invoices.iter_mut().find(|other| other.customer_id == id).unwrap();
            invoice.lines[0].amount_cents += 1;
            invoice.total_cents += 1;
            invoice.amount_paid_cents += 1;
        },
        &[("2026-05, charge of customer", "disagree")],
    );
}

#[test]
fn a_period_charged_twice_or_never_is_found() {
    check_faults(
        |it| {
            let id = paid_row(it).customer_id;
            let at = it.found.invoices.iter().position(|other| other.customer_id == id).unwrap();
            let mut twice = it.found.invoices[at].clone();
            twice.invoice_id = "in_twice".to_owned();
            it.found.invoices.push(twice);
        },
        &[("2026-05, charge", "more than once")],
    );
    check_faults(
        |it| {
            let id = paid_row(it).customer_id;
            let at = it.found.invoices.iter().rposition(|other| other.customer_id == id).unwrap();
            it.found.invoices.remove(at);
        },
        &[("2026-11, charge", "no invoice for the period")],
    );
}

/// Returns the lines that settle the first upgrade.
fn settlement(world: &mut World) -> &mut Vec<InvoiceLine> {
    let is_upgrade = |it: &&crate::plan::Change| matches!(it.kind, ChangeKind::Upgrade(_));
    let upgrade = world.plan.phases[0].changes.iter().find(is_upgrade).unwrap();
    let id = &world.run.customer_ids[upgrade.customer as usize];
    let has_some = |it: &&mut InvoiceRow| {
        it.customer_id == *id && it.lines.iter().any(|line| line.is_proration)
    };
    &mut world.found.invoices.iter_mut().find(has_some).unwrap().lines
}

#[test]
fn a_settlement_is_about_what_the_change_costs() {
    check_faults(
        |it| settlement(it)[1].amount_cents += 100_000,
        &[
            ("invoice in_2", "its lines were not all read"),
            ("2026-06, settlement", "not about the difference"),
        ],
    );
    check_faults(
        |it| settlement(it).iter_mut().for_each(|line| line.is_proration = false),
        &[
            ("charge of subscription", "no snapshot explains it"),
            ("2026-06, settlement", "the proration is missing"),
        ],
    );
}

#[test]
fn a_settlement_that_was_not_asked_for_is_found() {
    let mut world = World::standard(1);
    world.plan.settings.proration = Proration::None;
    let found = differences(&world);
    assert!(!found.is_empty());
    assert!(found.iter().all(|it| it.cause == "a proration that was not asked for"));
    // All upgrades and downgrades but those of the last month, which no invoice carries yet.
    assert_eq!(found.len(), 13 + 2);
}

#[test]
fn facts_are_the_months_that_were_done_and_the_reasons() {
    let world = World::standard(1);
    let facts = world.found.facts(&world.run);
    assert_eq!([facts.months.len(), facts.reasons.len()], [7, 8]);
    assert!(facts.months.contains("2026-05") && facts.months.contains("2026-11"));
}

#[test]
fn a_reconciliation_is_readable_and_adds_up() {
    let world = World::standard(1);
    let sums = reconcile(&world.snapshots, &world.found);
    assert_eq!(sums.invoiced_cents, sums.paid_cents + sums.open_cents + sums.credit_cents);
    insta::assert_snapshot!(sums);
}

#[test]
fn a_difference_is_one_line() {
    let difference = Difference {
        place: "clock 03".to_owned(),
        expected: "ready".to_owned(),
        found: "advancing".to_owned(),
        cause: "it is still advancing".to_owned(),
    };
    let expect = "clock 03: expected ready, found advancing (it is still advancing)";
    assert_eq!(difference.to_string(), expect);
}
