//! What BG/NBD and MBG/NBD have in common.
//!
//! A customer buys at a rate λ until leaving, and leaves with a chance p after a purchase. Rates
//! vary between customers as Gamma(r, α), chances as Beta(a, b), independently. In BG/NBD a customer
//! had a chance to leave after each repeat purchase; in MBG/NBD after the first purchase too. With
//! k chances so far, which is x or x + 1, all formulas are the same.

mod future;

use crate::buying::{Buying, Fit, FitError};
use crate::optimise::Slopes;
use crate::rows::{Row, Rows};
use crate::special::{ln_rising, softplus};

pub(crate) use self::future::negative_binomial_tail;

/// How many chances to leave the first purchase brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FirstPurchase {
    /// None: BG/NBD.
    Stays,
    /// One: MBG/NBD.
    MayLeave,
}

/// A model of either kind.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BetaGeometric {
    pub(crate) first: FirstPurchase,
    /// r, α, a and b.
    pub(crate) parameters: [f64; 4],
}

/// What depends on the number of repeat purchases alone.
#[derive(Debug, Clone, Copy)]
struct Shared {
    parameters: [f64; 4],
    x: f64,
    value: f64,
    slopes: [f64; 4],
    /// b + k - 1, unless there was no chance to leave.
    stayed: Option<f64>,
}

impl BetaGeometric {
    /// Finds the parameters.
    pub(crate) fn fit(first: FirstPurchase, buyings: &[Buying]) -> Result<Fit<[f64; 4]>, FitError> {
        let rows = Rows::checked(buyings)?;
        let (repeats, age) = rows.means();
        let r = 0.5;
        // A rate twice that of the data, because some have left.
        let start = [r, r * age / (2.0 * repeats), 1.0, 3.0];
        rows.fit(start, |rows, parameters| Self { first, parameters: *parameters }.slopes(rows))
    }

    /// Returns the log likelihood of customers.
    pub(crate) fn log_likelihood(&self, buyings: &[Buying]) -> f64 {
        self.slopes(&Rows::of(buyings)).0
    }

    /// Returns the chance that a customer has not left.
    pub(crate) fn probability_alive(&self, buying: &Buying) -> f64 {
        let shared = self.shared(buying.repeat_count);
        let Buying { last_at, age, .. } = *buying;
        1.0 - shared.branches([last_at, age]).1
    }

    /// Returns how many purchases a customer makes in the time to come.
    pub(crate) fn expected_purchases_of(&self, buying: &Buying, time: f64) -> f64 {
        let [r, alpha, a, b] = self.parameters;
        let Buying { repeat_count, age, .. } = *buying;
        let stayed = b + self.chance_count(repeat_count);
        let future =
            future::Future { shape: r + repeat_count, time: time / (alpha + age), a, b: stayed };
        self.probability_alive(buying) * future.purchases()
    }

    /// How many chances to leave there were.
    fn chance_count(&self, repeat_count: f64) -> f64 {
        match self.first {
            FirstPurchase::Stays => repeat_count,
            FirstPurchase::MayLeave => repeat_count + 1.0,
        }
    }

    fn slopes(&self, rows: &Rows<2>) -> Slopes<4> {
        rows.total(|repeat_count| {
            let shared = self.shared(repeat_count);
            move |row: &Row<2>| shared.slopes(row.values)
        })
    }

    fn shared(&self, x: f64) -> Shared {
        let [r, alpha, a, b] = self.parameters;
        let chance_count = self.chance_count(x);
        let (bought, bought_slope) = ln_rising(r, x);
        let (stayed, stayed_slope) = ln_rising(b, chance_count);
        let (chances, chances_slope) = ln_rising(a + b, chance_count);
        Shared {
            parameters: self.parameters,
            x,
            value: bought - x * alpha.ln() + stayed - chances,
            slopes: [r * bought_slope, -x, -a * chances_slope, b * (stayed_slope - chances_slope)],
            stayed: (chance_count > 0.0).then_some(b + chance_count - 1.0),
        }
    }
}

impl Shared {
    /// Returns the logarithm of what follows the gamma functions in the likelihood, where α^x is
    /// taken out, and the chance that the customer has left.
    fn branches(&self, [last_at, age]: [f64; 2]) -> (f64, f64) {
        let [r, alpha, a, _] = self.parameters;
        let n = r + self.x;
        let stays = -n * (age / alpha).ln_1p();
        let Some(stayed) = self.stayed else { return (stays, 0.0) };
        let leaves = (a / stayed).ln() - n * (last_at / alpha).ln_1p();
        let (more, left) = softplus(leaves - stays);
        (stays + more, left)
    }

    /// Returns a customer's log likelihood and its slopes by the parameters' logarithms: Fader,
    /// Hardie & Lee 2005, equation 6, and the like for MBG/NBD.
    fn slopes(&self, values: [f64; 2]) -> Slopes<4> {
        let [r, alpha, _, b] = self.parameters;
        let [last_at, age] = values;
        let n = r + self.x;
        let (branches, left) = self.branches(values);
        let mix = |stays: f64, leaves: f64| (1.0 - left) * stays + left * leaves;
        let logarithm = mix((age / alpha).ln_1p(), (last_at / alpha).ln_1p());
        let ratio = mix(age / (alpha + age), last_at / (alpha + last_at));
        let mut slopes = self.slopes;
        slopes[0] -= r * logarithm;
        slopes[1] += n * ratio;
        slopes[2] += left;
        slopes[3] -= self.stayed.map_or(0.0, |stayed| left * b / stayed);
        (self.value + branches, slopes)
    }
}
