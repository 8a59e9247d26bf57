//! A trained model: parameters, and what they say of a history.

use ciq_event::Currency;
use ciq_models::{Buying, Calibration, GammaGamma, Logistic, ParetoNbd, Spending};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::features::churn_features;
use super::rows::{Cut, buying, is_there, spending};
use super::{Target, TrainingError};
use crate::history::History;
use crate::number::float;

/// How far the lifetime value looks ahead: twelve months, in days.
const VALUE_DAYS: f64 = 365.0;

/// Parameters that were learned from a brand's own customers. Small: some 150 numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainedModel {
    /// `trained-`, the date of the cut, and a hash of the parameters.
    pub version: String,
    /// What counts as leaving.
    pub target: Target,
    /// In how many days.
    pub horizon_days: u16,
    /// From features to a raw chance of leaving.
    pub churn: Logistic,
    /// From the raw chance to one that comes true.
    pub calibration: Calibration,
    /// When orders come, in days. `None` where there were too few orders to tell.
    pub buying: Option<ParetoNbd>,
    /// What orders cost, in minor units of `currency`. `None` like `buying`.
    pub spending: Option<GammaGamma>,
    /// The currency that amounts were learned in.
    #[serde(with = "as_text")]
    pub currency: Currency,
    /// What is later than this was not seen, but as an answer.
    #[serde(with = "as_text")]
    pub trained_at_cut: Timestamp,
    /// From how many customers it learned.
    pub customer_count: u64,
}

impl TrainedModel {
    /// Returns the chance that the customer leaves within the horizon after a time, from 0 to 1.
    ///
    /// `None` where the model has no say: without an order where leaving is about orders; without an
    /// act or order in the horizon before, or once the customer has cancelled, where it is about
    /// activity. Such customers have left already, and the model has not learned from any.
    #[must_use]
    pub fn churn(&self, history: &History, as_of: Timestamp) -> Option<f64> {
        let Self { horizon_days, currency, .. } = *self;
        if !is_there(history, self.target, &Cut { at: as_of, horizon_days, currency }) {
            return None;
        }
        let orders = history.orders_until(as_of);
        let mut row = churn_features(history, as_of, currency);
        let buying = buying(orders, as_of);
        row.extend(buying_features(self.buying.as_ref(), buying, f64::from(horizon_days)));
        Some(self.calibration.apply(self.churn.probability(&row)))
    }

    /// Returns what the customer has spent and is expected to spend in the next twelve months, in
    /// minor units: `spent + E[orders] · E[value of an order]`, without discount (Fader, Hardie, Lee
    /// 2005, "RFM and CLV", with the Pareto/NBD and gamma-gamma models).
    ///
    /// `None` without an order, where orders were too few to learn from, and in a currency other
    /// than what was learned.
    #[must_use]
    pub fn lifetime_value(
        &self,
        history: &History,
        as_of: Timestamp,
        currency: Currency,
    ) -> Option<f64> {
        let spent = history.spent_until(as_of, currency);
        if currency != self.currency || spent.currency != currency {
            return None;
        }
        let orders = history.orders_until(as_of);
        let buying = buying(orders, as_of)?;
        let expected = self.expected_spend(&buying, spending(orders, currency), VALUE_DAYS)?;
        Some(float(spent.minor) + expected)
    }

    /// What is expected in so many days, in minor units.
    pub(super) fn expected_spend(
        &self,
        buying: &Buying,
        spending: Option<Spending>,
        in_days: f64,
    ) -> Option<f64> {
        let (model, values) = (self.buying.as_ref()?, self.spending.as_ref()?);
        let mean = values.expected_mean(&spending.unwrap_or_default());
        let expected = model.expected_purchases_of(buying, in_days) * mean;
        expected.is_finite().then_some(expected)
    }

    /// Returns the model as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Numbers, texts and lists: there is nothing that JSON could not say.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads what [`Self::to_json`] wrote.
    pub fn from_json(text: &str) -> Result<Self, TrainingError> {
        let model: Self = serde_json::from_str(text)
            .map_err(|error| TrainingError::Unreadable(error.to_string()))?;
        let width = model.churn.weights.len();
        let is_whole = width == super::COLUMN_COUNT
            && model.churn.means.len() == width
            && model.churn.scales.len() == width;
        if is_whole { Ok(model) } else { Err(TrainingError::OtherFeatures { found: width }) }
    }

    /// Names the model after its content.
    pub(super) fn with_version(self) -> Self {
        let nameless = Self { version: String::new(), ..self };
        let hash = fnv1a(nameless.to_json().as_bytes());
        let date = nameless.trained_at_cut.strftime("%Y-%m-%d");
        Self { version: format!("trained-{date}-{hash:08x}"), ..nameless }
    }
}

/// What the model of buying adds to the features: expected orders in the horizon, as a logarithm,
/// and the chance that there will ever be one. Zeros where it has nothing to say.
pub(super) fn buying_features(
    model: Option<&ParetoNbd>,
    buying: Option<Buying>,
    horizon_days: f64,
) -> [f64; 3] {
    let (Some(model), Some(buying)) = (model, buying) else { return [0.0; 3] };
    let expected = model.expected_purchases_of(&buying, horizon_days).max(1e-9);
    // The chance of none, were orders to come at random at that rate.
    let none = (-expected).exp();
    let alive = model.probability_alive(&buying);
    [expected.ln(), none, alive].map(|value| if value.is_finite() { value } else { 0.0 })
}

/// The hash of Fowler, Noll and Vo (FNV-1a, 32 bits): short, and the same for ever.
fn fnv1a(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

/// Times and currencies as text.
mod as_text {
    use ciq_event::Currency;
    use jiff::Timestamp;
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    /// What has a text form.
    pub(super) trait Text: Sized {
        fn text(&self) -> String;
        fn parsed(text: &str) -> Result<Self, String>;
    }

    impl Text for Timestamp {
        fn text(&self) -> String {
            self.to_string()
        }

        fn parsed(text: &str) -> Result<Self, String> {
            text.parse().map_err(|error: jiff::Error| error.to_string())
        }
    }

    impl Text for Currency {
        fn text(&self) -> String {
            self.as_str().to_owned()
        }

        fn parsed(text: &str) -> Result<Self, String> {
            Self::parse(text).map_err(|error| error.to_string())
        }
    }

    pub(super) fn serialize<T: Text, S: Serializer>(
        value: &T,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&value.text())
    }

    pub(super) fn deserialize<'de, T: Text, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        let text = String::deserialize(deserializer)?;
        T::parsed(&text).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::fnv1a;

    #[test]
    fn the_hash_is_the_published_one() {
        // From the test vectors of draft-eastlake-fnv.
        assert_eq!(fnv1a(b""), 0x811c_9dc5);
        assert_eq!(fnv1a(b"a"), 0xe40c_292c);
        assert_eq!(fnv1a(b"foobar"), 0xbf9c_f968);
    }
}
