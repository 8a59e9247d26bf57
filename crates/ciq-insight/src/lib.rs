//! What customers' histories mean, in reading order:
//!
//! - [`History`]: what a customer did; [`features`]: the figures of it as of a time;
//! - [`Quintiles`] and [`Rfm`]: where a customer stands among the others; [`Peers`]: what the others
//!   bought;
//! - [`scorecard_churn`] and [`scorecard_lifetime_value`]: predictions of a brand with little
//!   history of its own;
//! - [`Segment`], [`Journey`], [`intents`], [`recommendations`] and [`abandoned_carts`];
//! - [`understand`]: all of it in one call;
//! - [`train`] and [`evaluate`]: a model of a brand's own history, and how well it foresees.
//!
//! Pure: a history and a time in, figures out. What is later than the time does not count.

mod carts;
mod features;
mod history;
mod insight;
mod intent;
mod journey;
mod number;
mod peers;
mod recommend;
mod rfm;
mod scorecard;
mod segment;
mod training;

pub use carts::{AbandonedCart, abandoned_carts, open_carts};
pub use features::{Features, TicketCounts, features, features_json};
pub use history::{
    Act, ActKind, Catalogue, CategoryKey, History, Item, Order, ProductKey, Sentiment,
};
pub use insight::{
    Context, Insight, ModelChoice, Prediction, TrainedChurn, TrainedLifetimeValue, understand,
};
pub use intent::{Intent, IntentReason, IntentStatus, intents};
pub use journey::{Journey, Stage, journey};
pub use peers::{Peers, PeersBuilder, PeersError};
pub use recommend::recommendations;
pub use rfm::{Quintiles, Rfm};
pub use scorecard::{SCORECARD_VERSION, scorecard_churn, scorecard_lifetime_value};
pub use segment::Segment;
pub use training::{
    CUSTOMERS_MIN, EvaluationReport, EvaluationSettings, Evaluator, HORIZON_DAYS_DEFAULT,
    LEAVERS_MIN, ModelFigures, Target, TrainedModel, Trainer, TrainingError, TrainingReport,
    TrainingSettings, evaluate, train,
};
