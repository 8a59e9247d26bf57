//! Statistics of customers. Knows nothing of events or files: numbers in, numbers out.
//!
//! A customer who owes nothing does not say good-bye. How often someone will come back has to be
//! told from how often, how lately and for how long someone has bought: a [`Buying`]. Three models
//! do it, of which each is fitted to all customers of a shop by maximum likelihood and then asked
//! about one:
//!
//! * [`BgNbd`]: customers leave after a repeat purchase. The quickest; who bought once never leaves.
//! * [`MbgNbd`]: customers leave after any purchase. As quick, and fair to who bought once.
//! * [`ParetoNbd`]: customers leave at any time. The best at foretelling, and some ten times slower.
//!
//! [`GammaGamma`] tells what a purchase comes to, and [`lifetime_value`] what a customer brings.
//!
//! ```
//! use ciq_models::{Buying, MbgNbd};
//!
//! // Weeks: so many repeat purchases, the last of them so late, the first purchase so long ago.
//! let buying = |repeat_count, last_at, age| Buying { repeat_count, last_at, age };
//! let mut buyings = vec![buying(0.0, 0.0, 30.0); 60];
//! buyings.extend([buying(1.0, 12.0, 38.0), buying(5.0, 30.0, 31.0), buying(2.0, 3.0, 39.0)]);
//! let model = MbgNbd::fit(&buyings)?.model;
//! let (faithful, lost) = (buying(5.0, 30.0, 31.0), buying(5.0, 6.0, 31.0));
//! assert!(model.probability_alive(&faithful) > model.probability_alive(&lost));
//! assert!(model.expected_purchases_of(&faithful, 52.0) > 1.0);
//! # Ok::<(), ciq_models::FitError>(())
//! ```
//!
//! [`Logistic`] foretells a yes or no from any columns of numbers, and [`Calibration`] makes a score
//! a chance. [`auc`], [`brier`], [`calibration_table`] and their like judge a forecast.

mod beta_geometric;
mod bg_nbd;
mod buying;
mod calibration;
mod gamma_gamma;
mod linear;
mod logistic;
mod mbg_nbd;
mod metrics;
mod optimise;
mod pareto_nbd;
mod plot;
mod rows;
mod special;

pub use self::bg_nbd::BgNbd;
pub use self::buying::{Buying, CUSTOMER_COUNT_MIN, Fit, FitError};
pub use self::calibration::Calibration;
pub use self::gamma_gamma::{GammaGamma, Spending, lifetime_value};
pub use self::logistic::{Logistic, LogisticError, Matrix};
pub use self::mbg_nbd::MbgNbd;
pub use self::metrics::{
    CalibrationBin, GainPoint, auc, brier, calibration_error, calibration_table, correlation,
    gain_curve, mean_absolute_error, rmse, top_decile_capture,
};
pub use self::pareto_nbd::ParetoNbd;
pub use self::plot::{calibration_svg, gain_svg, lift_svg};
