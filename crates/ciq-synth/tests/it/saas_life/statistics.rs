//! Measures of shape, each with its source.

/// Half the sum of the differences of two distributions: the total variation distance.
pub(super) fn total_variation(a: &[f64], b: &[f64]) -> f64 {
    let sums = [a.iter().sum::<f64>(), b.iter().sum::<f64>()];
    a.iter().zip(b).map(|(a, b)| (a / sums[0] - b / sums[1]).abs()).sum::<f64>() / 2.0
}

/// The greatest over the least.
pub(super) fn peak_over_trough(counts: &[f64]) -> f64 {
    let most = counts.iter().copied().fold(f64::MIN, f64::max);
    most / counts.iter().copied().fold(f64::MAX, f64::min)
}

/// The autocorrelation at a lag, biased estimator (Box and Jenkins 1976, 2.1.6).
pub(super) fn autocorrelation(series: &[f64], lag: usize) -> f64 {
    let mean = series.iter().sum::<f64>() / series.len() as f64;
    let product = |a: &f64, b: &f64| (a - mean) * (b - mean);
    let lagged: f64 = series.iter().zip(&series[lag..]).map(|(a, b)| product(a, b)).sum();
    lagged / series.iter().map(|a| product(a, a)).sum::<f64>()
}

/// The Gini coefficient of sorted counts (Dorfman 1979).
pub(super) fn gini(sorted: &[u32]) -> f64 {
    let count = sorted.len() as f64;
    let sum: f64 = sorted.iter().map(|x| f64::from(*x)).sum();
    let ranked: f64 = (1..).zip(sorted).map(|(rank, x)| f64::from(rank) * f64::from(*x)).sum();
    2.0 * ranked / (count * sum) - (count + 1.0) / count
}

/// The share of the top tenth of sorted counts.
pub(super) fn top_tenth_share(sorted: &[u32]) -> f64 {
    let sum = |counts: &[u32]| counts.iter().map(|x| f64::from(*x)).sum::<f64>();
    sum(&sorted[sorted.len() - sorted.len() / 10..]) / sum(sorted)
}

/// A negative binomial distribution fitted by greatest likelihood, the mean being the sample's
/// (Ehrenberg 1959): its r, and the Kolmogorov-Smirnov distance to it.
pub(super) fn negative_binomial(counts: &[u32]) -> (f64, f64) {
    let most = *counts.iter().max().unwrap() as usize;
    let mut frequency = vec![0_f64; most + 1];
    for count in counts {
        frequency[*count as usize] += 1.0;
    }
    let total = counts.len() as f64;
    let mean = counts.iter().map(|x| f64::from(*x)).sum::<f64>() / total;
    // ln C(k + r - 1, k), without the part that does not depend on r.
    let log_likelihood = |r: f64| {
        let (mut sum, mut log_rising) = (0.0, 0.0);
        for (k, often) in frequency.iter().enumerate() {
            let k = k as f64;
            sum += often * (log_rising + r * (r / (r + mean)).ln() + k * (mean / (r + mean)).ln());
            log_rising += (r + k).ln();
        }
        sum
    };
    let (mut low, mut high) = (0.05_f64, 20.0_f64);
    for _ in 0..60 {
        let [a, b] = [low + (high - low) * 0.382, low + (high - low) * 0.618];
        if log_likelihood(a) < log_likelihood(b) { low = a } else { high = b }
    }
    let r = f64::midpoint(low, high);
    let mut mass = (r * (r / (r + mean)).ln()).exp();
    let (mut theory, mut sample, mut distance) = (0.0, 0.0, 0.0_f64);
    for (k, often) in frequency.iter().enumerate() {
        theory += mass;
        sample += often / total;
        distance = distance.max((theory - sample).abs());
        mass *= (r + k as f64) / (k as f64 + 1.0) * mean / (r + mean);
    }
    (r, distance)
}

/// The distribution of positive numbers by their logarithm.
#[derive(Debug)]
pub(super) struct LogHistogram {
    bins: Vec<u64>,
    count: f64,
    sum: f64,
    log_sum: f64,
    log_square_sum: f64,
}

/// Bins for each unit of the logarithm, and the greatest logarithm.
const BINS_PER_UNIT: f64 = 200.0;
const LOG_MAX: f64 = 16.0;

impl LogHistogram {
    pub(super) fn new() -> Self {
        let bins = vec![0; (LOG_MAX * BINS_PER_UNIT) as usize];
        Self { bins, count: 0.0, sum: 0.0, log_sum: 0.0, log_square_sum: 0.0 }
    }

    pub(super) fn add(&mut self, value: f64) {
        let log = value.max(1.0).ln();
        let last = self.bins.len() - 1;
        self.bins[((log * BINS_PER_UNIT) as usize).min(last)] += 1;
        self.count += 1.0;
        self.sum += value;
        self.log_sum += log;
        self.log_square_sum += log * log;
    }

    /// Mean and deviation of the logarithm.
    pub(super) fn log_mean_and_sigma(&self) -> (f64, f64) {
        let mean = self.log_sum / self.count;
        (mean, (self.log_square_sum / self.count - mean * mean).sqrt())
    }

    /// The Kolmogorov-Smirnov distance to the log-normal distribution of the same mean and
    /// deviation, and to the exponential distribution of the same mean.
    pub(super) fn distances(&self) -> (f64, f64) {
        let (mean, sigma) = self.log_mean_and_sigma();
        let rate = self.count / self.sum;
        let (mut below, mut log_normal, mut exponential) = (0.0, 0.0_f64, 0.0_f64);
        for (bin, count) in self.bins.iter().enumerate() {
            below += *count as f64 / self.count;
            let log = (bin + 1) as f64 / BINS_PER_UNIT;
            log_normal = log_normal.max((below - normal_cdf((log - mean) / sigma)).abs());
            exponential = exponential.max((below - (1.0 - (-rate * log.exp()).exp())).abs());
        }
        (log_normal, exponential)
    }
}

/// The standard normal distribution function, off by at most 7.5e-8 (Abramowitz and Stegun 26.2.17).
fn normal_cdf(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * x.abs());
    let factors = [0.319_381_530, -0.356_563_782, 1.781_477_937, -1.821_255_978, 1.330_274_429];
    let sum = factors.iter().rev().fold(0.0, |sum, factor| (sum + factor) * t);
    let tail = sum * (-x * x / 2.0).exp() / std::f64::consts::TAU.sqrt();
    if x < 0.0 { tail } else { 1.0 - tail }
}

/// Pearson's correlation of pairs.
pub(super) fn correlation(pairs: &[(f64, f64)]) -> f64 {
    let count = pairs.len() as f64;
    let mean = |value: fn(&(f64, f64)) -> f64| pairs.iter().map(value).sum::<f64>() / count;
    let (x, y) = (mean(|pair| pair.0), mean(|pair| pair.1));
    let sum = |product: &dyn Fn(f64, f64) -> f64| {
        pairs.iter().map(|(a, b)| product(a - x, b - y)).sum::<f64>()
    };
    sum(&|a, b| a * b) / (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt()
}

/// The area under the ROC curve as the chance that a positive scores above a negative (Hanley and
/// `McNeil` 1982), ties counting half.
pub(super) fn area_under_curve(scored: &[(f64, bool)]) -> f64 {
    let mut sorted = scored.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut rank_sum, mut rank) = (0.0, 1.0);
    for tie in sorted.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
        let positives = tie.iter().filter(|(_, is_positive)| *is_positive).count() as f64;
        rank_sum += positives * (rank + (tie.len() as f64 - 1.0) / 2.0);
        rank += tie.len() as f64;
    }
    let positives = sorted.iter().filter(|(_, is_positive)| *is_positive).count() as f64;
    let negatives = sorted.len() as f64 - positives;
    (rank_sum - positives * (positives + 1.0) / 2.0) / (positives * negatives)
}

#[test]
fn measures_agree_with_cases_done_by_hand() {
    assert!((total_variation(&[1.0, 1.0], &[3.0, 1.0]) - 0.25).abs() < 1e-12);
    assert!((gini(&[0, 0, 0, 4]) - 0.75).abs() < 1e-12);
    assert!((autocorrelation(&[1.0, -1.0, 1.0, -1.0], 2) - 0.5).abs() < 1e-12);
    let scored = [(0.1, false), (0.4, true), (0.4, false), (0.8, true)];
    assert!((area_under_curve(&scored) - 0.875).abs() < 1e-12);
    assert!((normal_cdf(1.96) - 0.975_002).abs() < 1e-5);
    assert!((correlation(&[(1.0, 2.0), (2.0, 4.0), (3.0, 6.0)]) - 1.0).abs() < 1e-12);
}
