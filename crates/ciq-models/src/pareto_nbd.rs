//! Pareto/NBD: who may leave at any time.

mod departed;

use serde::{Deserialize, Serialize};

use self::departed::Departed;
use crate::buying::{Buying, Fit, FitError};
use crate::optimise::Slopes;
use crate::rows::{Row, Rows};
use crate::special::{discounted, ln_rising, softplus};

/// The Pareto/NBD model (Schmittlein, Morrison & Colombo 1987; Fader & Hardie 2005, a note on
/// deriving the Pareto/NBD model and related expressions).
///
/// A customer buys at a constant rate, which varies between customers as Gamma(r, α), and leaves
/// at a constant rate too, which varies as Gamma(s, β). It takes about ten times as long to fit as
/// [`BgNbd`](crate::BgNbd), because an integral stands in the likelihood.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ParetoNbd {
    /// The shape of the gamma distribution of rates of buying.
    pub r: f64,
    /// The inverse scale of the gamma distribution of rates of buying, in the data's unit of time.
    pub alpha: f64,
    /// The shape of the gamma distribution of rates of leaving.
    pub s: f64,
    /// The inverse scale of the gamma distribution of rates of leaving, in the data's unit of time.
    pub beta: f64,
}

impl ParetoNbd {
    /// Finds the parameters with the greatest likelihood.
    ///
    /// Fails with fewer than [`CUSTOMER_COUNT_MIN`](crate::CUSTOMER_COUNT_MIN) customers, if nobody
    /// bought a second time, if a customer's numbers cannot be, and if there is no best choice.
    pub fn fit(buyings: &[Buying]) -> Result<Fit<Self>, FitError> {
        let rows = Rows::checked(buyings)?;
        let (repeats, age) = rows.means();
        let r = 0.5;
        // A rate twice that of the data, because some have left.
        let start = [r, r * age / (2.0 * repeats), 0.5, age];
        let found = rows.fit(start, |rows, &[r, alpha, s, beta]| {
            let model = Self { r, alpha, s, beta };
            model.slopes(rows)
        })?;
        let Fit { model: [r, alpha, s, beta], log_likelihood, iteration_count } = found;
        Ok(Fit { model: Self { r, alpha, s, beta }, log_likelihood, iteration_count })
    }

    /// Returns the natural logarithm of the likelihood of these customers, summed: equation 18 of
    /// the note, with its integral taken by quadrature.
    #[must_use]
    pub fn log_likelihood(&self, buyings: &[Buying]) -> f64 {
        self.slopes(&Rows::of(buyings)).0
    }

    /// Returns how many repeat purchases a random new customer makes in a time from the first
    /// purchase on: equation 27 of the note.
    #[must_use]
    pub fn expected_purchases(&self, time: f64) -> f64 {
        self.expected_purchases_of(&Buying::default(), time)
    }

    /// Returns how many purchases this customer makes in the time after the age: equation 41 of the
    /// note.
    #[must_use]
    pub fn expected_purchases_of(&self, buying: &Buying, time: f64) -> f64 {
        let Self { r, alpha, s, beta } = *self;
        let Buying { repeat_count, age, .. } = *buying;
        let rate = (r + repeat_count) / (alpha + age);
        let time = (beta + age) * discounted(s - 1.0, (time / (beta + age)).ln_1p());
        self.probability_alive(buying) * rate * time
    }

    /// Returns the chance that this customer has not left: equation 36 of the note.
    #[must_use]
    pub fn probability_alive(&self, buying: &Buying) -> f64 {
        let Buying { repeat_count, last_at, age } = *buying;
        let departed = self.departed(repeat_count, [last_at, age]);
        softplus(self.ln_stayed(repeat_count, age) - departed.ln_chance).1
    }

    fn slopes(&self, rows: &Rows<2>) -> Slopes<4> {
        rows.total(|x| {
            let (bought, bought_slope) = ln_rising(self.r, x);
            let value = bought - x * self.alpha.ln();
            let slopes = [self.r * bought_slope, -x, 0.0, 0.0];
            move |row: &Row<2>| self.add(x, row.values, (value, slopes))
        })
    }

    /// Adds what follows the gamma functions in the likelihood of a customer, with the slopes by
    /// the parameters' logarithms.
    fn add(&self, x: f64, values: [f64; 2], (value, slopes): Slopes<4>) -> Slopes<4> {
        let Self { r, alpha, s, beta } = *self;
        let [_, age] = values;
        let stayed = self.ln_stayed(x, age);
        let departed = self.departed(x, values);
        let (more, left) = softplus(departed.ln_chance - stayed);
        let mix = |stays: f64, leaves: f64| (1.0 - left) * stays + left * leaves;
        let [ln_alpha, of_alpha, ln_beta, of_beta] = departed.means;
        let added = [
            -r * mix((age / alpha).ln_1p(), ln_alpha),
            (r + x) * mix(age / (alpha + age), of_alpha),
            left - s * mix((age / beta).ln_1p(), ln_beta),
            s * mix(age / (beta + age), of_beta) - left * (1.0 - of_beta),
        ];
        (value + stayed + more, std::array::from_fn(|i| slopes[i] + added[i]))
    }

    /// Returns the logarithm of the chance, up to factors, of having bought so often and stayed.
    fn ln_stayed(&self, x: f64, age: f64) -> f64 {
        -(self.r + x) * (age / self.alpha).ln_1p() - self.s * (age / self.beta).ln_1p()
    }

    fn departed(&self, x: f64, values: [f64; 2]) -> Departed {
        Departed::between(self, x, values)
    }
}
