//! Customers with the same numbers, gathered, and sums over all of them.

use std::cmp::Ordering;

use crate::buying::{Buying, CUSTOMER_COUNT_MIN, Fit, FitError};
use crate::optimise::{Minimum, Slopes, minimise};

/// About how many customers a first search looks at, whose result starts the search over all.
const THIN_COUNT: u32 = 10_000;

/// With fewer rows than this a first search does not pay.
const THIN_FROM: usize = 40_000;

/// A search that stops where this much is still to gain, per customer, has not found its end.
const GAIN_LEFT_MAX: f64 = 1e-9;

/// How many rows are summed by themselves, so that a million small terms keep their digits.
const CHUNK: usize = 1024;

/// Customers with equal numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<const K: usize> {
    pub(crate) values: [f64; K],
    /// How many they are.
    weight: f64,
}

/// Customers with as many purchases, for what depends on that number alone.
#[derive(Debug)]
struct Group<const K: usize> {
    repeat_count: f64,
    rows: Vec<Row<K>>,
}

/// All customers.
#[derive(Debug)]
pub(crate) struct Rows<const K: usize> {
    groups: Vec<Group<K>>,
    customer_count: f64,
}

impl Rows<2> {
    /// Gathers customers, with the time of the last purchase and the age as values.
    pub(crate) fn of(buyings: &[Buying]) -> Self {
        Self::gather(buyings.iter().map(|it| (it.repeat_count, [it.last_at, it.age])).collect())
    }

    /// Gathers customers that can be fitted to.
    pub(crate) fn checked(buyings: &[Buying]) -> Result<Self, FitError> {
        if let Some(position) = buyings.iter().position(|buying| !buying.is_possible()) {
            return Err(FitError::Impossible { position });
        }
        enough(buyings.len())?;
        if buyings.iter().all(|buying| buying.repeat_count == 0.0) {
            return Err(FitError::NoRepeats);
        }
        Ok(Self::of(buyings))
    }

    /// Returns the mean number of repeat purchases and the mean age.
    pub(crate) fn means(&self) -> (f64, f64) {
        let (repeats, [age]) = self.total(|x| move |row| (x, [row.values[1]]));
        (repeats / self.customer_count, age / self.customer_count)
    }
}

/// Checks that there are as many customers as a fit needs.
pub(crate) fn enough(customer_count: usize) -> Result<(), FitError> {
    let customer_count_min = CUSTOMER_COUNT_MIN;
    let is_enough = customer_count >= customer_count_min;
    is_enough.then_some(()).ok_or(FitError::NotEnough { customer_count, customer_count_min })
}

impl<const K: usize> Rows<K> {
    /// Gathers pairs of the number of repeat purchases and other numbers.
    pub(crate) fn gather(mut pairs: Vec<(f64, [f64; K])>) -> Self {
        pairs.sort_unstable_by(|(x, values), (y, others)| {
            let orders = values.iter().zip(others).map(|(value, other)| value.total_cmp(other));
            orders.fold(x.total_cmp(y), Ordering::then)
        });
        let mut rows = Self { groups: Vec::new(), customer_count: 0.0 };
        for (repeat_count, values) in pairs {
            rows.push(repeat_count, Row { values, weight: 1.0 });
        }
        rows
    }

    fn push(&mut self, repeat_count: f64, row: Row<K>) {
        self.customer_count += row.weight;
        match self.groups.last_mut() {
            Some(group) if same(group.repeat_count, repeat_count) => match group.rows.last_mut() {
                Some(last) if last.values.iter().zip(&row.values).all(|(a, b)| same(*a, *b)) => {
                    last.weight += row.weight;
                }
                _ => group.rows.push(row),
            },
            _ => self.groups.push(Group { repeat_count, rows: vec![row] }),
        }
    }

    /// Keeps every so manieth customer, in order, which keeps the mix.
    fn thinned(&self) -> Self {
        let interval = self.customer_count / f64::from(THIN_COUNT);
        let mut thin = Self { groups: Vec::new(), customer_count: 0.0 };
        let mut passed = 0.0;
        for group in &self.groups {
            for row in &group.rows {
                let before = (passed / interval).floor();
                passed += row.weight;
                let weight = (passed / interval).floor() - before;
                if weight > 0.0 {
                    thin.push(group.repeat_count, Row { weight, ..*row });
                }
            }
        }
        thin
    }

    /// Sums a value and its slopes over all customers. What they are is asked once per number of
    /// repeat purchases, and then of each row.
    pub(crate) fn total<const N: usize, F>(&self, of: impl Fn(f64) -> F) -> Slopes<N>
    where
        F: Fn(&Row<K>) -> Slopes<N>,
    {
        let mut total = (0.0, [0.0; N]);
        for group in &self.groups {
            let of_row = of(group.repeat_count);
            for chunk in group.rows.chunks(CHUNK) {
                let mut part = (0.0, [0.0; N]);
                for row in chunk {
                    let (value, slopes) = of_row(row);
                    add(&mut part, row.weight, (value, &slopes));
                }
                add(&mut total, 1.0, (part.0, &part.1));
            }
        }
        total
    }

    /// Finds the parameters with the greatest likelihood. The function returns the log likelihood
    /// of rows at parameters, and its slopes by the parameters' logarithms.
    pub(crate) fn fit<const N: usize>(
        &self,
        start: [f64; N],
        likelihood: impl Fn(&Self, &[f64; N]) -> Slopes<N>,
    ) -> Result<Fit<[f64; N]>, FitError> {
        let search = |rows: &Self, start, inverse| {
            let loss = |point: &[f64; N]| {
                let (value, slopes) = likelihood(rows, &point.map(f64::exp));
                let per_customer = -rows.customer_count.recip();
                (value * per_customer, slopes.map(|slope| slope * per_customer))
            };
            minimise(&loss, start, inverse)
        };
        let mut start = (start.map(f64::ln), None);
        if self.groups.iter().map(|group| group.rows.len()).sum::<usize>() > THIN_FROM {
            let Minimum { point, inverse, .. } = search(&self.thinned(), start.0, None);
            start = (point, Some(inverse));
        }
        let found = search(self, start.0, start.1);
        let model = found.point.map(f64::exp);
        let is_found = found.gain_left < GAIN_LEFT_MAX;
        if !is_found || !model.iter().all(|it| it.is_finite() && *it > 0.0) {
            return Err(FitError::Diverged { iteration_count: found.iteration_count });
        }
        let log_likelihood = -found.value * self.customer_count;
        Ok(Fit { model, log_likelihood, iteration_count: found.iteration_count })
    }
}

fn same(a: f64, b: f64) -> bool {
    a.total_cmp(&b).is_eq()
}

fn add<const N: usize>(sum: &mut Slopes<N>, weight: f64, (value, slopes): (f64, &[f64; N])) {
    sum.0 += weight * value;
    for (sum, slope) in sum.1.iter_mut().zip(slopes) {
        *sum += weight * slope;
    }
}
