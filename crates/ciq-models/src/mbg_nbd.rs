//! MBG/NBD: who may leave after the first purchase too.

use serde::{Deserialize, Serialize};

use crate::beta_geometric::{BetaGeometric, FirstPurchase};
use crate::buying::{Buying, Fit, FitError};

/// The modified BG/NBD model (Batislam, Denizel & Filiztekin 2007; Hoppe & Wagner 2007).
///
/// As [`BgNbd`](crate::BgNbd), but a customer may leave after the first purchase too, so that who
/// has not come back for long has probably left.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct MbgNbd {
    /// The shape of the gamma distribution of rates.
    pub r: f64,
    /// The inverse scale of the gamma distribution of rates, in the data's unit of time.
    pub alpha: f64,
    /// The first parameter of the beta distribution of chances to leave.
    pub a: f64,
    /// The second parameter of the beta distribution of chances to leave.
    pub b: f64,
}

impl MbgNbd {
    /// Finds the parameters with the greatest likelihood.
    ///
    /// Fails with fewer than [`CUSTOMER_COUNT_MIN`](crate::CUSTOMER_COUNT_MIN) customers, if nobody
    /// bought a second time, if a customer's numbers cannot be, and if there is no best choice.
    pub fn fit(buyings: &[Buying]) -> Result<Fit<Self>, FitError> {
        let found = BetaGeometric::fit(FirstPurchase::MayLeave, buyings)?;
        let Fit { model: [r, alpha, a, b], log_likelihood, iteration_count } = found;
        Ok(Fit { model: Self { r, alpha, a, b }, log_likelihood, iteration_count })
    }

    /// Returns the natural logarithm of the likelihood of these customers, summed: Batislam
    /// et al. 2007, section 3.
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

    /// Returns the chance that this customer has not left, equation 5 of
    /// Batislam et al. 2007.
    #[must_use]
    pub fn probability_alive(&self, buying: &Buying) -> f64 {
        self.inner().probability_alive(buying)
    }

    fn inner(&self) -> BetaGeometric {
        let Self { r, alpha, a, b } = *self;
        BetaGeometric { first: FirstPurchase::MayLeave, parameters: [r, alpha, a, b] }
    }
}
