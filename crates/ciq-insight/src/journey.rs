//! How far a customer has come, and what to do next.

use std::fmt;

use crate::features::Features;
use crate::intent::{Intent, IntentReason, IntentStatus};
use crate::number::percent;
use crate::scorecard::{Tie, credibility};
use crate::segment::Segment;

/// Views of the last 30 days from which on a customer considers something.
const CONSIDERED_VIEWS_MIN: u32 = 3;
/// An advocate has been a customer for this many days at least.
const ADVOCATE_TENURE_DAYS: u32 = 180;
/// Share of the score that staying makes.
const STAYING_SHARE: f64 = 0.45;
/// Share of the score that knowing the customer makes.
const STRENGTH_SHARE: f64 = 0.35;
/// Share of the score that habit makes, or wanting something where there is no habit yet.
const HABIT_SHARE: f64 = 0.2;

/// How far a customer has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Is known, and hardly acts.
    Awareness,
    /// Looks at things, wants some, and has bought none.
    Consideration,
    /// Has bought once, or has a contract for less than 30 days.
    Purchase,
    /// Buys again and again, or has a contract for longer.
    Retention,
    /// Has bought or has a contract, and is likelier to leave than to stay.
    AtRisk,
    /// A champion for long, who is satisfied and says so.
    Advocacy,
}

/// How far a customer has come, how well it goes, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journey {
    /// How far.
    pub stage: Stage,
    /// How well it goes, 0 to 100.
    pub score: u8,
    /// What to do next, in words.
    pub next_best_action: String,
}

/// Tells how far a customer has come. `churn` is 0 to 1. The stage follows from the segment: see
/// [`Segment::of`].
///
/// ```text
/// score = 100 * (0.45 * staying + 0.35 * strength + 0.2 * habit)
/// ```
///
/// For who has bought or has a contract, `staying` is `1 - churn` and `habit` is `n / (n + 2.5)` for n
/// orders or active days, whichever tie the customer to the brand. For who has not, there is half
/// as much to keep, and the strongest active intent stands for habit.
#[must_use]
pub fn journey(features: &Features, segment: Segment, churn: f64, intents: &[Intent]) -> Journey {
    let tie = Tie::of(features);
    let stage = stage(features, segment, tie, intents);
    Journey {
        stage,
        score: score(features, tie, churn, intents),
        next_best_action: next_best_action(features, stage, intents).to_owned(),
    }
}

impl Stage {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Awareness,
        Self::Consideration,
        Self::Purchase,
        Self::Retention,
        Self::AtRisk,
        Self::Advocacy,
    ];

    /// Returns its name, as tables and interfaces spell it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Awareness => "awareness",
            Self::Consideration => "consideration",
            Self::Purchase => "purchase",
            Self::Retention => "retention",
            Self::AtRisk => "at_risk",
            Self::Advocacy => "advocacy",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == text)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

fn stage(features: &Features, segment: Segment, tie: Tie, intents: &[Intent]) -> Stage {
    match segment {
        Segment::Prospect => {
            let wants = intents.iter().any(|intent| intent.status == IntentStatus::Active);
            let looks = features.view_count_30d >= CONSIDERED_VIEWS_MIN;
            if wants || looks { Stage::Consideration } else { Stage::Awareness }
        }
        Segment::Promising if tie == Tie::Buyer => Stage::Purchase,
        Segment::New => Stage::Purchase,
        Segment::Champion if is_satisfied_for_long(features) => Stage::Advocacy,
        Segment::Promising | Segment::Loyal | Segment::Champion => Stage::Retention,
        Segment::AtRisk | Segment::Hibernating | Segment::Lost => Stage::AtRisk,
    }
}

fn is_satisfied_for_long(features: &Features) -> bool {
    features.tenure_days.is_some_and(|days| days >= ADVOCATE_TENURE_DAYS)
        && features.ticket_counts.positive > features.ticket_counts.negative
        && features.open_complaint_count == 0
}

fn score(features: &Features, tie: Tie, churn: f64, intents: &[Intent]) -> u8 {
    let staying = 1.0 - churn;
    let (staying, habit) = match tie {
        Tie::Visitor => (staying / 2.0, f64::from(strongest(intents)) / 100.0),
        Tie::Buyer => (staying, credibility(features.frequency)),
        Tie::Subscriber => {
            (staying, credibility(features.active_day_count.max(features.payment_count)))
        }
    };
    let strength = f64::from(features.strength.min(100)) / 100.0;
    percent(STAYING_SHARE * staying + STRENGTH_SHARE * strength + HABIT_SHARE * habit)
}

fn strongest(intents: &[Intent]) -> u8 {
    let active = intents.iter().filter(|intent| intent.status == IntentStatus::Active);
    active.map(|intent| intent.score).max().unwrap_or_default()
}

fn next_best_action(features: &Features, stage: Stage, intents: &[Intent]) -> &'static str {
    // Trouble goes first, whatever the stage: an offer to someone who waits for an answer does harm.
    if features.is_cancelled {
        return "Ask why the customer left";
    }
    if features.open_complaint_count > 0 {
        return "Resolve the open complaint";
    }
    if features.open_billing_issue_count > 0 {
        return "Help to settle the failed payment";
    }
    match stage {
        Stage::Awareness => "Introduce the most popular products",
        Stage::Consideration => {
            let has_cart = intents.iter().any(|intent| {
                intent.status == IntentStatus::Active && intent.reason == IntentReason::Carted
            });
            if has_cart { "Remind of the products in the cart" } else { "Help to choose a product" }
        }
        Stage::Purchase => "Welcome the customer and ask how the start went",
        Stage::Retention => "Send personalized product recommendations",
        Stage::AtRisk => "Send an offer to come back",
        Stage::Advocacy => "Ask for a review or a referral",
    }
}
