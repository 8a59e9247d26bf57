//! What every plan keeps to, and the plan of seed 1 to the byte.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

/// Seeds that are looked at one by one.
const SEEDS: std::ops::Range<u64> = 0..50;

fn standard(seed: u64) -> RunPlan {
    RunPlan::new(&RunSettings::standard(seed)).unwrap()
}

fn totals(upgrades: u32, downgrades: u32, cancellations: u32, past_due: u32) -> PhaseCounts {
    PhaseCounts { upgrades, downgrades, cancellations, past_due }
}

/// Checks what holds for a plan of any settings.
#[track_caller]
fn check_laws(plan: &RunPlan) {
    let settings = &plan.settings;
    let late: BTreeSet<u32> =
        plan.phases.iter().flat_map(|phase| phase.past_due.iter().copied()).collect();
    assert_eq!(late.len(), plan.phases.iter().map(|phase| phase.past_due.len()).sum::<usize>());
    for customer in &late {
        assert!(plan.customers[*customer as usize].holding.mrr_cents() > 0);
    }
    for (month, phase) in (1..).zip(&plan.phases) {
        let mut changed = BTreeSet::new();
        for change in &phase.changes {
            assert!(!late.contains(&change.customer), "past due, and changed");
            assert!(changed.insert(change.customer), "changed twice in a month");
            assert_eq!(plan.holding_at(change.customer, month - 1), Some(change.from));
            check_change(change);
        }
        let counts = settings.phases[month as usize - 1];
        assert_eq!(counted(phase), counts);
    }
    assert_eq!(plan.expected_rows(0).len(), plan.customers.len());
}

#[track_caller]
fn check_change(change: &Change) {
    let from = change.from;
    match change.kind {
        ChangeKind::Upgrade(to) => {
            assert!(to.mrr_cents() > from.mrr_cents(), "{change:?}");
            assert!(to.screens >= from.screens && to.screens >= to.plan.screens().0, "{change:?}");
        }
        ChangeKind::Downgrade(to) => {
            assert!(to.plan < from.plan && to.mrr_cents() < from.mrr_cents(), "{change:?}");
            assert!(to.screens <= from.screens, "{change:?}");
        }
        ChangeKind::Cancellation => {}
    }
}

fn counted(phase: &Phase) -> PhaseCounts {
    let mut counts = PhaseCounts::default();
    for change in &phase.changes {
        match change.kind {
            ChangeKind::Upgrade(_) => counts.upgrades += 1,
            ChangeKind::Downgrade(_) => counts.downgrades += 1,
            ChangeKind::Cancellation => counts.cancellations += 1,
        }
    }
    counts.past_due = u32::try_from(phase.past_due.len()).unwrap();
    counts
}

#[test]
fn the_standard_plan_is_as_promised_whatever_the_seed() {
    for seed in SEEDS {
        let plan = standard(seed);
        check_laws(&plan);
        assert_eq!(plan.clock_count(), 34);
        assert_eq!(plan.customers_of_clock(33).len(), 1);
        assert!((0..33).all(|clock| plan.customers_of_clock(clock).len() == 3));
        let rows: Vec<usize> = (0..=6).map(|month| plan.expected_rows(month).len()).collect();
        assert_eq!(rows, [100, 99, 98, 96, 95, 93, 92]);
        assert_eq!(rows.iter().sum::<usize>(), 673);
        let late = |month| plan.expected_rows(month).iter().filter(|row| row.is_past_due).count();
        assert_eq!([0, 1, 2, 3, 4, 5, 6].map(late), [0, 1, 2, 3, 3, 4, 5]);
    }
}

#[test]
fn revenue_grows_whatever_the_seed() {
    for seed in SEEDS {
        let plan = standard(seed);
        let [first, last] = [0, 6].map(|month| plan.expected_mrr(month));
        let percent = last * 100 / first;
        assert!(last > first && percent < 130, "seed {seed}: {percent} %");
    }
}

#[test]
fn the_standard_plan_has_the_promised_customers() {
    for seed in SEEDS {
        let plan = standard(seed);
        let mut counts: BTreeMap<PricePlan, u32> = BTreeMap::new();
        for customer in &plan.customers {
            *counts.entry(customer.holding.plan).or_default() += 1;
            let (fewest, most) = customer.holding.plan.screens();
            assert!((fewest..=most).contains(&customer.holding.screens));
        }
        assert_eq!(counts.into_values().collect::<Vec<_>>(), [25, 18, 32, 15, 10]);
        let emails: BTreeSet<_> = plan.customers.iter().map(|customer| &customer.email).collect();
        assert_eq!(emails.len(), 100);
        assert!(emails.iter().all(|email| email.ends_with("@example.com")));
    }
}

#[test]
fn the_standard_changes_are_a_mix() {
    let plans: Vec<_> = SEEDS.map(standard).collect();
    let changes = || plans.iter().flat_map(|plan| &plan.phases).flat_map(|phase| &phase.changes);
    let upgrades: Vec<_> = changes()
        .filter_map(|change| match change.kind {
            ChangeKind::Upgrade(to) => Some((change.from, to)),
            ChangeKind::Downgrade(_) | ChangeKind::Cancellation => None,
        })
        .collect();
    let steps = upgrades.iter().filter(|(from, to)| from.plan != to.plan).count();
    assert!((upgrades.len() / 2..upgrades.len() * 4 / 5).contains(&steps), "{steps}");

    let cancelled: Vec<_> =
        changes().filter(|change| change.kind == ChangeKind::Cancellation).collect();
    let small = cancelled.iter().filter(|change| change.from.plan <= PricePlan::Standard).count();
    assert!(small * 100 > cancelled.len() * 60, "{small} of {}", cancelled.len());
    assert!(small < cancelled.len());

    let to_free = |kind| matches!(kind, ChangeKind::Downgrade(to) if to.plan == PricePlan::Free);
    assert_eq!(changes().filter(|change| to_free(change.kind)).count(), 0);
}

#[test]
fn settings_of_the_standard_size_are_the_standard_settings() {
    let customers = share_customers(100);
    let made = RunSettings::new(9, 6, customers, None, Proration::CreateProrations);
    assert_eq!(made, Ok(RunSettings::standard(9)));
    let made = RunSettings::new(9, 6, customers, Some(totals(15, 2, 8, 5)), Proration::default());
    assert_eq!(made, Ok(RunSettings::standard(9)));
}

#[test]
fn totals_are_spread_evenly() {
    let made =
        RunSettings::new(1, 4, share_customers(100), Some(totals(10, 1, 8, 0)), Proration::None);
    let phases = made.unwrap().phases;
    assert_eq!(phases.iter().map(|phase| phase.upgrades).collect::<Vec<_>>(), [3, 2, 3, 2]);
    assert_eq!(phases.iter().map(|phase| phase.downgrades).sum::<u32>(), 1);
    assert_eq!(phases.iter().map(|phase| phase.cancellations).collect::<Vec<_>>(), [2; 4]);
}

#[test]
fn defaults_grow_and_shrink_with_the_customers() {
    let totals_of = |count| {
        let made = RunSettings::new(1, 6, share_customers(count), None, Proration::default());
        made.unwrap().totals()
    };
    assert_eq!(totals_of(1_000), totals(150, 20, 80, 50));
    assert_eq!(totals_of(20), totals(3, 0, 2, 1));
    assert_eq!(totals_of(1), totals(0, 0, 0, 0));
}

#[test]
fn customers_are_shared_out_by_largest_remainder() {
    assert_eq!(share_customers(100), [25, 18, 32, 15, 10]);
    assert_eq!(share_customers(10), [3, 2, 3, 1, 1]);
    assert_eq!(share_customers(1), [0, 0, 1, 0, 0]);
    assert!((0..=CUSTOMERS_MAX).all(|total| share_customers(total).iter().sum::<u32>() == total));
}

#[track_caller]
fn check_refusal(months: u32, customers: [u32; 5], totals: Option<PhaseCounts>, expect: &str) {
    let error = RunSettings::new(1, months, customers, totals, Proration::default()).unwrap_err();
    assert_eq!(error.to_string(), expect);
}

#[test]
fn what_cannot_be_planned_is_named_with_a_remedy() {
    let few = [2, 1, 0, 0, 0];
    check_refusal(0, few, None, "a run cannot have 0 months: choose 1 to 24");
    check_refusal(25, few, None, "a run cannot have 25 months: choose 1 to 24");
    check_refusal(1, [0; 5], None, "a run cannot have 0 customers: choose 1 to 3000 in all");
    check_refusal(
        1,
        [u32::MAX; 5],
        None,
        "a run cannot have 21474836475 customers: choose 1 to 3000 in all",
    );
    check_refusal(
        1,
        few,
        Some(totals(0, 0, 0, 2)),
        "month 1 has 2 past due, and customers for 1: plan fewer customers past \
         due, or more customers of paid price plans",
    );
    check_refusal(
        1,
        few,
        Some(totals(0, 2, 0, 0)),
        "month 1 has 2 downgrades, and customers for 1: plan fewer downgrades, or \
         more customers of paid price plans",
    );
    check_refusal(
        2,
        few,
        Some(totals(0, 0, 4, 0)),
        "month 2 has 2 cancellations, and customers for 1: plan fewer \
         cancellations, or more customers",
    );
    check_refusal(
        1,
        few,
        Some(totals(4, 0, 0, 0)),
        "month 1 has 4 upgrades, and customers for 3: plan fewer upgrades, or \
         more customers or months",
    );
}

#[test]
fn phases_are_as_many_as_months() {
    let settings = RunSettings { months: 5, ..RunSettings::standard(1) };
    assert_eq!(RunPlan::new(&settings), Err(PlanError::Phases { months: 5, phases: 6 }));
}

#[test]
fn a_cancelled_customer_has_nothing_from_then_on() {
    let plan = standard(1);
    let cancelled = |phase: &Phase| {
        let found = phase.changes.iter().find(|change| change.kind == ChangeKind::Cancellation);
        found.map(|change| change.customer)
    };
    let customer = cancelled(&plan.phases[0]).unwrap();
    assert!(plan.holding_at(customer, 0).is_some());
    assert!((1..=6).all(|month| plan.holding_at(customer, month).is_none()));
    assert_eq!(plan.holding_at(1_000, 0), None);
}

#[test]
fn expected_rows_are_what_customers_hold() {
    let plan = standard(3);
    for month in 0..=6 {
        let rows = plan.expected_rows(month);
        let held: Vec<_> = (0..100)
            .filter_map(|customer| Some((customer, plan.holding_at(customer, month)?)))
            .collect();
        let found: Vec<_> = rows.iter().map(|row| (row.customer, row.holding)).collect();
        assert_eq!(found, held);
    }
}

#[test]
fn every_step_of_the_standard_plan_is_a_call() {
    let plan = standard(1);
    let count = plan.call_count();
    // Products and prices; clocks, customers, subscriptions; advances, changes, two for each card.
    assert_eq!(count.writes, 2 * 5 + 34 + 100 + 100 + 6 * 34 + 25 + 2 * 5);
    // Prices and products, seven snapshots, the invoices.
    assert_eq!(count.reads, 2 + 7 * 34 + 100);
    assert_eq!([count.total(), count.seconds_at(25), count.seconds_at(0)], [853, 35, 0]);
}

#[test]
fn a_card_fails_a_month_after_it_was_set() {
    let plan = standard(1);
    for month in plan.calls() {
        let cards = month.calls.iter().filter(|call| call.path.ends_with("/attach")).count();
        let next = plan.phases.get(month.month as usize);
        assert_eq!(cards, next.map_or(0, |phase| phase.past_due.len()));
    }
}

#[test]
fn the_plan_of_seed_1_is_the_golden_file() {
    insta::assert_snapshot!("plan_of_seed_1", standard(1).to_json());
}

#[test]
fn the_plan_text_is_json() {
    let text = standard(2).to_json();
    assert!(text.ends_with("}\n"));
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["months"].as_array().unwrap().len(), 7);
    let settings: RunSettings = serde_json::from_value(value["settings"].clone()).unwrap();
    assert_eq!(settings, RunSettings::standard(2));
    assert_ne!(text, standard(3).to_json());
}

#[test]
fn the_summary_of_seed_1_is_readable() {
    insta::assert_snapshot!("summary_of_seed_1", standard(1).summary());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_can_be_planned_keeps_to_its_settings(
        seed: u64,
        months in 1_u32..=24,
        customers in prop::array::uniform5(0_u32..30),
        changes in prop::option::of(prop::array::uniform4(0_u32..20)),
    ) {
        let totals = changes.map(|[up, down, end, late]| totals(up, down, end, late));
        let made = RunSettings::new(seed, months, customers, totals, Proration::default());
        if let Ok(settings) = &made {
            let plan = RunPlan::new(settings).unwrap();
            check_laws(&plan);
            prop_assert_eq!(totals.unwrap_or(settings.totals()), settings.totals());
            prop_assert_eq!(plan, RunPlan::new(settings).unwrap());
        } else {
            prop_assert!(totals.is_some() || customers.iter().sum::<u32>() == 0, "{:?}", made);
        }
    }
}
