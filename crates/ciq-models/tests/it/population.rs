//! Customers drawn from the models, of whom the truth is known.

use ciq_models::{BgNbd, Buying, ParetoNbd};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

/// Draws customers whose ages lie between 27 and 39, as the models have them.
pub(crate) struct Population(ChaCha8Rng);

impl Population {
    pub(crate) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Draws a customer who may leave at any time.
    pub(crate) fn pareto_nbd(&mut self, model: &ParetoNbd) -> Buying {
        let rate = self.gamma(model.r) / model.alpha;
        let leaves_at = self.exponential() / (self.gamma(model.s) / model.beta);
        let age = self.age();
        self.buying(age, rate, |_, time| time > leaves_at)
    }

    /// Draws a customer who may leave after a repeat purchase.
    pub(crate) fn bg_nbd(&mut self, model: &BgNbd) -> Buying {
        let rate = self.gamma(model.r) / model.alpha;
        let (leaves, stays) = (self.gamma(model.a), self.gamma(model.b));
        let chance = leaves / (leaves + stays);
        let age = self.age();
        let mut has_left = false;
        self.buying(age, rate, |draw, _| {
            let was_gone = has_left;
            has_left |= draw < chance;
            was_gone
        })
    }

    fn age(&mut self) -> f64 {
        27.0 + 12.0 * self.uniform()
    }

    /// Draws purchases up to the age, or until the customer is told to be gone, by a number
    /// between 0 and 1 and the time.
    fn buying(&mut self, age: f64, rate: f64, mut is_gone: impl FnMut(f64, f64) -> bool) -> Buying {
        let mut buying = Buying { age, ..Buying::default() };
        loop {
            let time = buying.last_at + self.exponential() / rate;
            if time > age || is_gone(self.uniform(), time) {
                return buying;
            }
            buying.last_at = time;
            buying.repeat_count += 1.0;
        }
    }

    fn uniform(&mut self) -> f64 {
        self.0.random::<f64>()
    }

    fn exponential(&mut self) -> f64 {
        -(1.0 - self.uniform()).ln()
    }

    fn normal(&mut self) -> f64 {
        let (radius, angle) = ((2.0 * self.exponential()).sqrt(), self.uniform());
        radius * (std::f64::consts::TAU * angle).cos()
    }

    /// Draws from the gamma distribution (Marsaglia & Tsang 2000).
    fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            let smaller = (1.0 - self.uniform()).powf(shape.recip());
            return self.gamma(shape + 1.0) * smaller;
        }
        let d = shape - 1.0 / 3.0;
        loop {
            let x = self.normal();
            let v = (1.0 + x / (9.0 * d).sqrt()).powi(3);
            let u = 1.0 - self.uniform();
            if v > 0.0 && u.ln() < 0.5 * x * x + d * (1.0 - v + v.ln()) {
                return d * v;
            }
        }
    }
}
