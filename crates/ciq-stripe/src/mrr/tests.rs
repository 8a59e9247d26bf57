//! Months and what moved them, one by one; and laws that hold for all.

use proptest::prelude::*;

use super::*;
use crate::PricePlan;

fn row(month: &str, customer: &str, plan: PricePlan, screens: u64) -> SnapshotRow {
    SnapshotRow {
        month: month.to_owned(),
        customer_id: format!("cus_{customer}"),
        subscription_id: format!("sub_{customer}"),
        plan: plan.name().to_owned(),
        price_id: format!("price_{}", plan.slug()),
        price_amount: plan.unit_amount(),
        screens,
        mrr_cents: plan.unit_amount() * i64::try_from(screens).unwrap(),
        status: SubscriptionStatus::Active,
    }
}

fn past_due(row: SnapshotRow) -> SnapshotRow {
    SnapshotRow { status: SubscriptionStatus::PastDue, ..row }
}

/// Checks a month's movements: new, expansion, contraction, churn, of it involuntary, and
/// reactivation.
#[track_caller]
fn check(rows: &[SnapshotRow], facts: &RevenueFacts, place: usize, expect: [i64; 6]) {
    let months = movements(rows, facts);
    let it = &months[place];
    let found = [
        it.new_cents,
        it.expansion_cents,
        it.contraction_cents,
        it.churn_cents,
        it.involuntary_churn_cents,
        it.reactivation_cents,
    ];
    assert_eq!(found, expect);
}

/// Checks the last month of a customer's life, given as price plans and screens.
#[track_caller]
fn check_life(life: &[Option<(PricePlan, u64)>], expect: [i64; 6]) {
    let months = ["2026-01", "2026-02", "2026-03", "2026-04"];
    let rows = months.iter().zip(life);
    let rows: Vec<_> = rows
        .filter_map(|(month, has)| has.map(|(plan, screens)| row(month, "a", plan, screens)))
        .collect();
    let months = months[..life.len()].iter().map(|month| (*month).to_owned()).collect();
    let facts = RevenueFacts { months, ..RevenueFacts::default() };
    check(&rows, &facts, life.len() - 1, expect);
}

const FREE: Option<(PricePlan, u64)> = Some((PricePlan::Free, 3));
const STANDARD: Option<(PricePlan, u64)> = Some((PricePlan::Standard, 5));
const PRO_PLUS: Option<(PricePlan, u64)> = Some((PricePlan::ProPlus, 5));

#[test]
fn every_net_change_is_one_movement() {
    check_life(&[STANDARD], [5_000, 0, 0, 0, 0, 0]);
    check_life(&[FREE], [0; 6]);
    check_life(&[STANDARD, STANDARD], [0; 6]);
    check_life(&[STANDARD, PRO_PLUS], [0, 2_500, 0, 0, 0, 0]);
    check_life(&[STANDARD, Some((PricePlan::Standard, 6))], [0, 1_000, 0, 0, 0, 0]);
    check_life(&[PRO_PLUS, STANDARD], [0, 0, 2_500, 0, 0, 0]);
    check_life(&[STANDARD, None], [0, 0, 0, 5_000, 0, 0]);
}

#[test]
fn a_step_from_free_is_new_and_a_step_to_free_is_churn() {
    check_life(&[FREE, STANDARD], [5_000, 0, 0, 0, 0, 0]);
    check_life(&[STANDARD, FREE], [0, 0, 0, 5_000, 0, 0]);
}

#[test]
fn whoever_has_paid_before_comes_back() {
    check_life(&[STANDARD, None, PRO_PLUS], [0, 0, 0, 0, 0, 7_500]);
    check_life(&[STANDARD, None, None, STANDARD], [0, 0, 0, 0, 0, 5_000]);
    check_life(&[FREE, None, STANDARD], [5_000, 0, 0, 0, 0, 0]);
}

#[test]
fn the_end_of_a_subscription_past_due_is_involuntary_unless_a_reason_says_otherwise() {
    let rows = [
        past_due(row("2026-01", "a", PricePlan::Standard, 2)),
        row("2026-02", "b", PricePlan::Free, 1),
    ];
    let facts = |reason| RevenueFacts {
        reasons: BTreeMap::from([("sub_a".to_owned(), reason)]),
        ..RevenueFacts::default()
    };
    check(&rows, &RevenueFacts::default(), 1, [0, 0, 0, 2_000, 2_000, 0]);
    let requested = facts(CancellationReason::CancellationRequested);
    check(&rows, &requested, 1, [0, 0, 0, 2_000, 0, 0]);

    let rows =
        [row("2026-01", "a", PricePlan::Standard, 2), row("2026-02", "b", PricePlan::Free, 1)];
    check(&rows, &RevenueFacts::default(), 1, [0, 0, 0, 2_000, 0, 0]);
    check(&rows, &facts(CancellationReason::PaymentFailed), 1, [0, 0, 0, 2_000, 2_000, 0]);
}

#[test]
fn a_past_due_step_to_free_is_the_customers_wish() {
    let rows = [
        past_due(row("2026-01", "a", PricePlan::Standard, 2)),
        row("2026-02", "a", PricePlan::Free, 2),
    ];
    check(&rows, &RevenueFacts::default(), 1, [0, 0, 0, 2_000, 0, 0]);
}

#[test]
fn two_subscriptions_of_a_customer_are_one_account() {
    let second = SnapshotRow {
        subscription_id: "sub_second".to_owned(),
        ..row("2026-02", "a", PricePlan::Engage, 1)
    };
    let rows = [
        row("2026-01", "a", PricePlan::Standard, 2),
        row("2026-02", "a", PricePlan::Standard, 2),
        second,
    ];
    check(&rows, &RevenueFacts::default(), 1, [0, 3_000, 0, 0, 0, 0]);
    assert_eq!(movements(&rows, &RevenueFacts::default())[1].customer_count, 1);
}

#[test]
fn a_month_sums_who_pays_and_for_what() {
    let rows = [
        row("2026-01", "a", PricePlan::Free, 1),
        row("2026-01", "b", PricePlan::Standard, 2),
        past_due(row("2026-01", "c", PricePlan::ProPlus, 5)),
        SnapshotRow {
            status: SubscriptionStatus::Canceled,
            ..row("2026-01", "d", PricePlan::Enterprise, 25)
        },
    ];
    let months = movements(&rows, &RevenueFacts::default());
    let plans = [("Free", 0), ("Pro Plus", 7_500), ("Standard", 2_000)];
    let expect = MonthRevenue {
        month: "2026-01".to_owned(),
        new_cents: 9_500,
        closing_cents: 9_500,
        customer_count: 3,
        paying_customer_count: 2,
        arppu_cents: Some(4_750),
        by_plan: plans.map(|(plan, cents)| (plan.to_owned(), cents)).into(),
        past_due_cents: 7_500,
        ..MonthRevenue::default()
    };
    assert_eq!(months, [expect]);
}

#[test]
fn the_revenue_by_head_is_rounded_to_the_nearest_cent_and_halves_upwards() {
    let check = |cents, heads, expect| assert_eq!(by_head(cents, heads), expect);
    check(0, 0, None);
    check(10, 3, Some(3));
    check(11, 3, Some(4));
    check(5, 2, Some(3));
    check(1, 2, Some(1));
    check(9_500, 2, Some(4_750));
}

#[test]
fn a_month_that_was_read_and_has_no_row_is_a_month() {
    let rows = [row("2026-01", "a", PricePlan::Standard, 2)];
    let months = BTreeSet::from(["2026-01".to_owned(), "2026-02".to_owned()]);
    let facts = RevenueFacts { months, ..RevenueFacts::default() };
    let found = movements(&rows, &facts);
    assert_eq!(found.len(), 2);
    assert_eq!([found[1].churn_cents, found[1].closing_cents], [2_000, 0]);
}

prop_compose! {
    fn any_row()(
        month in 1_u8..=6,
        customer in 0_u8..8,
        subscription in 0_u8..2,
        plan in 0_usize..5,
        screens in 0_u64..200,
        status in 0_usize..8,
    ) -> SnapshotRow {
        SnapshotRow {
            subscription_id: format!("sub_{customer}_{subscription}"),
            status: SubscriptionStatus::ALL[status],
            ..row(&format!("2026-{month:02}"), &customer.to_string(), PricePlan::ALL[plan], screens)
        }
    }
}

proptest! {
    #[test]
    fn movements_explain_every_cent(rows in prop::collection::vec(any_row(), 0..80)) {
        let months = movements(&rows, &RevenueFacts::default());
        let mut closing = 0;
        for month in &months {
            prop_assert_eq!(month.opening_cents, closing);
            prop_assert_eq!(month.opening_and_movements_cents(), month.closing_cents);
            closing = month.closing_cents;
            let of_month = rows.iter().filter(|row| row.month == month.month && row.status.counts());
            prop_assert_eq!(month.closing_cents, of_month.map(|row| row.mrr_cents).sum::<i64>());
            prop_assert_eq!(month.closing_cents, month.by_plan.values().sum::<i64>());
            prop_assert!(month.involuntary_churn_cents <= month.churn_cents);
            prop_assert!(month.past_due_cents <= month.closing_cents);
            prop_assert!(month.paying_customer_count <= month.customer_count);
            let moved = [
                month.new_cents, month.expansion_cents, month.contraction_cents,
                month.involuntary_churn_cents, month.reactivation_cents,
            ];
            prop_assert!(moved.into_iter().all(|cents| cents >= 0), "{:?}", moved);
        }
    }

    #[test]
    fn the_order_of_rows_does_not_matter(rows in prop::collection::vec(any_row(), 0..40)) {
        let mut turned = rows.clone();
        turned.reverse();
        let facts = RevenueFacts::default();
        prop_assert_eq!(movements(&rows, &facts), movements(&turned, &facts));
    }
}
