//! For which occasion a trigger fires, and whether that occasion still stands.

use std::cmp::Reverse;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Trigger;
use super::read::amount_text;
use crate::template::money;
use crate::{CartFact, Facts, IntentFact, InterventionFact, Triggered};

/// What makes a trigger fire.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Occasion {
    /// The same text for the same occasion, whenever it is looked at.
    pub(crate) name: String,
    pub(crate) evidence: Value,
}

impl Trigger {
    /// Returns the occasions there are, the latest first.
    ///
    /// An occasion of a state is named after the execution before it (`latest_at`). Two looks at the
    /// same past thus name the same occasion, and only one of them can be written down.
    pub(crate) fn occasions(
        &self,
        facts: &Facts,
        latest_at: Option<Timestamp>,
        as_of: Timestamp,
    ) -> Vec<Occasion> {
        let state = |name: String, evidence: Value| {
            let turn = latest_at.map_or("first".to_owned(), |at| format!("after:{at}"));
            Occasion { name: format!("{name}:{turn}"), evidence }
        };
        match self {
            Self::ChurnRisk { threshold } => {
                let evidence = || json!({"churn": facts.churn, "threshold": threshold});
                let is_met = is_churn_met(facts, *threshold);
                is_met.then(|| state("churn_risk".to_owned(), evidence())).into_iter().collect()
            }
            Self::ReEngagement { inactive_days } => {
                let at = facts.last_event_at.filter(|at| is_inactive(*at, *inactive_days, as_of));
                at.map(|at| {
                    let evidence =
                        json!({"last_event_at": at.to_string(), "inactive_days": inactive_days});
                    state("re_engagement".to_owned(), evidence)
                })
                .into_iter()
                .collect()
            }
            Self::Intervention { .. } => {
                let mut open: Vec<&InterventionFact> = facts
                    .interventions
                    .iter()
                    .filter(|open| self.wants_intervention(open))
                    .collect();
                open.sort_by_key(|open| Reverse((open.severity, open.opened_at)));
                let named = |open: &&InterventionFact| {
                    let evidence = json!({
                        "kind": open.kind,
                        "severity": open.severity.name(),
                        "opened_at": open.opened_at.to_string(),
                    });
                    state(intervention_name(open), evidence)
                };
                open.iter().map(named).collect()
            }
            _ => self.moments(facts, as_of),
        }
    }

    fn moments(&self, facts: &Facts, as_of: Timestamp) -> Vec<Occasion> {
        let is_within = |at: Timestamp, within| at <= as_of && as_of.duration_since(at) <= within;
        match self {
            Self::LtvMilestone { .. } => {
                let name = self.milestone_name().filter(|_| self.is_milestone_reached(facts));
                let spent = || money(facts.spent_minor, facts.currency_digits, &facts.currency);
                name.map(|name| Occasion { name, evidence: json!({"spent": spent()}) })
                    .into_iter()
                    .collect()
            }
            Self::CartAbandonment { after, within } => {
                let is_left = |cart: &&CartFact| {
                    is_within(cart.added_at, *within)
                        && as_of.duration_since(cart.added_at) > *after
                        && is_latest_add(facts, cart)
                };
                let mut carts: Vec<&CartFact> = facts.carts.iter().filter(is_left).collect();
                carts.sort_by_key(|cart| Reverse((cart.added_at, &cart.product_name)));
                carts.into_iter().map(|cart| cart_occasion(cart, facts)).collect()
            }
            Self::ProductIntent { .. } => {
                let is_wanted =
                    |intent: &&IntentFact| intent.first_at <= as_of && self.wants_intent(intent);
                let mut intents: Vec<&IntentFact> =
                    facts.intents.iter().filter(is_wanted).collect();
                intents.sort_by_key(|intent| {
                    Reverse((intent.score, intent.last_at, &intent.product_name))
                });
                intents.into_iter().map(intent_occasion).collect()
            }
            Self::StoreVisit { within, .. } => {
                let at = facts.last_store_visit_at.filter(|at| is_within(*at, *within));
                at.filter(|_| self.wants_store(facts))
                    .map(|at| Occasion {
                        name: format!("visit:{at}"),
                        evidence: json!({"store": facts.store_visit_store, "at": at.to_string()}),
                    })
                    .into_iter()
                    .collect()
            }
            Self::SegmentEntered { segment, within } => {
                let since = segment_since(facts, segment).filter(|at| is_within(*at, *within));
                since
                    .map(|at| Occasion {
                        name: segment_name(segment, at),
                        evidence: json!({
                            "segment": segment,
                            "previous_segment": facts.previous_segment,
                            "since": at.to_string(),
                        }),
                    })
                    .into_iter()
                    .collect()
            }
            Self::ChurnRisk { .. } | Self::ReEngagement { .. } | Self::Intervention { .. } => {
                Vec::new()
            }
        }
    }

    /// Tells whether the very occasion of an execution still stands. How long ago it was does not
    /// matter here: that is for the sender to limit.
    pub(crate) fn still_holds(&self, facts: &Facts, fired: &Triggered, as_of: Timestamp) -> bool {
        let occasion = fired.occasion.as_str();
        match self {
            Self::ChurnRisk { threshold } => {
                occasion.starts_with("churn_risk:") && is_churn_met(facts, *threshold)
            }
            Self::ReEngagement { inactive_days } => {
                let is_met =
                    facts.last_event_at.is_some_and(|at| is_inactive(at, *inactive_days, as_of));
                occasion.starts_with("re_engagement:") && is_met
            }
            Self::Intervention { .. } => facts
                .interventions
                .iter()
                .filter(|open| self.wants_intervention(open))
                .any(|open| occasion.starts_with(&format!("{}:", intervention_name(open)))),
            Self::LtvMilestone { .. } => {
                self.milestone_name().as_deref() == Some(occasion)
                    && self.is_milestone_reached(facts)
            }
            Self::CartAbandonment { after, .. } => facts.carts.iter().any(|cart| {
                cart_name(cart) == occasion
                    && is_latest_add(facts, cart)
                    && as_of.duration_since(cart.added_at) > *after
            }),
            Self::ProductIntent { .. } => facts
                .intents
                .iter()
                .any(|intent| intent_name(intent) == occasion && self.wants_intent(intent)),
            // A visit stays a visit. A later one does not undo it.
            Self::StoreVisit { .. } => facts.last_store_visit_at.is_some_and(|latest| {
                let at =
                    occasion.strip_prefix("visit:").and_then(|at| at.parse::<Timestamp>().ok());
                at.is_some_and(|at| at < latest || (at == latest && self.wants_store(facts)))
            }),
            Self::SegmentEntered { segment, .. } => segment_since(facts, segment)
                .is_some_and(|at| segment_name(segment, at) == occasion),
        }
    }

    fn wants_intervention(&self, open: &InterventionFact) -> bool {
        let Self::Intervention { kind, min_severity } = self else { return false };
        kind.as_ref().is_none_or(|kind| *kind == open.kind)
            && min_severity.is_none_or(|min| open.severity >= min)
    }

    fn wants_intent(&self, intent: &IntentFact) -> bool {
        let Self::ProductIntent { min_score, product, category } = self else { return false };
        let is_category = |wanted: &String| {
            intent.category.as_ref().is_some_and(|category| is_same_name(category, wanted))
        };
        intent.score >= *min_score
            && product.as_ref().is_none_or(|wanted| is_same_name(&intent.product_name, wanted))
            && category.as_ref().is_none_or(is_category)
    }

    fn wants_store(&self, facts: &Facts) -> bool {
        let Self::StoreVisit { store, .. } = self else { return false };
        let visited = facts.store_visit_store.as_ref();
        store
            .as_ref()
            .is_none_or(|wanted| visited.is_some_and(|visited| is_same_name(visited, wanted)))
    }

    fn is_milestone_reached(&self, facts: &Facts) -> bool {
        let Self::LtvMilestone { amount_e4, currency } = self else { return false };
        let scale = 10_i128.pow(4 - facts.currency_digits.min(4));
        currency.as_ref().is_none_or(|wanted| *wanted == facts.currency)
            && i128::from(facts.spent_minor) * scale >= i128::from(*amount_e4)
    }

    fn milestone_name(&self) -> Option<String> {
        let Self::LtvMilestone { amount_e4, currency } = self else { return None };
        let currency = currency.as_deref().unwrap_or("any");
        Some(format!("ltv:{}:{currency}", amount_text(*amount_e4)))
    }
}

fn is_churn_met(facts: &Facts, threshold: f64) -> bool {
    facts.churn.is_some_and(|churn| churn >= threshold)
}

fn is_inactive(last_at: Timestamp, days: u32, as_of: Timestamp) -> bool {
    as_of.duration_since(last_at).as_hours() >= i64::from(days) * 24
}

/// A product put into the cart again is a new occasion, and ends the one before it: the customer is
/// not gone.
fn is_latest_add(facts: &Facts, cart: &CartFact) -> bool {
    facts.carts.iter().all(|other| {
        !is_same_name(&other.product_name, &cart.product_name) || other.added_at <= cart.added_at
    })
}

fn segment_since(facts: &Facts, segment: &str) -> Option<Timestamp> {
    facts.segment_since.filter(|_| facts.segment.as_deref() == Some(segment))
}

fn is_same_name(left: &str, right: &str) -> bool {
    left == right || letters(left).eq(letters(right))
}

/// Spelling by case or spaces does not make another product.
fn folded(name: &str) -> String {
    letters(name).collect::<String>().trim_end().to_owned()
}

fn letters(name: &str) -> impl Iterator<Item = char> {
    name.split_whitespace().flat_map(|word| word.chars().flat_map(char::to_lowercase).chain([' ']))
}

fn cart_name(cart: &CartFact) -> String {
    format!("cart:{}:{}", folded(&cart.product_name), cart.added_at)
}

fn intent_name(intent: &IntentFact) -> String {
    format!("intent:{}:{}", folded(&intent.product_name), intent.first_at)
}

fn segment_name(segment: &str, since: Timestamp) -> String {
    format!("segment:{segment}:{since}")
}

fn intervention_name(open: &InterventionFact) -> String {
    format!("intervention:{}:{}", open.kind, open.opened_at)
}

fn cart_occasion(cart: &CartFact, facts: &Facts) -> Occasion {
    let price = cart.price_minor.map(|minor| money(minor, facts.currency_digits, &facts.currency));
    Occasion {
        name: cart_name(cart),
        evidence: json!({
            "product": cart.product_name,
            "category": cart.category,
            "price": price,
            "added_at": cart.added_at.to_string(),
        }),
    }
}

fn intent_occasion(intent: &IntentFact) -> Occasion {
    Occasion {
        name: intent_name(intent),
        evidence: json!({
            "product": intent.product_name,
            "category": intent.category,
            "score": intent.score,
            "first_at": intent.first_at.to_string(),
            "last_at": intent.last_at.to_string(),
        }),
    }
}
