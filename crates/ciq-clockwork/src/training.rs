//! Learning from the brand's own history.

use ciq_insight::{
    EvaluationReport, EvaluationSettings, Evaluator, Target, Trainer, TrainingReport,
    TrainingSettings, features, scorecard_churn,
};
use ciq_store::StoredModel;
use jiff::{SignedDuration, Timestamp};

use crate::knowledge::Knowledge;
use crate::{BrandClock, ClockworkError};

/// What to learn, and from when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrainOptions {
    /// What was until then is known, what came after is the answer. By default a horizon before the
    /// latest time that anything is known of.
    pub cut: Option<Timestamp>,
    /// How many days count as soon.
    pub horizon_days: u16,
    /// What counts as leaving; by the data where it is not said.
    pub target: Option<Target>,
}

/// A model that was trained and is in use from now on.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Trained {
    /// Its name.
    pub model_version: String,
    /// Where known and answers were cut.
    pub cut: String,
    /// What training saw.
    pub report: TrainingReport,
}

impl BrandClock {
    /// Trains a model on the brand's own history, and uses it from now on. Blocks.
    pub fn train(&self, options: &TrainOptions, at: Timestamp) -> Result<Trained, ClockworkError> {
        let knowledge = self.refreshed()?;
        let settings = self.training_settings(&knowledge, options, at)?;
        let mut trainer = Trainer::new(&settings);
        self.each_history(&knowledge, &mut |history| trainer.push(history))?;
        let (model, report) = trainer.finish()?;
        let trained =
            Trained { model_version: model.version.clone(), cut: settings.cut.to_string(), report };
        let stored = StoredModel {
            version: model.version.clone(),
            trained_at: at,
            parameters: model.to_json(),
            report: serde_json::to_string(&trained).unwrap_or_default(),
        };
        self.handle.write_blocking(move |writer| writer.save_model(&stored))?;
        Ok(trained)
    }

    /// Judges all models on the brand's own history: trained on what was a horizon before the cut,
    /// asked about what came after it. Changes nothing. Blocks.
    pub fn evaluate_models(
        &self,
        options: &TrainOptions,
        at: Timestamp,
    ) -> Result<EvaluationReport, ClockworkError> {
        let knowledge = self.refreshed()?;
        let TrainingSettings { cut, horizon_days, target, currency } =
            self.training_settings(&knowledge, options, at)?;
        let settings = EvaluationSettings { cut, horizon_days, target, currency };
        let mut evaluator = Evaluator::new(&settings);
        self.each_history(&knowledge, &mut |history| {
            evaluator.push(history, scorecard_churn(&features(history, cut, currency)));
        })?;
        Ok(evaluator.finish()?.0)
    }

    fn training_settings(
        &self,
        knowledge: &Knowledge,
        options: &TrainOptions,
        at: Timestamp,
    ) -> Result<TrainingSettings, ClockworkError> {
        let cut = match options.cut {
            Some(cut) => cut,
            None => self.last_cut(knowledge, options.horizon_days, at)?,
        };
        let TrainOptions { cut: _, horizon_days, target } = *options;
        let currency = self.handle.settings().context.currency;
        Ok(TrainingSettings { cut, horizon_days, target, currency })
    }

    /// The latest moment after which a whole horizon is known.
    fn last_cut(
        &self,
        knowledge: &Knowledge,
        horizon_days: u16,
        at: Timestamp,
    ) -> Result<Timestamp, ClockworkError> {
        let mut last = Timestamp::MIN;
        self.each_history(knowledge, &mut |history| {
            let order = history.orders.last().map(|order| order.at);
            let latest = order.max(history.acts.last().map(|act| act.at));
            last = last.max(latest.unwrap_or(last));
        })?;
        let horizon = SignedDuration::from_hours(24 * i64::from(horizon_days));
        Ok(last.min(at).checked_sub(horizon).unwrap_or(Timestamp::MIN))
    }
}
