//! How many purchases a customer who has not left will make.
//!
//! The papers have a closed form with Gauss's hypergeometric function. It is nought over nought
//! where a is 1, and fails where a + b is below 1. What is summed here has no such places.

use crate::special::softplus;

/// More terms than this are integrated instead.
const TERM_COUNT_MAX: f64 = 10_000.0;

/// A sum is over when what is left of it is below this part.
const PRECISION: f64 = 1e-15;

/// Sums that grow above this are scaled down.
const LARGE: f64 = 1e200;

/// Where the logarithm of the odds has gone this far beyond all scales, the integrand is a power.
const FAR: f64 = 32.0;

/// The widest step of an integral over the logarithm of odds. The integrands are analytic up to π/2
/// beside the line, so that the trapezoidal rule errs by less than e^(-π²/step).
const STEP_MAX: f64 = 0.25;

/// A customer who buys at a rate of Gamma(shape, 1) and leaves after a purchase with a chance of
/// Beta(a, b), over a time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Future {
    pub(super) shape: f64,
    pub(super) time: f64,
    pub(super) a: f64,
    pub(super) b: f64,
}

impl Future {
    /// Returns the expected number of purchases.
    pub(super) fn purchases(&self) -> f64 {
        if self.time <= 0.0 {
            return 0.0;
        }
        let mean = self.shape * self.time;
        let spread = (mean * (1.0 + self.time)).sqrt();
        let term_count = mean + 12.0 * spread + 40.0 * (1.0 + self.time);
        if term_count < TERM_COUNT_MAX { self.sum() } else { self.integral() }
    }

    /// Sums over the number of purchases that there would be if nobody left, which is negative
    /// binomial. Of n of these, those are made before which the customer has not left.
    fn sum(&self) -> f64 {
        let Self { shape, time, a, b } = *self;
        let chance = time / (1.0 + time);
        // Chances are up to a factor, which their total takes out.
        let (mut likely, mut total, mut sum) = (1.0, 1.0, 0.0);
        let (mut stays, mut made, mut n) = (1.0, 0.0, 0.0);
        loop {
            made += stays;
            stays *= (b + n) / (a + b + n);
            likely *= chance * (shape + n) / (1.0 + n);
            total += likely;
            sum += likely * made;
            n += 1.0;
            let falls = chance * (shape + n).max(1.0 + n) / (1.0 + n);
            let rest = (1.0 - falls).max(0.0);
            if likely * made <= PRECISION * rest * rest * sum || n > 2.0 * TERM_COUNT_MAX {
                return sum / total;
            }
            if total > LARGE {
                (likely, total, sum) = (likely / LARGE, total / LARGE, sum / LARGE);
            }
        }
    }

    /// Integrates over the chance of leaving, p: someone with that chance makes
    /// (1 - (1 + p time)^(-shape)) / p purchases. The variable is the logarithm of the odds of p.
    fn integral(&self) -> f64 {
        let Self { shape, time, a, b } = *self;
        let top = (a / b).ln();
        let step = (0.5 * (a.recip() + b.recip()).sqrt()).min(STEP_MAX);
        // The integrand's scales lie between these.
        let scale = (shape + 1.0) * time.max(1.0);
        let (low, high) = (-scale.ln().max(0.0) - FAR - b.ln_1p(), FAR + a.ln_1p());
        let weight_at = |odds: f64| a * -softplus(-odds).0 - b * softplus(odds).0;
        let heaviest = weight_at(top);
        let mut sums = (0.0, 0.0);
        let mut add = |odds: f64, times: f64| {
            let p = softplus(odds).1.max(f64::MIN_POSITIVE);
            let weight = times * (weight_at(odds) - heaviest).exp();
            let made = -(-shape * (p * time).ln_1p()).exp_m1() / p;
            sums = (sums.0 + weight, sums.1 + weight * made);
            weight
        };
        add(top, 1.0);
        for (direction, end, power) in [(-step, low, a), (step, high, b)] {
            let mut odds = top + direction;
            while (end - odds) * direction > 0.0 && add(odds, 1.0) > PRECISION * PRECISION {
                odds += direction;
            }
            // From here on each term is the same part of the one before.
            add(odds, -(-power * step).exp_m1().recip());
        }
        sums.1 / sums.0
    }
}

/// Returns the chance that a negative binomial number, of a rate of Gamma(shape, 1) over a time, is
/// at least `count`.
pub(crate) fn negative_binomial_tail(shape: f64, time: f64, count: u32) -> f64 {
    let chance = time / (1.0 + time);
    let ln_none = -shape * time.ln_1p();
    let mut ln_likely = ln_none;
    let mut below = 0.0;
    for n in (0..count).map(f64::from) {
        below += ln_likely.exp();
        ln_likely += (chance * (shape + n) / (1.0 + n)).ln();
    }
    if below < 0.5 {
        return 1.0 - below;
    }
    // One minus nearly one would lose the digits, so what is above is summed.
    let (mut likely, mut above, mut n) = (ln_likely.exp(), 0.0, f64::from(count));
    while likely > PRECISION * (1.0 - chance) * above && likely > 0.0 {
        above += likely;
        likely *= chance * (shape + n) / (1.0 + n);
        n += 1.0;
    }
    above
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_and_the_integral_agree() {
        for shape in [0.2, 3.0, 400.0, 3_000.0] {
            for time in [1e-6, 0.3, 2.0, 40.0] {
                for (a, b) in [(0.8, 2.4), (1.0, 1.0), (0.01, 0.02), (1e-7, 5.0), (300.0, 900.0)] {
                    let future = Future { shape, time, a, b };
                    let (sum, integral) = (future.sum(), future.integral());
                    let error = (sum / integral - 1.0).abs();
                    let is_summed = shape * time < 15_000.0;
                    assert!(!is_summed || error < 1e-9, "{future:?} {sum} {integral}");
                }
            }
        }
    }

    #[test]
    fn a_tail_is_what_is_not_before_it() {
        // Shape 1 is geometric.
        for count in [0, 1, 5, 60] {
            let expect = 0.75f64.powi(i32::try_from(count).unwrap());
            let tail = negative_binomial_tail(1.0, 3.0, count);
            assert!((tail / expect - 1.0).abs() < 1e-12, "{count} {tail} {expect}");
        }
    }
}
