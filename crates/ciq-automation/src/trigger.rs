//! What sets an automation off.

mod occasion;
mod read;

use ciq_event::Severity;
use jiff::SignedDuration;

/// What sets an automation off.
///
/// A trigger of a moment (a cart left, a visit, a segment entered, an intent, a milestone) names
/// the occasion, and one occasion fires once for ever. A trigger of a state (a churn risk, a long
/// silence, an open intervention) fires again after each cool-down, as long as the state lasts.
#[derive(Debug, Clone, PartialEq)]
pub enum Trigger {
    /// The probability of leaving is high. A state.
    ChurnRisk {
        /// From which probability on, 0 to 1.
        threshold: f64,
    },
    /// The customer spent so much in all. A moment.
    LtvMilestone {
        /// The amount in ten-thousandths of the currency's unit: 500 is `5_000_000`.
        amount_e4: i64,
        /// Only for amounts in this currency (ISO 4217).
        currency: Option<String>,
    },
    /// A product was left in the cart. A moment.
    CartAbandonment {
        /// It counts once it is longer ago than that.
        after: SignedDuration,
        /// How long ago at most.
        within: SignedDuration,
    },
    /// The customer seems to want a product. A moment: the beginning of the intent.
    ProductIntent {
        /// How much at least, 0 to 100.
        min_score: u8,
        /// Only this product, by name in any case.
        product: Option<String>,
        /// Only products of this category, by name in any case.
        category: Option<String>,
    },
    /// The customer has not done anything for long. A state.
    ReEngagement {
        /// For how many days at least.
        inactive_days: u32,
    },
    /// The customer was in a store. A moment.
    StoreVisit {
        /// Only this store, by its name or id in any case.
        store: Option<String>,
        /// How long ago at most.
        within: SignedDuration,
    },
    /// The customer came into a segment. A moment.
    SegmentEntered {
        /// Which segment.
        segment: String,
        /// How long ago at most.
        within: SignedDuration,
    },
    /// An intervention is open. A state.
    Intervention {
        /// Only of this kind.
        kind: Option<String>,
        /// Only from this severity on.
        min_severity: Option<Severity>,
    },
}

impl Trigger {
    /// Returns the name of the type, such as `cart_abandonment`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::ChurnRisk { .. } => "churn_risk",
            Self::LtvMilestone { .. } => "ltv_milestone",
            Self::CartAbandonment { .. } => "cart_abandonment",
            Self::ProductIntent { .. } => "product_intent",
            Self::ReEngagement { .. } => "re_engagement",
            Self::StoreVisit { .. } => "store_visit",
            Self::SegmentEntered { .. } => "segment_entered",
            Self::Intervention { .. } => "intervention",
        }
    }

    /// Returns what templates may name with this trigger only.
    pub(crate) fn provides(&self) -> &'static [&'static str] {
        match self {
            Self::CartAbandonment { .. } => &["category", "price", "product"],
            Self::ProductIntent { .. } => &["category", "product"],
            Self::StoreVisit { .. } => &["store"],
            Self::ChurnRisk { .. }
            | Self::LtvMilestone { .. }
            | Self::ReEngagement { .. }
            | Self::SegmentEntered { .. }
            | Self::Intervention { .. } => &[],
        }
    }
}
