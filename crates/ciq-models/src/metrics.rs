//! How good predictions are, once it is known what came of them.
//!
//! Scores and outcomes go in pairs: `scores[i]` was said of what came out as `labels[i]`. What one
//! of two lists has more than the other is left out. Functions return `None` where a measure has
//! no value, such as an area under the curve without a yes.

use serde::{Deserialize, Serialize};

use crate::logistic::count;

/// Scores of one bin of [`calibration_table`], and what came of them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CalibrationBin {
    /// How many scores.
    pub count: usize,
    /// Their mean.
    pub mean_score: f64,
    /// How many of them were a yes, from 0 to 1.
    pub rate: f64,
}

/// A point of [`gain_curve`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GainPoint {
    /// The share of customers, best scores first, from 0 to 1.
    pub customers: f64,
    /// The share of the amounts that is theirs, from 0 to 1.
    pub amounts: f64,
}

/// Returns the area under the receiver operating characteristic: the chance that a yes scores more
/// than a no, where ties count half (Hanley and `McNeil` 1982). By ranks, in O(n log n).
#[must_use]
pub fn auc(scores: &[f64], labels: &[bool]) -> Option<f64> {
    let mut pairs = paired(scores, labels);
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut below, mut wins, mut yes) = (0.0, 0.0, 0.0);
    for tie in pairs.chunk_by(|a, b| is_tie(a.0, b.0)) {
        let hits = count(tie.iter().filter(|pair| pair.1).count());
        let misses = count(tie.len()) - hits;
        wins += hits * (below + misses / 2.0);
        below += misses;
        yes += hits;
    }
    (yes > 0.0 && below > 0.0).then(|| wins / (yes * below))
}

/// Returns the mean square of chance less outcome (Brier 1950): 0 is best, 0.25 is what a coin says.
#[must_use]
pub fn brier(chances: &[f64], labels: &[bool]) -> Option<f64> {
    let squares = paired(chances, labels)
        .into_iter()
        .map(|(chance, label)| (chance - f64::from(u8::from(label))).powi(2));
    mean(squares)
}

/// Returns the mean of the differences, whichever their sign.
#[must_use]
pub fn mean_absolute_error(predicted: &[f64], actual: &[f64]) -> Option<f64> {
    mean(predicted.iter().zip(actual).map(|(a, b)| (a - b).abs()))
}

/// Returns the root of the mean square of the differences.
#[must_use]
pub fn rmse(predicted: &[f64], actual: &[f64]) -> Option<f64> {
    mean(predicted.iter().zip(actual).map(|(a, b)| (a - b).powi(2))).map(f64::sqrt)
}

/// Returns Pearson's correlation, from -1 to 1. `None` when either list is constant.
#[must_use]
pub fn correlation(a: &[f64], b: &[f64]) -> Option<f64> {
    let pairs: Vec<(f64, f64)> = a.iter().copied().zip(b.iter().copied()).collect();
    let mean_a = mean(pairs.iter().map(|pair| pair.0))?;
    let mean_b = mean(pairs.iter().map(|pair| pair.1))?;
    let sum = |of: fn(f64, f64) -> f64| -> f64 {
        pairs.iter().map(|(a, b)| of(a - mean_a, b - mean_b)).sum()
    };
    let spread = (sum(|a, _| a * a) * sum(|_, b| b * b)).sqrt();
    (spread > 0.0).then(|| (sum(|a, b| a * b) / spread).clamp(-1.0, 1.0))
}

/// Returns how chances compare with outcomes, in bins of about equally many, lowest chances first.
/// Equal chances share a bin, so there may be fewer bins than asked for.
#[must_use]
pub fn calibration_table(chances: &[f64], labels: &[bool], bins: usize) -> Vec<CalibrationBin> {
    let mut pairs = paired(chances, labels);
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let bins = bins.max(1);
    let mut table = Vec::with_capacity(bins);
    let mut start = 0;
    for bin in 1..=bins {
        let mut end = (pairs.len() * bin / bins).max(start);
        while end > start && end < pairs.len() && is_tie(pairs[end].0, pairs[end - 1].0) {
            end += 1;
        }
        table.extend(calibration_bin(&pairs[start..end]));
        start = end;
    }
    table
}

fn calibration_bin(pairs: &[(f64, bool)]) -> Option<CalibrationBin> {
    let mean_score = mean(pairs.iter().map(|pair| pair.0))?;
    let rate = mean(pairs.iter().map(|pair| f64::from(u8::from(pair.1))))?;
    Some(CalibrationBin { count: pairs.len(), mean_score, rate })
}

/// Returns the expected calibration error: the mean of `|mean score - rate|` over the bins, weighted
/// by how many each holds (Naeini, Cooper, Hauskrecht 2015).
#[must_use]
pub fn calibration_error(table: &[CalibrationBin]) -> Option<f64> {
    let total: usize = table.iter().map(|bin| bin.count).sum();
    let errors = table.iter().map(|bin| count(bin.count) * (bin.mean_score - bin.rate).abs());
    (total > 0).then(|| errors.sum::<f64>() / count(total))
}

/// Returns which share of all amounts belongs to the tenth with the greatest scores, from 0 to 1.
/// Of customers with equal scores, each counts with their mean amount.
#[must_use]
pub fn top_decile_capture(scores: &[f64], amounts: &[f64]) -> Option<f64> {
    Gain::of(scores, amounts).map(|gain| gain.share(0.1))
}

/// Returns the share of amounts against the share of customers, greatest scores first, at
/// `steps + 1` points that are equally far apart.
#[must_use]
pub fn gain_curve(scores: &[f64], amounts: &[f64], steps: usize) -> Vec<GainPoint> {
    let Some(gain) = Gain::of(scores, amounts) else { return Vec::new() };
    let steps = steps.max(1);
    let point = |step| {
        let customers = count(step) / count(steps);
        GainPoint { customers, amounts: gain.share(customers) }
    };
    (0..=steps).map(point).collect()
}

/// Corners of the gain curve: one for each score.
struct Gain {
    /// Customers and amounts so far.
    corners: Vec<(f64, f64)>,
    customers: f64,
    amounts: f64,
}

impl Gain {
    fn of(scores: &[f64], amounts: &[f64]) -> Option<Self> {
        let mut pairs = paired(scores, amounts);
        pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
        let (mut customers, mut total) = (0.0, 0.0);
        let mut corners = vec![(0.0, 0.0)];
        for tie in pairs.chunk_by(|a, b| is_tie(a.0, b.0)) {
            customers += count(tie.len());
            total += tie.iter().map(|pair| pair.1).sum::<f64>();
            corners.push((customers, total));
        }
        (total > 0.0).then_some(Self { corners, customers, amounts: total })
    }

    /// The share of the amounts that the best share of customers has: straight between corners.
    fn share(&self, customers: f64) -> f64 {
        let wanted = customers * self.customers;
        let place = self.corners.partition_point(|corner| corner.0 < wanted);
        let Some(right) = self.corners.get(place) else { return 1.0 };
        let left = self.corners[place.saturating_sub(1)];
        let width = right.0 - left.0;
        let part = if width > 0.0 { (wanted - left.0) / width } else { 1.0 };
        (left.1 + part * (right.1 - left.1)) / self.amounts
    }
}

/// Pairs of score and outcome. Adding zero makes the two zeros one.
fn paired<T: Copy>(scores: &[f64], outcomes: &[T]) -> Vec<(f64, T)> {
    scores.iter().map(|score| score + 0.0).zip(outcomes.iter().copied()).collect()
}

fn is_tie(a: f64, b: f64) -> bool {
    a.total_cmp(&b).is_eq()
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (number, sum) = values.fold((0, 0.0), |(number, sum), value| (number + 1, sum + value));
    (number > 0).then(|| sum / count(number))
}
