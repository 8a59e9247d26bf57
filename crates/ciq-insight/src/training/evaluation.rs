//! How well models foresee who leaves: learned from before a time, judged by what came after it.

use ciq_event::Currency;
use ciq_models::{
    BgNbd, Buying, CalibrationBin, GainPoint, GammaGamma, MbgNbd, ParetoNbd, auc, brier,
    calibration_error, calibration_table, gain_curve, mean_absolute_error, top_decile_capture,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::count::{count, one_if};
use super::rows::{Cut, Facts, Rows};
use super::{BINS, Lesson, Target, TrainedModel, Trainer, TrainingError, TrainingSettings};
use crate::history::History;

/// The name of the trained model in reports.
const TRAINED: &str = "trained";

/// Points of gain curves.
const GAIN_STEPS: usize = 50;

/// What to judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EvaluationSettings {
    /// Models see what was up to then; what came in the horizon after it judges them. Histories have
    /// to begin at least two horizons earlier, better four.
    pub cut: Timestamp,
    /// How many days count as soon.
    pub horizon_days: u16,
    /// What counts as leaving. `None` leaves it to the data, as in [`TrainingSettings::target`].
    pub target: Option<Target>,
    /// The currency of amounts.
    pub currency: Currency,
}

/// Histories on their way to an [`EvaluationReport`], one at a time.
#[derive(Debug, Clone)]
pub struct Evaluator {
    trainer: Trainer,
    rows: Rows,
    scorecard: Vec<f64>,
}

/// How well models foresaw who would leave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EvaluationReport {
    /// The cut, in RFC 3339.
    pub cut: String,
    /// The days after it that judged.
    pub horizon_days: u16,
    /// What counted as leaving.
    pub target: Target,
    /// How many customers were judged by.
    pub customer_count: u64,
    /// How many of them left.
    pub churn_count: u64,
    /// Each model's figures.
    pub models: Vec<ModelFigures>,
    /// The version of the model that was trained for this, one horizon before the cut.
    pub trained_version: String,
    /// The chances of the trained model against what came true.
    pub calibration: Vec<CalibrationBin>,
    /// Their mean distance, weighted.
    pub calibration_error: f64,
}

/// One model's figures. A figure that a model has no opinion on is `None`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelFigures {
    /// The model.
    pub name: String,
    /// The area under the curve for who leaves: 0.5 is chance, 1 is perfect.
    pub auc: Option<f64>,
    /// The mean square error of its chances.
    pub brier: Option<f64>,
    /// The mean absolute error of the number of orders.
    pub order_error: Option<f64>,
    /// The mean absolute error of what is spent, in minor units.
    pub spend_error: Option<f64>,
    /// The share of what was spent that came from the tenth it ranks best.
    pub top_decile_capture: Option<f64>,
    /// The share of those who left against the share of customers, most endangered first.
    pub gain: Vec<GainPoint>,
}

/// Judges all models. `scorecard` gives the chance of leaving by a rule that is not learned.
pub fn evaluate(
    histories: &[History],
    settings: &EvaluationSettings,
    scorecard: &dyn Fn(&History, Timestamp) -> f64,
) -> Result<EvaluationReport, TrainingError> {
    let mut evaluator = Evaluator::new(settings);
    for history in histories {
        evaluator.push(history, scorecard(history, settings.cut));
    }
    Ok(evaluator.finish()?.0)
}

/// What a model says of each judged customer.
struct Opinion {
    name: &'static str,
    /// Who leaves first, in any unit.
    leaving: Vec<f64>,
    is_chance: bool,
    orders: Option<Vec<f64>>,
    spend: Option<Vec<f64>>,
}

/// The customers who are judged by, and what they did.
struct Outcomes<'a> {
    facts: Vec<&'a Facts>,
    lost: Vec<bool>,
    orders: Vec<f64>,
    spent: Vec<f64>,
}

impl Evaluator {
    /// Starts with nobody.
    #[must_use]
    pub fn new(settings: &EvaluationSettings) -> Self {
        let EvaluationSettings { cut, horizon_days, target, currency } = *settings;
        let cut = Cut { at: cut, horizon_days, currency };
        let earlier = TrainingSettings { cut: cut.earlier().at, horizon_days, target, currency };
        Self { trainer: Trainer::new(&earlier), rows: Rows::new(cut), scorecard: Vec::new() }
    }

    /// Adds a customer, with the scorecard's chance that they leave after the cut.
    pub fn push(&mut self, history: &History, scorecard: f64) {
        self.trainer.push(history);
        if self.rows.push(history) {
            self.scorecard.push(scorecard);
        }
    }

    /// Trains, and judges. Returns the model that was trained for this, too.
    pub fn finish(self) -> Result<(EvaluationReport, TrainedModel), TrainingError> {
        let Self { trainer, rows, scorecard } = self;
        let (model, _) = trainer.finish()?;
        let target = model.target;
        let outcomes = Outcomes::of(&rows, target);
        let is_there = rows.facts.iter().map(|facts| facts.is_there[target.place()]);
        let scorecard =
            scorecard.into_iter().zip(is_there).filter_map(|(score, is)| is.then_some(score));
        let chances = model.chances(&rows);
        let calibration = calibration_table(&chances, &outcomes.lost, BINS);
        let opinions = opinions(&model, &outcomes, scorecard.collect(), chances);
        let report = EvaluationReport {
            cut: rows.cut.at.to_string(),
            horizon_days: model.horizon_days,
            target,
            customer_count: outcomes.lost.len() as u64,
            churn_count: outcomes.lost.iter().filter(|lost| **lost).count() as u64,
            models: opinions.iter().map(|opinion| outcomes.judge(opinion)).collect(),
            trained_version: model.version.clone(),
            calibration_error: calibration_error(&calibration).unwrap_or_default(),
            calibration,
        };
        Ok((report, model))
    }
}

impl TrainedModel {
    /// The chances of leaving of all customers who were there.
    fn chances(&self, rows: &Rows) -> Vec<f64> {
        let lesson = Lesson::of(rows, self.target, self.buying.as_ref());
        let raw = lesson.rows.rows().map(|row| self.churn.probability(row));
        raw.map(|raw| self.calibration.apply(raw)).collect()
    }
}

/// Everybody's opinions, the simplest first.
fn opinions(
    model: &TrainedModel,
    outcomes: &Outcomes<'_>,
    scorecard: Vec<f64>,
    chances: Vec<f64>,
) -> Vec<Opinion> {
    let facts = &outcomes.facts;
    let of = |what: fn(&Facts) -> f64| facts.iter().map(|facts| what(facts)).collect::<Vec<_>>();
    let (recency, frequency) = match model.target {
        Target::Purchase => {
            (of(|facts| facts.order_recency), of(|facts| -count(facts.order_count)))
        }
        Target::Activity => (of(|facts| facts.recency), of(|facts| -count(facts.act_count))),
    };
    let mut opinions = vec![
        Opinion::rank("recency", recency),
        Opinion::rank("frequency", frequency),
        Opinion::chance("scorecard", scorecard),
    ];
    opinions.extend(buying_opinions(model, facts));
    let mut trained = Opinion::chance(TRAINED, chances);
    if let Some(pareto) = opinions.iter().find(|opinion| opinion.name == "Pareto/NBD") {
        (trained.orders, trained.spend) = (pareto.orders.clone(), pareto.spend.clone());
    }
    opinions.push(trained);
    opinions
}

/// The models of buying, fitted to what was up to the cut.
fn buying_opinions(model: &TrainedModel, facts: &[&Facts]) -> Vec<Opinion> {
    let buyings: Vec<Buying> = facts.iter().filter_map(|facts| facts.buying).collect();
    let spendings: Vec<_> = facts.iter().filter_map(|facts| facts.spending).collect();
    let values = GammaGamma::fit(&spendings).ok().map(|fit| fit.model);
    let days = f64::from(model.horizon_days);
    let forecast = |name, expected: &dyn Fn(&Buying) -> f64| {
        let orders: Vec<f64> = facts
            .iter()
            .map(|facts| facts.buying.map_or(0.0, |buying| expected(&buying)))
            .collect();
        let spend = values.map(|values| {
            let means = facts.iter().map(|f| values.expected_mean(&f.spending.unwrap_or_default()));
            orders.iter().zip(means).map(|(orders, mean)| orders * mean).collect()
        });
        let leaving = orders.iter().map(|orders| -orders).collect();
        Opinion { name, leaving, is_chance: false, orders: Some(orders), spend }
    };
    let bg = BgNbd::fit(&buyings).ok().map(|fit| fit.model);
    let mbg = MbgNbd::fit(&buyings).ok().map(|fit| fit.model);
    let pareto = ParetoNbd::fit(&buyings).ok().map(|fit| fit.model);
    let opinions = [
        bg.map(|bg| forecast("BG/NBD", &|buying| bg.expected_purchases_of(buying, days))),
        mbg.map(|mbg| forecast("MBG/NBD", &|buying| mbg.expected_purchases_of(buying, days))),
        pareto.map(|model| forecast("Pareto/NBD", &|b| model.expected_purchases_of(b, days))),
    ];
    opinions.into_iter().flatten().collect()
}

impl Opinion {
    fn rank(name: &'static str, leaving: Vec<f64>) -> Self {
        Self { name, leaving, is_chance: false, orders: None, spend: None }
    }

    fn chance(name: &'static str, leaving: Vec<f64>) -> Self {
        Self { is_chance: true, ..Self::rank(name, leaving) }
    }
}

impl<'a> Outcomes<'a> {
    fn of(rows: &'a Rows, target: Target) -> Self {
        let facts: Vec<&Facts> = rows.of(target).map(|(_, facts)| facts).collect();
        Self {
            lost: facts.iter().map(|facts| facts.is_lost[target.place()]).collect(),
            orders: facts.iter().map(|facts| count(facts.later_orders)).collect(),
            spent: facts.iter().map(|facts| facts.later_spent).collect(),
            facts,
        }
    }

    fn judge(&self, opinion: &Opinion) -> ModelFigures {
        let staying: Vec<f64> = opinion.leaving.iter().map(|leaving| -leaving).collect();
        let worth = opinion.spend.as_ref().unwrap_or(&staying);
        let lost: Vec<f64> = self.lost.iter().map(|lost| one_if(*lost)).collect();
        let chance = opinion.is_chance.then(|| brier(&opinion.leaving, &self.lost));
        let error = |of: &Option<Vec<f64>>, actual: &[f64]| {
            of.as_ref().and_then(|predicted| mean_absolute_error(predicted, actual))
        };
        ModelFigures {
            name: opinion.name.to_owned(),
            auc: auc(&opinion.leaving, &self.lost),
            brier: chance.flatten(),
            order_error: error(&opinion.orders, &self.orders),
            spend_error: error(&opinion.spend, &self.spent),
            top_decile_capture: top_decile_capture(worth, &self.spent),
            gain: gain_curve(&opinion.leaving, &lost, GAIN_STEPS),
        }
    }
}
