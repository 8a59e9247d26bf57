//! Learning from a brand's own customers who will leave, and how well that works.
//!
//! [`train`] looks at histories as they were at a cut, and at what came in the days after it; the
//! [`TrainedModel`] says the same of later days. [`evaluate`] does so one horizon earlier, and
//! judges by what has come since: nothing that a model is judged by was seen when it was made.

mod count;
mod evaluation;
mod features;
mod model;
mod report;
mod rows;

use ciq_event::Currency;
use ciq_models::{
    Calibration, CalibrationBin, FitError, GammaGamma, Logistic, LogisticError, Matrix, ParetoNbd,
    auc, brier, calibration_table,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::history::History;
use rows::{Cut, Facts, Rows};

pub use evaluation::{EvaluationReport, EvaluationSettings, Evaluator, ModelFigures, evaluate};
pub use model::TrainedModel;

/// The horizon unless told otherwise: a month.
pub const HORIZON_DAYS_DEFAULT: u16 = 30;

/// So many customers have to be there, at least.
pub const CUSTOMERS_MIN: usize = 200;

/// So many of them have to have left, and so many stayed, at least. About ten to twenty for each
/// feature that matters are usual advice (Peduzzi and others 1996).
pub const LEAVERS_MIN: usize = 30;

/// Calibration is learned from rows that the model has not seen: a fifth at a time.
const FOLDS: usize = 5;

/// The ridge: what columns that say nearly the same need. Tenfold more or less changes little.
const PENALTY: f64 = 10.0;

/// Where less than one customer in so many used the product, leaving is about orders.
const USERS_ONE_IN: usize = 5;

/// Bins of calibration tables.
const BINS: usize = 10;

/// Numbers of a row: those of the history, and those of the model of buying.
const COLUMN_COUNT: usize = features::WIDTH + BUYING_NAMES.len();

/// What the model of buying adds.
const BUYING_NAMES: [&str; 3] = ["expected orders", "chance of no order", "chance of still buying"];

/// What counts as leaving.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// No order within the horizon, by customers who ordered before.
    Purchase,
    /// No act and no order of any kind within the horizon, or a cancellation after which nothing
    /// came, by customers who did anything within a horizon before, and had not cancelled.
    Activity,
}

/// What to learn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrainingSettings {
    /// What was up to then is known, what came after is the answer. Histories have to reach at least
    /// a horizon further.
    pub cut: Timestamp,
    /// How many days count as soon: [`HORIZON_DAYS_DEFAULT`] mostly.
    pub horizon_days: u16,
    /// What counts as leaving. `None` leaves it to the data: orders where hardly anybody uses the
    /// product and there are orders, else activity.
    pub target: Option<Target>,
    /// The currency of amounts. Orders in others do not count as spending.
    pub currency: Currency,
}

/// Histories on their way to a model, one at a time: of each, only a row of numbers is kept.
#[derive(Debug, Clone)]
pub struct Trainer {
    /// When the first of all customers came.
    first_at: Option<Timestamp>,
    target: Option<Target>,
    rows: Rows,
}

/// What training saw.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainingReport {
    /// Customers learned from.
    pub customer_count: u64,
    /// Those of them who left.
    pub churn_count: u64,
    /// The area under the curve of customers that the model had not seen, by cross-validation.
    pub auc: f64,
    /// The mean square error of the chances of such customers.
    pub brier: f64,
    /// Their chances against what came true.
    pub calibration: Vec<CalibrationBin>,
    /// What the model looks at, by weight: the change of the log-odds of leaving for each standard
    /// deviation.
    pub weights: Vec<(String, f64)>,
    /// Why orders could not be foreseen, if so.
    pub buying_problem: Option<String>,
}

/// Why nothing was learned, or not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrainingError {
    /// There is too little to learn from.
    #[error(
        "not enough history: {customers} customers, {left} of whom left, where {customers_min} are \
         needed, and {left_min} who left and as many who stayed"
    )]
    NotEnough {
        /// Customers who were there.
        customers: usize,
        /// Those of them who left.
        left: usize,
        /// How many customers are needed.
        customers_min: usize,
        /// How many who left are needed, and how many who stayed.
        left_min: usize,
    },
    /// What is known before the cut is too short for the horizon.
    #[error(
        "not enough history: {known_days} days are known before {cut}, and {needed_days} are \
         needed: choose a later cut or a shorter horizon"
    )]
    TooShort {
        /// The cut that the model would learn at.
        cut: Timestamp,
        /// Days known before it.
        known_days: i64,
        /// Days needed.
        needed_days: i64,
    },
    /// The fit failed.
    #[error("could not fit the churn model")]
    Fit(#[source] LogisticError),
    /// The text is no model.
    #[error("could not read the trained model: {0}")]
    Unreadable(String),
    /// The model looks at other features than this version does: train again.
    #[error("could not use the trained model: it looks at {found} features, not {COLUMN_COUNT}")]
    OtherFeatures {
        /// How many it looks at.
        found: usize,
    },
}

/// Learns from histories. See [`Trainer`] for those that do not fit into memory.
pub fn train(
    histories: &[History],
    settings: &TrainingSettings,
) -> Result<(TrainedModel, TrainingReport), TrainingError> {
    let mut trainer = Trainer::new(settings);
    for history in histories {
        trainer.push(history);
    }
    trainer.finish()
}

impl Target {
    const fn place(self) -> usize {
        match self {
            Self::Purchase => 0,
            Self::Activity => 1,
        }
    }
}

impl Trainer {
    /// Starts with nobody.
    #[must_use]
    pub fn new(settings: &TrainingSettings) -> Self {
        let TrainingSettings { cut, horizon_days, target, currency } = *settings;
        Self { first_at: None, target, rows: Rows::new(Cut { at: cut, horizon_days, currency }) }
    }

    /// Adds a customer. Who had not come by the cut is left out.
    pub fn push(&mut self, history: &History) {
        let first_at = history.first_event_at.or(history.orders.first().map(|order| order.at));
        self.first_at = match (self.first_at, first_at) {
            (Some(held), Some(at)) => Some(held.min(at)),
            (held, at) => held.or(at),
        };
        self.rows.push(history);
    }

    /// Half a horizon has to be known before the cut: from a few days nothing can be learned about
    /// months.
    fn check_span(&self) -> Result<(), TrainingError> {
        let Cut { at, horizon_days, .. } = self.rows.cut;
        let first_at = self.first_at.unwrap_or(at);
        let known_days = at.duration_since(first_at).as_hours() / 24;
        let needed_days = i64::from(horizon_days) / 2;
        if known_days >= needed_days {
            return Ok(());
        }
        Err(TrainingError::TooShort { cut: at, known_days: known_days.max(0), needed_days })
    }

    /// Learns.
    pub fn finish(self) -> Result<(TrainedModel, TrainingReport), TrainingError> {
        self.check_span()?;
        let target = self.target.unwrap_or_else(|| target_of(&self.rows));
        let (buying, spending, buying_problem) = fit_orders(&self.rows.facts);
        let lesson = Lesson::of(&self.rows, target, buying.as_ref());
        lesson.check()?;
        let foreseen = lesson.cross_validated()?;
        let calibration =
            Calibration::fit(&foreseen, &lesson.labels).map_err(TrainingError::Fit)?;
        let churn = lesson.fit(|_| true)?;
        let calibrated: Vec<f64> = foreseen.iter().map(|raw| calibration.apply(*raw)).collect();
        let report = TrainingReport {
            customer_count: lesson.labels.len() as u64,
            churn_count: lesson.lost() as u64,
            auc: auc(&calibrated, &lesson.labels).unwrap_or(0.5),
            brier: brier(&calibrated, &lesson.labels).unwrap_or_default(),
            calibration: calibration_table(&calibrated, &lesson.labels, BINS),
            weights: named_weights(&churn),
            buying_problem: buying_problem.map(|error| error.to_string()),
        };
        let cut = self.rows.cut;
        let model = TrainedModel {
            version: String::new(),
            target,
            horizon_days: cut.horizon_days,
            churn,
            calibration,
            buying,
            spending,
            currency: cut.currency,
            trained_at_cut: cut.at,
            customer_count: report.customer_count,
        };
        Ok((model.with_version(), report))
    }
}

/// Orders where hardly anybody uses the product, else activity.
fn target_of(rows: &Rows) -> Target {
    let users = rows.facts.iter().filter(|facts| facts.is_user).count();
    let has_orders = rows.facts.iter().any(|facts| facts.buying.is_some());
    let hardly_used = users * USERS_ONE_IN < rows.facts.len();
    if has_orders && hardly_used { Target::Purchase } else { Target::Activity }
}

/// When orders come and what they cost, where there are enough of them.
fn fit_orders(facts: &[Facts]) -> (Option<ParetoNbd>, Option<GammaGamma>, Option<FitError>) {
    let buyings: Vec<_> = facts.iter().filter_map(|facts| facts.buying).collect();
    let spendings: Vec<_> = facts.iter().filter_map(|facts| facts.spending).collect();
    let (buying, spending) = (ParetoNbd::fit(&buyings), GammaGamma::fit(&spendings));
    let problem = buying.as_ref().err().or(spending.as_ref().err()).copied();
    (buying.ok().map(|fit| fit.model), spending.ok().map(|fit| fit.model), problem)
}

/// Rows and answers of one target.
struct Lesson {
    rows: Matrix,
    labels: Vec<bool>,
}

impl Lesson {
    fn of(rows: &Rows, target: Target, buying: Option<&ParetoNbd>) -> Self {
        let mut lesson = Self { rows: Matrix::new(COLUMN_COUNT), labels: Vec::new() };
        let horizon_days = f64::from(rows.cut.horizon_days);
        let mut full = Vec::with_capacity(COLUMN_COUNT);
        for (row, facts) in rows.of(target) {
            full.clear();
            full.extend_from_slice(row);
            full.extend(model::buying_features(buying, facts.buying, horizon_days));
            lesson.rows.push(&full);
            lesson.labels.push(facts.is_lost[target.place()]);
        }
        lesson
    }

    fn lost(&self) -> usize {
        self.labels.iter().filter(|label| **label).count()
    }

    fn check(&self) -> Result<(), TrainingError> {
        let (customers, left) = (self.labels.len(), self.lost());
        if customers < CUSTOMERS_MIN || left.min(customers - left) < LEAVERS_MIN {
            return Err(TrainingError::NotEnough {
                customers,
                left,
                customers_min: CUSTOMERS_MIN,
                left_min: LEAVERS_MIN,
            });
        }
        Ok(())
    }

    /// Fits to some of the rows, by their places.
    fn fit(&self, is_in: impl Fn(usize) -> bool) -> Result<Logistic, TrainingError> {
        let mut rows = Matrix::new(COLUMN_COUNT);
        let mut labels = Vec::new();
        for (place, (row, label)) in self.rows.rows().zip(&self.labels).enumerate() {
            if is_in(place) {
                rows.push(row);
                labels.push(*label);
            }
        }
        Logistic::fit(&rows, &labels, PENALTY).map_err(TrainingError::Fit)
    }

    /// What each row is given by a model that has not seen it.
    fn cross_validated(&self) -> Result<Vec<f64>, TrainingError> {
        let fit = |fold| self.fit(move |place| place % FOLDS != fold);
        let models = (0..FOLDS).map(fit).collect::<Result<Vec<_>, _>>()?;
        let rows = self.rows.rows().zip(models.iter().cycle());
        Ok(rows.map(|(row, model)| model.probability(row)).collect())
    }
}

/// The weights by size, the greatest first.
fn named_weights(model: &Logistic) -> Vec<(String, f64)> {
    let names = features::NAMES.iter().chain(&BUYING_NAMES);
    let mut weights: Vec<(String, f64)> =
        names.map(|name| (*name).to_owned()).zip(model.weights.iter().copied()).collect();
    weights.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    weights
}
