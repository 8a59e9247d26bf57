//! BG/NBD: who may leave after each repeat purchase.

use serde::{Deserialize, Serialize};

use crate::beta_geometric::{BetaGeometric, FirstPurchase, negative_binomial_tail};
use crate::buying::{Buying, Fit, FitError};
use crate::special::ln_rising;

/// The BG/NBD model (Fader, Hardie & Lee 2005, "Counting your customers" the easy way).
///
/// A customer buys at a constant rate, which varies between customers as Gamma(r, α), and leaves
/// after a repeat purchase with a chance that varies as Beta(a, b). Who never came back has had no
/// chance to leave, and counts as alive for ever; [`MbgNbd`](crate::MbgNbd) mends that.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BgNbd {
    /// The shape of the gamma distribution of rates.
    pub r: f64,
    /// The inverse scale of the gamma distribution of rates, in the data's unit of time.
    pub alpha: f64,
    /// The first parameter of the beta distribution of chances to leave.
    pub a: f64,
    /// The second parameter of the beta distribution of chances to leave.
    pub b: f64,
}

impl BgNbd {
    /// Finds the parameters with the greatest likelihood.
    ///
    /// Fails with fewer than [`CUSTOMER_COUNT_MIN`](crate::CUSTOMER_COUNT_MIN) customers, if nobody
    /// bought a second time, if a customer's numbers cannot be, and if there is no best choice.
    pub fn fit(buyings: &[Buying]) -> Result<Fit<Self>, FitError> {
        let found = BetaGeometric::fit(FirstPurchase::Stays, buyings)?;
        let Fit { model: [r, alpha, a, b], log_likelihood, iteration_count } = found;
        Ok(Fit { model: Self { r, alpha, a, b }, log_likelihood, iteration_count })
    }

    /// Returns the natural logarithm of the likelihood of these customers, summed: equation 6 of
    /// the paper.
    #[must_use]
    pub fn log_likelihood(&self, buyings: &[Buying]) -> f64 {
        self.inner().log_likelihood(buyings)
    }

    /// Returns how many repeat purchases a random new customer makes in a time from the first
    /// purchase on.
    #[must_use]
    pub fn expected_purchases(&self, time: f64) -> f64 {
        self.expected_purchases_of(&Buying::default(), time)
    }

    /// Returns how many purchases this customer makes in the time after the age.
    ///
    /// It is the value of the papers' closed form, but exists for all parameters.
    #[must_use]
    pub fn expected_purchases_of(&self, buying: &Buying, time: f64) -> f64 {
        self.inner().expected_purchases_of(buying, time)
    }

    /// Returns the chance that this customer has not left, which is 1 for who
    /// bought once (Fader, Hardie & Lee 2008, computing P(alive) using the BG/NBD model).
    #[must_use]
    pub fn probability_alive(&self, buying: &Buying) -> f64 {
        self.inner().probability_alive(buying)
    }

    /// Returns the chance that a random new customer makes exactly so many repeat purchases in a
    /// time from the first purchase on: equation 8 of the paper.
    #[must_use]
    pub fn probability_of_count(&self, count: u32, time: f64) -> f64 {
        let Self { r, alpha, a, b } = *self;
        let (n, time) = (f64::from(count), time / alpha);
        let stays = ln_rising(b, n).0 - ln_rising(a + b, n).0;
        let makes = ln_rising(r, n).0 - ln_rising(1.0, n).0 - r * time.ln_1p();
        // Nothing to the power of nothing is one.
        let times = if count == 0 { 0.0 } else { n * (time / (1.0 + time)).ln() };
        let and_stays = (stays + makes + times).exp();
        if count == 0 {
            return and_stays;
        }
        let leaves = stays.exp() * a / (b + n - 1.0);
        and_stays + leaves * negative_binomial_tail(r, time, count)
    }

    fn inner(&self) -> BetaGeometric {
        let Self { r, alpha, a, b } = *self;
        BetaGeometric { first: FirstPurchase::Stays, parameters: [r, alpha, a, b] }
    }
}
