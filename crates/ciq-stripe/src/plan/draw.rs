//! The draw: who begins with what, and who changes when.

use std::collections::BTreeSet;

use ciq_synth::{Seed, chance};
use rand::Rng;

use super::error::{Need, PlanError};
use super::names::company;
use super::{
    CUSTOMERS_PER_CLOCK, Change, ChangeKind, Holding, Phase, PhaseCounts, PlannedCustomer, RunPlan,
    RunSettings,
};
use crate::PricePlan;

/// How likely a customer of each price plan is to cancel, against the others. One of Enterprise is
/// the last resort: a single one may be a tenth of the revenue.
const CANCELLATION_WEIGHTS: [u64; 5] = [12_000, 10_000, 2_000, 200, 1];

/// How likely a customer of each price plan is to go a step down. A step to Free, where nothing is
/// paid any more, is the last resort.
const DOWNGRADE_WEIGHTS: [u64; 5] = [0, 1, 20_000, 4_000, 2];

/// How often an upgrade is a step to the next price plan, where screens could be added instead.
const PLAN_STEPS: (u64, u64) = (3, 5);

/// By how many percent screens are added.
const ADDED_PERCENT: (i64, i64) = (20, 50);

impl RunPlan {
    /// Draws what a run will do.
    pub fn new(settings: &RunSettings) -> Result<Self, PlanError> {
        settings.check()?;
        let customers = customers(settings);
        let past_due = past_due(settings, &customers)?;
        let mut town = Town::new(Seed::new(settings.seed), &customers, &past_due);
        let months = settings.phases.iter().zip(past_due).zip(1..);
        let phases = months.map(|((counts, past_due), month)| {
            Ok(Phase { changes: town.month(month, *counts)?, past_due })
        });
        let phases = phases.collect::<Result<_, _>>()?;
        Ok(Self { settings: settings.clone(), customers, phases })
    }
}

/// Draws the customers. Price plans are mixed, so that every clock has some of several.
fn customers(settings: &RunSettings) -> Vec<PlannedCustomer> {
    let seed = Seed::new(settings.seed);
    let mut plans = Vec::new();
    for (plan, count) in PricePlan::ALL.into_iter().zip(settings.customers) {
        plans.extend((0..count).map(|_| plan));
    }
    chance::shuffle(&mut seed.stream("stripe/plan", 0), &mut plans);
    (0..).zip(plans).map(|(index, plan)| customer(seed, index, plan)).collect()
}

fn customer(seed: Seed, index: u32, plan: PricePlan) -> PlannedCustomer {
    let (fewest, most) = plan.screens();
    let mut rng = seed.stream("stripe/screens", u64::from(index));
    let screens = fewest + chance::below(&mut rng, most - fewest + 1);
    let (name, email) = company(seed, index);
    let clock = index / CUSTOMERS_PER_CLOCK;
    PlannedCustomer { index, clock, name, email, holding: Holding { plan, screens } }
}

/// Draws whose renewals fail in each month: customers of paid price plans, each once.
fn past_due(
    settings: &RunSettings,
    customers: &[PlannedCustomer],
) -> Result<Vec<Vec<u32>>, PlanError> {
    let seed = Seed::new(settings.seed);
    let paying = customers.iter().filter(|customer| customer.holding.mrr_cents() > 0);
    let mut urn: Vec<(u32, u64)> = paying.map(|customer| (customer.index, 1)).collect();
    let months = settings.phases.iter().zip(1..);
    let draws = months.map(|(counts, month)| {
        let need = Wanted { need: Need::PastDue, month, count: counts.past_due };
        need.draw(seed, &mut urn)
    });
    draws.collect()
}

/// Everybody, as the months go by.
struct Town {
    seed: Seed,
    /// By customer; none once cancelled.
    holdings: Vec<Option<Holding>>,
    /// Customers who are, or will be, past due, and change in no other way.
    spared: BTreeSet<u32>,
}

impl Town {
    fn new(seed: Seed, customers: &[PlannedCustomer], past_due: &[Vec<u32>]) -> Self {
        let holdings = customers.iter().map(|customer| Some(customer.holding)).collect();
        Self { seed, holdings, spared: past_due.iter().flatten().copied().collect() }
    }

    /// Draws a month's changes. Those that the fewest customers can have are drawn first.
    fn month(&mut self, month: u32, counts: PhaseCounts) -> Result<Vec<Change>, PlanError> {
        let mut busy = BTreeSet::new();
        let mut drawn = |town: &Self, need: Need, count: u32| {
            let customers =
                Wanted { need, month, count }.draw(town.seed, &mut town.urn(need, &busy))?;
            busy.extend(customers.iter().copied());
            let changes =
                customers.iter().filter_map(|customer| town.change(month, *customer, need));
            Ok(changes.collect::<Vec<_>>())
        };
        let downgrades = drawn(self, Need::Downgrades, counts.downgrades)?;
        let cancellations = drawn(self, Need::Cancellations, counts.cancellations)?;
        let upgrades = drawn(self, Need::Upgrades, counts.upgrades)?;
        let changes = [upgrades, downgrades, cancellations].concat();
        for change in &changes {
            if let Some(holding) = self.holding_mut(change.customer) {
                *holding = change.kind.holding();
            }
        }
        Ok(changes)
    }

    /// Returns those who could have a change, each with a weight, in the plan's order.
    fn urn(&self, need: Need, busy: &BTreeSet<u32>) -> Vec<(u32, u64)> {
        let all = (0..).zip(&self.holdings);
        let able = all.filter_map(|(customer, holding)| {
            let is_free = !self.spared.contains(&customer) && !busy.contains(&customer);
            let weight = holding.filter(|_| is_free).map_or(0, |holding| weight(need, holding));
            (weight > 0).then_some((customer, weight))
        });
        able.collect()
    }

    fn change(&self, month: u32, customer: u32, need: Need) -> Option<Change> {
        let from = (*self.holdings.get(usize::try_from(customer).ok()?)?)?;
        let kind = match need {
            Need::Upgrades => {
                let index = u64::from(month) << u32::BITS | u64::from(customer);
                ChangeKind::Upgrade(upgraded(from, &mut self.seed.stream("stripe/upgrade", index))?)
            }
            Need::Downgrades => ChangeKind::Downgrade(downgraded(from)?),
            Need::Cancellations => ChangeKind::Cancellation,
            Need::PastDue => return None,
        };
        Some(Change { customer, kind, from })
    }

    fn holding_mut(&mut self, customer: u32) -> Option<&mut Option<Holding>> {
        self.holdings.get_mut(usize::try_from(customer).ok()?)
    }
}

/// How likely a customer is to be drawn, against the others; 0 where the change is not possible.
fn weight(need: Need, holding: Holding) -> u64 {
    let place = PricePlan::ALL.iter().position(|plan| *plan == holding.plan);
    let of_plan = |weights: [u64; 5]| place.map_or(0, |place| weights[place]);
    match need {
        Need::Upgrades => u64::from(can_grow(holding)),
        Need::Downgrades => of_plan(DOWNGRADE_WEIGHTS),
        Need::Cancellations => of_plan(CANCELLATION_WEIGHTS),
        Need::PastDue => u64::from(holding.mrr_cents() > 0),
    }
}

fn can_grow(holding: Holding) -> bool {
    step(holding.plan, 1).is_some() || holding.screens < screens_max(holding.plan)
}

/// The most screens that a customer grows to.
fn screens_max(plan: PricePlan) -> u64 {
    plan.screens().1 * 2
}

/// Returns what an upgrade leads to: a step to the next price plan, or more screens where they
/// cost something.
fn upgraded(from: Holding, rng: &mut impl Rng) -> Option<Holding> {
    let next = step(from.plan, 1).map(|plan| {
        let (fewest, _) = plan.screens();
        Holding { plan, screens: from.screens.max(fewest) }
    });
    let most = screens_max(from.plan);
    let percent = chance::between(rng, ADDED_PERCENT.0, ADDED_PERCENT.1).unsigned_abs();
    let added = (from.screens * percent).div_ceil(100).max(1);
    let more = (from.plan != PricePlan::Free && from.screens < most)
        .then(|| Holding { screens: (from.screens + added).min(most), ..from });
    match (next, more) {
        (Some(next), Some(more)) => {
            Some(if chance::chance(rng, PLAN_STEPS.0, PLAN_STEPS.1) { next } else { more })
        }
        (next, more) => next.or(more),
    }
}

/// Returns what a downgrade leads to: a step to the price plan before, with no more screens than
/// one begins with there.
fn downgraded(from: Holding) -> Option<Holding> {
    let plan = step(from.plan, -1)?;
    let (_, most) = plan.screens();
    Some(Holding { plan, screens: from.screens.min(most) })
}

/// Returns the price plan that stands so many places after another.
fn step(plan: PricePlan, places: isize) -> Option<PricePlan> {
    let place = PricePlan::ALL.iter().position(|other| *other == plan)?;
    PricePlan::ALL.get(place.checked_add_signed(places)?).copied()
}

/// So many customers for something in a month.
struct Wanted {
    need: Need,
    month: u32,
    count: u32,
}

impl Wanted {
    /// Draws customers out of an urn, in proportion to their weights, and returns them in order.
    fn draw(self, seed: Seed, urn: &mut Vec<(u32, u64)>) -> Result<Vec<u32>, PlanError> {
        let Self { need, month, count: wanted } = self;
        let found = u32::try_from(urn.len()).unwrap_or(u32::MAX);
        if found < wanted {
            return Err(PlanError::TooFew { need, month, wanted, found });
        }
        let mut rng = seed.stream(&format!("stripe/{}", need.name()), u64::from(month));
        let mut weights: Vec<u64> = urn.iter().map(|(_, weight)| *weight).collect();
        let draw_one = |_| {
            let place = chance::weighted(&mut rng, &weights);
            weights.remove(place);
            urn.remove(place).0
        };
        let mut customers: Vec<u32> = (0..wanted).map(draw_one).collect();
        customers.sort_unstable();
        Ok(customers)
    }
}
