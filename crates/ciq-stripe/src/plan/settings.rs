//! The settings of a run: the standard ones, and others that hold together.

use super::{Need, PhaseCounts, PlanError, Proration, RunPlan, RunSettings};
/// The standard run: how many customers begin with each price plan.
const STANDARD_CUSTOMERS: [u32; 5] = [25, 18, 32, 15, 10];

/// The standard run: upgrades, downgrades, cancellations and failed renewals, month by month.
const STANDARD_PHASES: [[u32; 4]; 6] =
    [[2, 0, 1, 1], [3, 1, 1, 1], [2, 0, 2, 1], [3, 1, 1, 0], [3, 0, 2, 1], [2, 0, 1, 1]];

/// What happens to a hundred customers where nobody says otherwise.
const STANDARD_TOTALS: [u32; 4] = [15, 2, 8, 5];

/// The longest run: a clock advances a month at a time, and reports stay readable.
pub const MONTHS_MAX: u32 = 24;

/// The most customers of a run: a thousand clocks.
pub const CUSTOMERS_MAX: u32 = 3_000;

impl RunSettings {
    /// Returns the standard run: a hundred customers, six months, 15 upgrades, 2 downgrades,
    /// 8 cancellations and 5 customers past due.
    #[must_use]
    pub fn standard(seed: u64) -> Self {
        Self {
            seed,
            months: 6,
            customers: STANDARD_CUSTOMERS,
            phases: STANDARD_PHASES.map(PhaseCounts::from_row).to_vec(),
            proration: Proration::default(),
        }
    }

    /// Makes settings for a run of another size.
    ///
    /// Where no totals are given, there is as much change by customer as in the standard run, as
    /// far as the price plans allow. Totals are spread over the months as evenly as whole numbers
    /// are. The standard customers, months and totals give the standard run.
    pub fn new(
        seed: u64,
        months: u32,
        customers: [u32; 5],
        totals: Option<PhaseCounts>,
        proration: Proration,
    ) -> Result<Self, PlanError> {
        check_size(months, &customers)?;
        let with = |totals| {
            let phases = spread_over(months, totals);
            let settings = Self { seed, months, customers, phases, proration };
            RunPlan::new(&settings).map(|_| settings)
        };
        let Some(totals) = totals else { return fitting(default_totals(&customers), with) };
        with(totals)
    }

    /// Returns how many customers there are.
    #[must_use]
    pub fn customer_count(&self) -> u32 {
        self.customers.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// Returns how many of each change there are in all months together.
    #[must_use]
    pub fn totals(&self) -> PhaseCounts {
        let mut totals = PhaseCounts::default();
        for phase in &self.phases {
            totals.upgrades = totals.upgrades.saturating_add(phase.upgrades);
            totals.downgrades = totals.downgrades.saturating_add(phase.downgrades);
            totals.cancellations = totals.cancellations.saturating_add(phase.cancellations);
            totals.past_due = totals.past_due.saturating_add(phase.past_due);
        }
        totals
    }

    /// Checks what can be known without drawing anything.
    pub(super) fn check(&self) -> Result<(), PlanError> {
        check_size(self.months, &self.customers)?;
        if self.phases.len() as u64 != u64::from(self.months) {
            return Err(PlanError::Phases { months: self.months, phases: self.phases.len() });
        }
        Ok(())
    }
}

impl PhaseCounts {
    const fn from_row([upgrades, downgrades, cancellations, past_due]: [u32; 4]) -> Self {
        Self { upgrades, downgrades, cancellations, past_due }
    }

    const fn row(self) -> [u32; 4] {
        [self.upgrades, self.downgrades, self.cancellations, self.past_due]
    }
}

/// Shares out customers over the price plans as the standard run does, by largest remainder.
#[must_use]
pub fn share_customers(total: u32) -> [u32; 5] {
    share(total, STANDARD_CUSTOMERS)
}

fn check_size(months: u32, customers: &[u32; 5]) -> Result<(), PlanError> {
    if !(1..=MONTHS_MAX).contains(&months) {
        return Err(PlanError::Months { months });
    }
    let count = customers.iter().map(|count| u64::from(*count)).sum();
    if !(1..=u64::from(CUSTOMERS_MAX)).contains(&count) {
        return Err(PlanError::Customers { count });
    }
    Ok(())
}

/// Shares out the standard changes by largest remainder.
fn default_totals(customers: &[u32; 5]) -> PhaseCounts {
    let count: u32 = customers.iter().sum();
    let sum: u32 = STANDARD_TOTALS.iter().sum();
    let changes = rounded(u64::from(count) * u64::from(sum), 100);
    PhaseCounts::from_row(share(changes, STANDARD_TOTALS))
}

/// Takes away, one by one, what a run has too much of.
fn fitting(
    mut totals: PhaseCounts,
    with: impl Fn(PhaseCounts) -> Result<RunSettings, PlanError>,
) -> Result<RunSettings, PlanError> {
    loop {
        let error = match with(totals) {
            Ok(settings) => return Ok(settings),
            Err(error) => error,
        };
        let PlanError::TooFew { need, .. } = error else { return Err(error) };
        let count = match need {
            Need::Upgrades => &mut totals.upgrades,
            Need::Downgrades => &mut totals.downgrades,
            Need::Cancellations => &mut totals.cancellations,
            Need::PastDue => &mut totals.past_due,
        };
        if *count == 0 {
            return Err(error);
        }
        *count -= 1;
    }
}

/// Spreads totals over months; the standard ones as the standard run does.
fn spread_over(months: u32, totals: PhaseCounts) -> Vec<PhaseCounts> {
    let standard = STANDARD_PHASES.map(PhaseCounts::from_row);
    if standard.len() as u64 == u64::from(months) && totals.row() == STANDARD_TOTALS {
        return standard.to_vec();
    }
    (0..months)
        .map(|month| PhaseCounts::from_row(totals.row().map(|it| part(it, month, months))))
        .collect()
}

/// Returns a month's part of a total: all parts sum to it, and differ by one at most.
fn part(total: u32, month: u32, months: u32) -> u32 {
    let until = |month: u32| rounded(u64::from(total) * u64::from(month), u64::from(months));
    until(month + 1) - until(month)
}

/// Divides, and rounds halves upwards.
fn rounded(dividend: u64, divisor: u64) -> u32 {
    u32::try_from((dividend * 2 + divisor) / (divisor * 2)).unwrap_or(u32::MAX)
}

/// Shares out a total in proportion to weights, by largest remainder; of equals, the first.
fn share<const N: usize>(total: u32, weights: [u32; N]) -> [u32; N] {
    let sum = u64::from(weights.iter().sum::<u32>()).max(1);
    let exact = weights.map(|weight| u64::from(total) * u64::from(weight));
    let mut parts = exact.map(|exact| u32::try_from(exact / sum).unwrap_or(u32::MAX));
    let mut order: Vec<usize> = (0..N).collect();
    order.sort_by_key(|place| std::cmp::Reverse(exact[*place] % sum));
    let missing = total.saturating_sub(parts.iter().sum());
    for place in order.into_iter().take(usize::try_from(missing).unwrap_or(N)) {
        parts[place] += 1;
    }
    parts
}
