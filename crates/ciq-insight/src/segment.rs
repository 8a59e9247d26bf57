//! Which group a customer belongs to.

use std::fmt;

use crate::features::Features;
use crate::rfm::Rfm;
use crate::scorecard::Tie;

/// From this churn on a customer is at risk: leaving is likelier than staying.
const AT_RISK_CHURN_MIN: f64 = 0.5;
/// From this churn on a customer may count as lost.
const LOST_CHURN_MIN: f64 = 0.95;
/// A customer who was silent for fewer days than this is not lost yet, but for a cancellation: half
/// a year.
const LOST_SILENT_DAYS: u32 = 180;
/// Up to this churn a customer may be a champion.
const CHAMPION_CHURN_MAX: f64 = 0.15;
/// From this many orders on a buyer may be a champion.
const CHAMPION_ORDERS_MIN: u32 = 5;
/// From this fifth on a champion's spend is high: the upper two.
const CHAMPION_MONETARY_MIN: u8 = 4;
/// From this many days on a subscriber may be a champion: a year.
const CHAMPION_TENURE_DAYS: u32 = 365;
/// A customer is new for this many days.
const NEW_DAYS: u32 = 30;
/// A subscriber is loyal after this many days: a quarter.
const LOYAL_TENURE_DAYS: u32 = 90;

/// Which group a customer belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    /// Has bought nothing yet, and has no contract.
    Prospect,
    /// Has bought once, in the last 30 days; or has a contract that is no older.
    New,
    /// Has bought once, longer ago, and may well come back; or has a contract for less than 90 days.
    Promising,
    /// Buys again and again, or has a contract for long.
    Loyal,
    /// Loyal, at hardly any risk, and of high value.
    Champion,
    /// Was a repeat customer, and is likelier to leave than to stay.
    AtRisk,
    /// Has bought once, and is likelier to be gone than not.
    Hibernating,
    /// Is all but certain to be gone.
    Lost,
}

impl Segment {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Prospect,
        Self::New,
        Self::Promising,
        Self::Loyal,
        Self::Champion,
        Self::AtRisk,
        Self::Hibernating,
        Self::Lost,
    ];

    /// Tells the segment of a customer with a churn, 0 to 1.
    ///
    /// A champion among buyers has five orders, a churn of at most 0.15 and, where `rfm` says how
    /// others spend, a spend in the upper two fifths; among subscribers a year of contract, the
    /// same churn and more booked than dropped. At risk begins at a churn of 0.5; lost at 0.95, after
    /// half a year of silence or with a cancellation. Who bought for the first time is new for 30
    /// days, whatever the churn.
    #[must_use]
    pub fn of(features: &Features, rfm: Option<Rfm>, churn: f64) -> Self {
        match Tie::of(features) {
            Tie::Visitor => Self::Prospect,
            Tie::Buyer | Tie::Subscriber if is_lost(features, churn) => Self::Lost,
            Tie::Buyer => Self::of_buyer(features, rfm, churn),
            Tie::Subscriber => Self::of_subscriber(features, churn),
        }
    }

    /// Returns its name, as tables and interfaces spell it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Prospect => "prospect",
            Self::New => "new",
            Self::Promising => "promising",
            Self::Loyal => "loyal",
            Self::Champion => "champion",
            Self::AtRisk => "at_risk",
            Self::Hibernating => "hibernating",
            Self::Lost => "lost",
        }
    }

    /// Reads a name, also one that ends in `_customer`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let name = text.strip_suffix("_customer").unwrap_or(text);
        Self::ALL.into_iter().find(|segment| segment.name() == name)
    }

    fn of_buyer(features: &Features, rfm: Option<Rfm>, churn: f64) -> Self {
        let is_repeat = features.frequency > 1;
        if !is_repeat && features.recency_days.is_some_and(|days| days < NEW_DAYS) {
            return Self::New;
        }
        if churn >= AT_RISK_CHURN_MIN {
            return if is_repeat { Self::AtRisk } else { Self::Hibernating };
        }
        if !is_repeat {
            return Self::Promising;
        }
        let spends_much = rfm.is_none_or(|rfm| rfm.monetary >= CHAMPION_MONETARY_MIN);
        let is_champion = features.frequency >= CHAMPION_ORDERS_MIN && churn <= CHAMPION_CHURN_MAX;
        if is_champion && spends_much { Self::Champion } else { Self::Loyal }
    }

    fn of_subscriber(features: &Features, churn: f64) -> Self {
        let tenure_days = features.tenure_days.unwrap_or_default();
        let is_growing = features.upgrade_count > features.downgrade_count;
        if churn >= AT_RISK_CHURN_MIN {
            Self::AtRisk
        } else if tenure_days < NEW_DAYS {
            Self::New
        } else if tenure_days < LOYAL_TENURE_DAYS {
            Self::Promising
        } else if is_growing && tenure_days >= CHAMPION_TENURE_DAYS && churn <= CHAMPION_CHURN_MAX {
            Self::Champion
        } else {
            Self::Loyal
        }
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

fn is_lost(features: &Features, churn: f64) -> bool {
    let silent_days = features.days_since_any.unwrap_or_default();
    churn >= LOST_CHURN_MIN && (features.is_cancelled || silent_days >= LOST_SILENT_DAYS)
}
