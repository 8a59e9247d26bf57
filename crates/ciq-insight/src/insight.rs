//! All of it in one call.

use ciq_event::{Currency, Money};
use jiff::Timestamp;

use crate::features::{Features, features};
use crate::history::{Catalogue, History, ProductKey};
use crate::intent::{Intent, intents};
use crate::journey::{Journey, journey};
use crate::number::whole;
use crate::peers::Peers;
use crate::recommend::recommendations;
use crate::rfm::Rfm;
use crate::scorecard::{SCORECARD_VERSION, scorecard_churn, scorecard_lifetime_value};
use crate::segment::Segment;

/// A trained model's churn, 0 to 1. `None` where it cannot tell.
pub type TrainedChurn<'a> = &'a (dyn Fn(&History, Timestamp) -> Option<f64> + Sync);

/// A trained model's lifetime value: what was spent and what is expected, in minor units. `None`
/// where it cannot tell.
pub type TrainedLifetimeValue<'a> =
    &'a (dyn Fn(&History, Timestamp, Currency) -> Option<f64> + Sync);

/// What everything else is known about, the same for all customers of a brand.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The brand's currency.
    pub currency: Currency,
    /// What things are called.
    pub catalogue: &'a Catalogue,
    /// What others did.
    pub peers: &'a Peers,
    /// What predicts.
    pub model: ModelChoice<'a>,
}

/// What predicts churn and lifetime value.
#[derive(Clone, Copy)]
pub enum ModelChoice<'a> {
    /// The scorecard, for a brand with little history.
    Scorecard,
    /// A model that was trained on the brand's own history. Where it cannot tell, or what it tells
    /// is no number, the scorecard answers.
    Trained {
        /// The version that predictions name.
        version: &'a str,
        /// Its churn.
        churn: TrainedChurn<'a>,
        /// Its lifetime value.
        lifetime_value: TrainedLifetimeValue<'a>,
    },
}

/// What is foreseen for a customer.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// How likely the customer is to leave or to have left, 0 to 1.
    pub churn: f64,
    /// What the customer will have spent a year from now, what was spent so far included.
    pub lifetime_value: Money,
    /// The group of customers that this one belongs to.
    pub segment: Segment,
    /// What to show next: at most five, best first.
    pub recommendations: Vec<ProductKey>,
    /// The version of what predicted the churn: a trained model, or [`SCORECARD_VERSION`].
    pub model_version: String,
}

/// What a customer's history means as of a time.
#[derive(Debug, Clone, PartialEq)]
pub struct Insight {
    /// The figures.
    pub features: Features,
    /// Where the customer stands among the others. `None` without an order, or without others.
    pub rfm: Option<Rfm>,
    /// What is foreseen.
    pub prediction: Prediction,
    /// How far the customer has come.
    pub journey: Journey,
    /// What the customer wants.
    pub intents: Vec<Intent>,
}

/// Tells what a customer's history means as of a time.
#[must_use]
pub fn understand(history: &History, context: &Context<'_>, as_of: Timestamp) -> Insight {
    let features = features(history, as_of, context.currency);
    let rfm = context.peers.quintiles.as_ref().and_then(|quintiles| quintiles.score(&features));
    let (churn, model_version) = context.churn(history, &features, as_of);
    let segment = Segment::of(&features, rfm, churn);
    let intents = intents(history, as_of);
    let prediction = Prediction {
        churn,
        lifetime_value: context.lifetime_value(history, &features, (churn, as_of)),
        segment,
        recommendations: recommendations(
            history.orders_until(as_of),
            &features,
            &intents,
            context.peers,
        ),
        model_version: model_version.to_owned(),
    };
    let journey = journey(&features, segment, churn, &intents);
    Insight { features, rfm, prediction, journey, intents }
}

impl Context<'_> {
    fn churn(&self, history: &History, features: &Features, as_of: Timestamp) -> (f64, &str) {
        if let ModelChoice::Trained { version, churn, .. } = self.model
            && let Some(churn) = churn(history, as_of).filter(|churn| churn.is_finite())
        {
            return (churn.clamp(0.0, 1.0), version);
        }
        (scorecard_churn(features), SCORECARD_VERSION)
    }

    fn lifetime_value(
        &self,
        history: &History,
        features: &Features,
        at: (f64, Timestamp),
    ) -> Money {
        let (churn, as_of) = at;
        let spent = features.monetary;
        if let ModelChoice::Trained { lifetime_value, .. } = self.model
            && let Some(value) =
                lifetime_value(history, as_of, spent.currency).filter(|value| value.is_finite())
        {
            return Money { minor: whole(value).max(spent.minor), currency: spent.currency };
        }
        scorecard_lifetime_value(features, churn)
    }
}

impl std::fmt::Debug for ModelChoice<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Scorecard => f.write_str("Scorecard"),
            Self::Trained { version, .. } => write!(f, "Trained({version})"),
        }
    }
}
