//! Logistic regression: the chance of a yes from a row of numbers.

use serde::{Deserialize, Serialize};

use crate::linear::{dot, solve_positive};

/// Rows of numbers, all of one width, one after the other in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    width: usize,
    values: Vec<f64>,
}

/// A logistic regression: `probability = 1 / (1 + exp(-(intercept + Σ weight · (x - mean) / scale)))`.
///
/// Rows are standardised inside, so weights compare with each other and one penalty suits all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Logistic {
    /// The log-odds of a row of means.
    pub intercept: f64,
    /// By how much the log-odds rise for each standard deviation of a column.
    pub weights: Vec<f64>,
    /// The mean of each column.
    pub means: Vec<f64>,
    /// The standard deviation of each column; 1 for a column that never changes.
    pub scales: Vec<f64>,
}

/// Why no logistic regression was fitted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogisticError {
    /// There is nothing to tell apart.
    #[error(
        "cannot tell yes from no: {yes} rows of {rows} are a yes, at least one of each is needed"
    )]
    OneKind {
        /// Rows in all.
        rows: usize,
        /// Rows that are a yes.
        yes: usize,
    },
    /// Rows and labels do not belong together.
    #[error("cannot fit {rows} rows to {labels} labels")]
    Lengths {
        /// Rows given.
        rows: usize,
        /// Labels given.
        labels: usize,
    },
    /// A number is infinite or none, or the penalty is negative.
    #[error("cannot fit numbers that are not finite, or with a negative penalty")]
    NotFinite,
    /// The steps led nowhere: a penalty of zero and columns that follow from each other, or that
    /// tell yes from no without error.
    #[error("the fit did not converge in {steps} steps: use a greater penalty")]
    Diverged {
        /// Steps taken.
        steps: u32,
    },
}

/// Steps of Newton's method: six or so are usual, a separable set takes a few dozen.
const STEPS_MAX: u32 = 100;

/// Halvings of one step before it is given up.
const HALVINGS_MAX: u32 = 40;

/// The fit is done when a step promises less than this of the log-likelihood, per row.
const PROGRESS_MIN: f64 = 1e-12;

impl Matrix {
    /// Makes an empty matrix of so many columns.
    #[must_use]
    pub const fn new(width: usize) -> Self {
        Self { width, values: Vec::new() }
    }

    /// Makes a matrix from rows. The first says the width: further cells of longer rows are left
    /// out, and cells that shorter ones lack are 0.
    #[must_use]
    pub fn from_rows(rows: &[Vec<f64>]) -> Self {
        let mut matrix = Self::new(rows.first().map_or(0, Vec::len));
        for row in rows {
            matrix.push(row);
        }
        matrix
    }

    /// Adds a row. Cells beyond the width are left out, cells that lack are 0.
    pub fn push(&mut self, row: &[f64]) {
        let end = self.values.len() + self.width;
        self.values.extend_from_slice(&row[..row.len().min(self.width)]);
        self.values.resize(end, 0.0);
    }

    /// Returns how many columns there are.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Returns how many rows there are: none without columns.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len().checked_div(self.width).unwrap_or(0)
    }

    /// Returns whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Returns the rows, in order.
    #[must_use]
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f64]> {
        self.values.chunks_exact(self.width.max(1))
    }
}

impl Logistic {
    /// Fits by Newton's method, also known as iteratively reweighted least squares (Hastie,
    /// Tibshirani, Friedman 2009, section 4.4.1), with a ridge: the log-likelihood less
    /// `penalty / 2 · Σ weight²` is greatest. The intercept is not penalised.
    ///
    /// A penalty of 1 or so keeps columns harmless that say the same or nothing.
    pub fn fit(rows: &Matrix, labels: &[bool], penalty: f64) -> Result<Self, LogisticError> {
        check(rows, labels, penalty)?;
        let (means, scales) = moments(rows);
        let mut standard = rows.clone();
        for row in standard.values.chunks_exact_mut(rows.width) {
            for (cell, (mean, scale)) in row.iter_mut().zip(means.iter().zip(&scales)) {
                *cell = (*cell - mean) / scale;
            }
        }
        let mut weights = climb(&Problem { rows: &standard, labels, penalty })?;
        let intercept = weights.pop().unwrap_or_default();
        Ok(Self { intercept, weights, means, scales })
    }

    /// Returns the chance of a yes, from 0 to 1. Cells that a short row lacks count as means.
    #[must_use]
    pub fn probability(&self, row: &[f64]) -> f64 {
        chance(self.log_odds(row))
    }

    /// Returns the log-odds of a yes.
    #[must_use]
    pub fn log_odds(&self, row: &[f64]) -> f64 {
        let scales = self.means.iter().zip(&self.scales);
        let terms = row.iter().zip(scales).zip(&self.weights);
        self.intercept
            + terms.map(|((x, (mean, scale)), weight)| weight * (x - mean) / scale).sum::<f64>()
    }
}

/// What is to be fitted: standardised rows.
struct Problem<'a> {
    rows: &'a Matrix,
    labels: &'a [bool],
    penalty: f64,
}

/// Where one stands, and how the ground is there.
struct Ground {
    gradient: Vec<f64>,
    /// The negative second derivatives, row by row.
    curvature: Vec<f64>,
}

/// Goes uphill until there is no more to gain. The intercept is the last weight.
fn climb(problem: &Problem<'_>) -> Result<Vec<f64>, LogisticError> {
    let mut weights = vec![0.0; problem.rows.width + 1];
    let mut height = problem.height(&weights);
    let least = PROGRESS_MIN * count(problem.labels.len());
    for steps in 1..=STEPS_MAX {
        let ground = problem.ground(&weights);
        let Some(step) = solve_positive(ground.curvature, &ground.gradient) else {
            return Err(LogisticError::Diverged { steps });
        };
        // Twice what the step would gain on a parabola. The last step doubles the right digits.
        if dot(&step, &ground.gradient) <= least {
            weights.iter_mut().zip(&step).for_each(|(weight, step)| *weight += step);
            return Ok(weights);
        }
        let mut share = 1.0;
        let better = (0..HALVINGS_MAX).find_map(|_| {
            let next: Vec<f64> =
                weights.iter().zip(&step).map(|(weight, step)| weight + share * step).collect();
            let next_height = problem.height(&next);
            share /= 2.0;
            (next_height > height).then_some((next, next_height))
        });
        let Some(better) = better else {
            // No digit is left to gain.
            return Ok(weights);
        };
        (weights, height) = better;
    }
    Err(LogisticError::Diverged { steps: STEPS_MAX })
}

impl Problem<'_> {
    /// The log-likelihood less the penalty.
    fn height(&self, weights: &[f64]) -> f64 {
        let terms = self.rows.rows().zip(self.labels).map(|(row, label)| {
            let odds = odds(row, weights);
            // ln p of a yes is -ln(1 + exp(-odds)), of a no -ln(1 + exp(odds)).
            -softplus(if *label { -odds } else { odds })
        });
        terms.sum::<f64>() - self.penalty / 2.0 * dot(slopes(weights), slopes(weights))
    }

    /// The derivatives of the height.
    fn ground(&self, weights: &[f64]) -> Ground {
        let width = weights.len();
        let mut gradient = vec![0.0; width];
        let mut curvature = vec![0.0; width * width];
        let mut x = vec![1.0; width];
        for (row, label) in self.rows.rows().zip(self.labels) {
            x[..width - 1].copy_from_slice(row);
            let p = chance(odds(row, weights));
            let error = f64::from(u8::from(*label)) - p;
            let spread = p * (1.0 - p);
            for (i, xi) in x.iter().enumerate() {
                // Columns that never change are zeros throughout.
                if *xi == 0.0 {
                    continue;
                }
                gradient[i] += error * xi;
                let scaled = spread * xi;
                let line = &mut curvature[i * width..=i * width + i];
                line.iter_mut().zip(&x).for_each(|(cell, xj)| *cell += scaled * xj);
            }
        }
        for i in 0..width - 1 {
            gradient[i] -= self.penalty * weights[i];
            curvature[i * width + i] += self.penalty;
        }
        Ground { gradient, curvature }
    }
}

fn odds(row: &[f64], weights: &[f64]) -> f64 {
    weights.last().copied().unwrap_or_default() + dot(row, slopes(weights))
}

/// The weights but the intercept.
fn slopes(weights: &[f64]) -> &[f64] {
    weights.split_last().map_or(&[], |(_, slopes)| slopes)
}

/// The logistic function.
pub(crate) fn chance(log_odds: f64) -> f64 {
    if log_odds >= 0.0 {
        1.0 / (1.0 + (-log_odds).exp())
    } else {
        let odds = log_odds.exp();
        odds / (1.0 + odds)
    }
}

/// `ln(1 + exp(x))` without overflow.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

fn check(rows: &Matrix, labels: &[bool], penalty: f64) -> Result<(), LogisticError> {
    if rows.len() != labels.len() {
        return Err(LogisticError::Lengths { rows: rows.len(), labels: labels.len() });
    }
    let yes = labels.iter().filter(|label| **label).count();
    if yes == 0 || yes == labels.len() {
        return Err(LogisticError::OneKind { rows: labels.len(), yes });
    }
    let is_finite = rows.values.iter().all(|value| value.is_finite());
    if !is_finite || !penalty.is_finite() || penalty < 0.0 {
        return Err(LogisticError::NotFinite);
    }
    Ok(())
}

/// Means and standard deviations of the columns.
fn moments(rows: &Matrix) -> (Vec<f64>, Vec<f64>) {
    let total = count(rows.len());
    let mut means = vec![0.0; rows.width];
    for row in rows.rows() {
        means.iter_mut().zip(row).for_each(|(mean, x)| *mean += x / total);
    }
    let mut scales = vec![0.0; rows.width];
    for row in rows.rows() {
        let cells = row.iter().zip(&means);
        scales
            .iter_mut()
            .zip(cells)
            .for_each(|(sum, (x, mean))| *sum += (x - mean).powi(2) / total);
    }
    for (scale, mean) in scales.iter_mut().zip(&means) {
        // What is left of a constant column is the noise of rounding.
        let deviation = scale.sqrt();
        *scale = if deviation > 1e-9 * (1.0 + mean.abs()) { deviation } else { 1.0 };
    }
    (means, scales)
}

#[expect(clippy::cast_precision_loss, reason = "no memory holds 2^53 rows")]
pub(crate) const fn count(rows: usize) -> f64 {
    rows as f64
}
