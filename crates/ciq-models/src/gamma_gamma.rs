//! The gamma-gamma model of what a purchase comes to, and the value of a customer.

use serde::{Deserialize, Serialize};
use statrs::function::gamma::{digamma, ln_gamma};

use crate::buying::{Fit, FitError};
use crate::optimise::Slopes;
use crate::rows::{Row, Rows, enough};

/// How many weeks a month has, as the libraries that this is compared with have it.
const WEEKS_PER_MONTH: f64 = 4.345;

/// What one customer's repeat purchases come to.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Spending {
    /// How many purchases came after the first: a whole number.
    pub repeat_count: f64,
    /// The mean amount of these, in any unit of money; of no matter for who bought once.
    pub mean: f64,
}

impl Spending {
    fn is_possible(&self) -> bool {
        let is_finite = self.repeat_count.is_finite() && self.mean.is_finite();
        is_finite && self.repeat_count >= 0.0 && self.mean >= 0.0
    }

    /// Tells whether something can be learned from this customer.
    fn is_of_use(&self) -> bool {
        self.repeat_count > 0.0 && self.mean > 0.0
    }
}

/// The gamma-gamma model of amounts (Fader & Hardie 2013, The gamma-gamma model of monetary value).
///
/// A customer's amounts vary as Gamma(p, ν), and ν between customers as Gamma(q, v). Amounts do not
/// depend on how often a customer buys.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GammaGamma {
    /// The shape of the gamma distribution of a customer's amounts.
    pub p: f64,
    /// The shape of the gamma distribution between customers.
    pub q: f64,
    /// The inverse scale of the gamma distribution between customers, in the data's unit of money.
    pub v: f64,
}

impl GammaGamma {
    /// Finds the parameters with the greatest likelihood. Customers who bought once, or who only
    /// took what cost nothing, are left out.
    ///
    /// Fails with fewer than [`CUSTOMER_COUNT_MIN`](crate::CUSTOMER_COUNT_MIN) others, if a
    /// customer's numbers cannot be, and if there is no best choice, as when all pay the same.
    pub fn fit(spendings: &[Spending]) -> Result<Fit<Self>, FitError> {
        if let Some(position) = spendings.iter().position(|spending| !spending.is_possible()) {
            return Err(FitError::Impossible { position });
        }
        let of_use = spendings.iter().filter(|spending| spending.is_of_use());
        let means: Vec<_> = of_use.map(|spending| spending.mean).collect();
        if means.is_empty() {
            return Err(FitError::NoRepeats);
        }
        enough(means.len())?;
        let weight = f64::from(u32::try_from(means.len()).unwrap_or(u32::MAX)).recip();
        let mean: f64 = means.iter().map(|mean| mean * weight).sum();
        let start = [3.0, 3.0, mean * 2.0 / 3.0];
        let found = rows(spendings).fit(start, |rows, &[p, q, v]| Self { p, q, v }.slopes(rows))?;
        let Fit { model: [p, q, v], log_likelihood, iteration_count } = found;
        Ok(Fit { model: Self { p, q, v }, log_likelihood, iteration_count })
    }

    /// Returns the natural logarithm of the likelihood of these customers, summed over those who
    /// bought again: equation 1a of the note.
    #[must_use]
    pub fn log_likelihood(&self, spendings: &[Spending]) -> f64 {
        self.slopes(&rows(spendings)).0
    }

    /// Returns the expected mean amount of this customer's purchases to come: equation 5 of the
    /// note. For who bought once it is the mean of all customers.
    ///
    /// It is infinite where the model has no mean: for who bought once if q is at most 1.
    #[must_use]
    pub fn expected_mean(&self, spending: &Spending) -> f64 {
        let Self { p, q, v } = *self;
        let Spending { repeat_count, mean } = *spending;
        let shape = p * repeat_count + q - 1.0;
        let total = if repeat_count > 0.0 { repeat_count * mean } else { 0.0 };
        if shape > 0.0 { p * (v + total) / shape } else { f64::INFINITY }
    }

    fn slopes(&self, rows: &Rows<1>) -> Slopes<3> {
        let Self { p, q, v } = *self;
        rows.total(|x| {
            let n = p * x;
            let ln_beta = ln_gamma(n) + ln_gamma(q) - ln_gamma(n + q);
            let both = digamma(n + q);
            let (of_p, of_q) = (n * (both - digamma(n)), q * (both - digamma(q)));
            move |row: &Row<1>| {
                let [mean] = row.values;
                let total = x * mean;
                let (more, less) = ((v / total).ln_1p(), (total / v).ln_1p());
                let value = -n * more - q * less - mean.ln() - ln_beta;
                let of_v = (q * total - n * v) / (total + v);
                (value, [of_p - n * more, of_q - q * less, of_v])
            }
        })
    }
}

fn rows(spendings: &[Spending]) -> Rows<1> {
    let of_use = spendings.iter().filter(|spending| spending.is_of_use());
    Rows::gather(of_use.map(|spending| (spending.repeat_count, [spending.mean])).collect())
}

/// Returns what a customer brings over some months to come, as of today.
///
/// `purchases` tells how many purchases are expected within a number of weeks from today, `mean` is
/// the amount of one. What comes in a month is discounted to the end of that month, by
/// `monthly_discount`: 0.01 is one in a hundred.
pub fn lifetime_value(
    purchases: impl Fn(f64) -> f64,
    mean: f64,
    months: u32,
    monthly_discount: f64,
) -> f64 {
    let (mut value, mut before, mut factor) = (0.0, 0.0, 1.0);
    for month in 1..=months {
        let so_far = purchases(f64::from(month) * WEEKS_PER_MONTH);
        factor /= 1.0 + monthly_discount;
        value += mean * (so_far - before) * factor;
        before = so_far;
    }
    value
}
