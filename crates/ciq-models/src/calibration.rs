//! Turns scores into chances that come true.

use serde::{Deserialize, Serialize};

use crate::logistic::{Logistic, LogisticError, Matrix, chance};

/// A map from chances to chances that come true: `logit(p') = offset + slope · logit(p)`.
///
/// Platt's scaling (Platt 1999, "Probabilistic outputs for support vector machines"), on the
/// log-odds. It keeps the order of scores, needs few rows, and is smooth, so that two customers who
/// differ a little are never put far apart. Fit it on rows that the model has not seen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Added to the log-odds.
    pub offset: f64,
    /// Times the log-odds: less than 1 for a model that is too sure of itself.
    pub slope: f64,
}

/// Chances are kept this far from 0 and 1: their log-odds stay finite.
const CHANCE_MIN: f64 = 1e-9;

/// The slope is told by two classes and one column: hardly any penalty is needed.
const PENALTY: f64 = 1e-3;

impl Calibration {
    /// Leaves every chance as it is.
    pub const NONE: Self = Self { offset: 0.0, slope: 1.0 };

    /// Fits to chances from 0 to 1 and to what came of them, by greatest likelihood.
    ///
    /// Scores that do not rise with what came true give a slope of zero, never a negative one: then
    /// everyone gets the base rate.
    pub fn fit(scores: &[f64], labels: &[bool]) -> Result<Self, LogisticError> {
        let mut rows = Matrix::new(1);
        for score in scores {
            rows.push(&[log_odds(*score)]);
        }
        let model = Logistic::fit(&rows, labels, PENALTY)?;
        let slope = model.weights.iter().zip(&model.scales).map(|(w, scale)| w / scale).sum();
        if slope < 0.0 {
            let yes = labels.iter().filter(|label| **label).count();
            let base = crate::logistic::count(yes) / crate::logistic::count(labels.len());
            return Ok(Self { offset: log_odds(base), slope: 0.0 });
        }
        Ok(Self { offset: model.log_odds(&[0.0]), slope })
    }

    /// Returns the chance that a score means.
    #[must_use]
    pub fn apply(&self, score: f64) -> f64 {
        chance(self.offset + self.slope * log_odds(score))
    }
}

fn log_odds(chance: f64) -> f64 {
    let chance = chance.clamp(CHANCE_MIN, 1.0 - CHANCE_MIN);
    (chance / (1.0 - chance)).ln()
}
