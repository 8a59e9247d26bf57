//! Having left at some time between the last purchase and today: the integral of Pareto/NBD.
//!
//! The papers take it with Gauss's hypergeometric function, as a difference that loses its digits
//! where many purchases were made. Here the integrand, which has one sign, is summed at the points
//! of Gauss and Legendre, and so are its slopes.

use super::ParetoNbd;

/// The points of Gauss and Legendre between -1 and 1, of which there are eight, and their weights.
const POINTS: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_3),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_48),
    (0.960_289_856_497_536_3, 0.101_228_536_290_376_26),
];

/// How long a panel may be. The integrand is analytic up to π beside the line, so that eight points
/// err by some 1e-12 over this length.
const PANEL_MAX: f64 = 2.0;

/// How far the logarithm of the integrand may fall over a panel, for the same.
const FALL_MAX: f64 = 6.0;

/// Where the logarithm of the integrand has fallen so far, nothing is left to add.
const FALL_END: f64 = 45.0;

/// The chance of having left, and the means of four functions of when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Departed {
    /// The logarithm of the chance, up to the factors that it shares with having stayed.
    pub(super) ln_chance: f64,
    /// The means of ln(1 + y/α), y/(α + y), ln(1 + y/β) and y/(β + y), y being the time of leaving.
    pub(super) means: [f64; 4],
}

/// The integrand: (1 + y/α)^-(r + x) (1 + y/β)^-s s/(β + y), over the time y of leaving.
///
/// The variable is v, with y + δ = (last + δ) e^v, where δ is the lesser of α and β: powers of
/// either of α + y and β + y are then nearly exponential.
#[derive(Debug, Clone, Copy)]
struct Integrand<'a> {
    model: &'a ParetoNbd,
    bought: f64,
    last_at: f64,
    delta: f64,
    /// The logarithm of the two powers at the last purchase. It is taken out, because the powers
    /// may be too small for a number.
    ln_first: f64,
}

impl Departed {
    /// Integrates over the time between the last purchase and the age.
    pub(super) fn between(model: &ParetoNbd, x: f64, [last_at, age]: [f64; 2]) -> Self {
        let delta = model.alpha.min(model.beta);
        let mut integrand = Integrand { model, bought: model.r + x, last_at, delta, ln_first: 0.0 };
        integrand.ln_first = integrand.ln_powers(last_at).0;
        let end = ((age - last_at) / (delta + last_at)).ln_1p();
        let (mut sums, mut from) = ([0.0; 5], 0.0);
        while from < end {
            let length = integrand.panel(from, end - from);
            integrand.add(&mut sums, from, length);
            from += length;
            if from < end && integrand.fall(from) > FALL_END {
                break;
            }
        }
        let [chance, sums @ ..] = sums;
        let means = if chance > 0.0 { sums.map(|sum| sum / chance) } else { sums };
        Self { ln_chance: integrand.ln_first + model.s.ln() + chance.ln(), means }
    }
}

impl Integrand<'_> {
    fn time(&self, v: f64) -> f64 {
        self.last_at + (self.delta + self.last_at) * v.exp_m1()
    }

    /// Returns the logarithm of the two powers at a time, and the logarithms they are made of.
    fn ln_powers(&self, time: f64) -> (f64, f64, f64) {
        let of_alpha = (time / self.model.alpha).ln_1p();
        let of_beta = (time / self.model.beta).ln_1p();
        (-self.bought * of_alpha - self.model.s * of_beta, of_alpha, of_beta)
    }

    /// Returns how far the logarithm of the integrand has fallen, at least, since the beginning.
    fn fall(&self, v: f64) -> f64 {
        self.ln_first - self.ln_powers(self.time(v)).0 - v
    }

    /// Returns a length that the integrand is smooth over. It falls fastest at the end.
    fn panel(&self, from: f64, rest: f64) -> f64 {
        let longest = rest.min(PANEL_MAX);
        let time = self.time(from + longest);
        let (alpha, beta) = (self.model.alpha, self.model.beta);
        let slope = self.bought / (alpha + time) + (self.model.s + 1.0) / (beta + time);
        let length = longest.min(FALL_MAX / (slope * (self.delta + time)));
        // As many of equal length, where not so many are left.
        let count = (rest / length).ceil();
        if count < 4.0 { rest / count } else { length }
    }

    /// Adds the integral over a panel, and those of the four functions times the integrand.
    fn add(&self, sums: &mut [f64; 5], from: f64, length: f64) {
        let ParetoNbd { alpha, beta, .. } = *self.model;
        for (point, weight) in POINTS {
            for point in [-point, point] {
                let time = self.time(from + 0.5 * length * (1.0 + point));
                let (ln_powers, ln_alpha, ln_beta) = self.ln_powers(time);
                let width = (self.delta + time) / (beta + time) * 0.5 * length * weight;
                let value = width * (ln_powers - self.ln_first).exp();
                let factors = [1.0, ln_alpha, time / (alpha + time), ln_beta, time / (beta + time)];
                for (sum, factor) in sums.iter_mut().zip(factors) {
                    *sum += value * factor;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Integrates by Simpson's rule, with small steps.
    fn by_brute_force(model: &ParetoNbd, x: f64, [last_at, age]: [f64; 2]) -> f64 {
        let step = (age - last_at) / 100_000.0;
        let value = |y: f64| {
            let alpha = -(model.r + x) * (y / model.alpha).ln_1p();
            let beta = -(model.s + 1.0) * (y / model.beta).ln_1p();
            (alpha + beta).exp() * model.s / model.beta
        };
        let simpson = |n: u32| {
            let from = last_at + step * f64::from(n);
            (value(from) + 4.0 * value(from + 0.5 * step) + value(from + step)) * step / 6.0
        };
        (0..100_000).map(simpson).sum::<f64>().ln()
    }

    #[test]
    fn the_integral_is_what_small_steps_add_up_to() {
        let cdnow = ParetoNbd { r: 0.55, alpha: 10.6, s: 0.61, beta: 11.7 };
        let quick = ParetoNbd { r: 3.0, alpha: 40.0, s: 2.0, beta: 0.7 };
        let slow = ParetoNbd { r: 0.1, alpha: 0.9, s: 0.2, beta: 300.0 };
        for model in [cdnow, quick, slow] {
            for x in [0.0, 1.0, 7.0, 150.0] {
                for (last_at, age) in [(0.0, 39.0), (12.0, 30.0), (29.0, 30.0), (3.0, 200.0)] {
                    let ln_chance = Departed::between(&model, x, [last_at, age]).ln_chance;
                    let expect = by_brute_force(&model, x, [last_at, age]);
                    assert!((ln_chance - expect).abs() < 2e-8, "{model:?} {x} {last_at} {age}");
                }
            }
        }
    }

    #[test]
    fn nobody_leaves_in_no_time() {
        let model = ParetoNbd { r: 0.5, alpha: 10.0, s: 0.6, beta: 12.0 };
        let departed = Departed::between(&model, 2.0, [5.0, 5.0]);
        assert_eq!((departed.ln_chance, departed.means), (f64::NEG_INFINITY, [0.0; 4]));
    }
}
