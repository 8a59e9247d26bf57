//! Whether a rule fires for a customer.

use jiff::Timestamp;
use serde_json::Value;

use crate::{Automation, Facts};

/// An execution that happened before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastExecution {
    /// Which automation.
    pub automation_id: String,
    /// For which occasion.
    pub occasion: String,
    /// When.
    pub triggered_at: Timestamp,
}

/// A rule that fires for a customer: one execution.
#[derive(Debug, Clone, PartialEq)]
pub struct Triggered {
    /// Which automation.
    pub automation_id: String,
    /// Which customer. After a merge it stays the one that it fired for.
    pub customer_id: String,
    /// What made it fire, in words that are the same each time: one occasion is one execution.
    pub occasion: String,
    /// When.
    pub triggered_at: Timestamp,
    /// When its actions are due.
    pub due_at: Timestamp,
    /// The figures that made it fire.
    pub evidence: Value,
}

/// Tells whether a rule fires for a customer: one execution at most.
///
/// It fires if it is enabled, its trigger gives an occasion that no past execution had, all its
/// conditions hold, and its last execution is at least the cool-down ago. Of several occasions the
/// latest counts.
///
/// `past` are earlier executions for this customer, in any order and however they ended, those of
/// other automations too. It may leave out old ones of an automation, but neither the latest nor one whose occasion
/// could come again: the store's key over (automation, customer, occasion) is the last guard.
#[must_use]
pub fn evaluate(
    automation: &Automation,
    facts: &Facts,
    past: &[PastExecution],
    as_of: Timestamp,
) -> Vec<Triggered> {
    if !automation.enabled || facts.is_erased {
        return Vec::new();
    }
    let own = || past.iter().filter(|execution| execution.automation_id == automation.id);
    let latest_at = own().map(|execution| execution.triggered_at).max();
    if latest_at.is_some_and(|at| as_of.duration_since(at) < automation.cool_down) {
        return Vec::new();
    }
    let is_new = |occasion: &str| own().all(|execution| execution.occasion != occasion);
    let Some(occasion) = automation
        .trigger
        .occasions(facts, latest_at, as_of)
        .into_iter()
        .find(|occasion| is_new(&occasion.name))
    else {
        return Vec::new();
    };
    if !automation.conditions.iter().all(|condition| condition.holds(facts, as_of)) {
        return Vec::new();
    }
    vec![Triggered {
        automation_id: automation.id.clone(),
        customer_id: facts.customer_id.clone(),
        occasion: occasion.name,
        triggered_at: as_of,
        due_at: as_of.checked_add(automation.delay).unwrap_or(Timestamp::MAX),
        evidence: occasion.evidence,
    }]
}

/// Asks every rule, the one with the highest priority first; of equals the smaller id first.
#[must_use]
pub fn evaluate_all(
    automations: &[Automation],
    facts: &Facts,
    past: &[PastExecution],
    as_of: Timestamp,
) -> Vec<Triggered> {
    let mut ordered: Vec<&Automation> = automations.iter().collect();
    ordered.sort_by(|a, b| b.priority.cmp(&a.priority).then_with(|| a.id.cmp(&b.id)));
    ordered.into_iter().flat_map(|automation| evaluate(automation, facts, past, as_of)).collect()
}
