//! A pass: histories become insights, and insights trigger automations.

use std::collections::BTreeMap;

use ciq_automation::{Automation, Facts, PastExecution, Trigger, Triggered, evaluate_all};
use ciq_event::Currency;
use ciq_identity::CustomerKey;
use ciq_insight::{
    Catalogue, Context, History, Insight, Intent, features_json, open_carts, understand,
};
use ciq_store::{CustomerFacts, InsightRow, NewDelivery, NewExecution, PassChanges};
use jiff::Timestamp;
use serde::Serialize;

use crate::facts::{Subject, facts_of};
use crate::knowledge::Knowledge;

/// Who a pass is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Those whom anything happened to since the last pass, and those for whom time alone may have
    /// changed something.
    Touched,
    /// Everyone.
    All,
}

/// What a pass did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct PassReport {
    /// Customers computed.
    pub customer_count: u64,
    /// Automations triggered.
    pub triggered_count: u64,
}

/// Customers and what was loaded of them.
pub(crate) struct Loaded {
    pub(crate) histories: Vec<(CustomerKey, History)>,
    pub(crate) facts: BTreeMap<CustomerKey, CustomerFacts>,
}

/// Computes what is to be written for customers.
pub(crate) fn compute(
    loaded: &Loaded,
    knowledge: &Knowledge,
    currency: Currency,
    as_of: Timestamp,
) -> PassChanges {
    knowledge.with_context(currency, |context| {
        let mut changes = PassChanges::default();
        for (customer, history) in &loaded.histories {
            let insight = understand(history, context, as_of);
            if let Some(known) = loaded.facts.get(customer) {
                let subject = Subject { known, history, insight: &insight, context };
                let facts = facts_of(&subject, as_of);
                changes.executions.extend(triggered(known, &facts, &knowledge.automations, as_of));
            }
            let wake_at = wake_at(history, &knowledge.automations, as_of);
            changes.insights.push(row(*customer, &insight, (context, as_of), wake_at));
        }
        changes
    })
}

fn triggered(
    known: &CustomerFacts,
    facts: &Facts,
    automations: &[Automation],
    as_of: Timestamp,
) -> Vec<NewExecution> {
    let past: Vec<PastExecution> = known
        .past
        .iter()
        .map(|past| PastExecution {
            automation_id: past.automation_id.clone(),
            occasion: past.occasion.clone(),
            triggered_at: past.triggered_at,
        })
        .collect();
    let all = evaluate_all(automations, facts, &past, as_of);
    all.into_iter().filter_map(|one| execution(known, one, automations)).collect()
}

fn execution(
    known: &CustomerFacts,
    triggered: Triggered,
    automations: &[Automation],
) -> Option<NewExecution> {
    let automation = automations.iter().find(|one| one.id == triggered.automation_id)?;
    let parts = [&triggered.automation_id, &triggered.customer_id, &triggered.occasion];
    let id = hash(&parts.map(String::as_str));
    let deliveries = automation.actions.iter().enumerate().map(|(index, action)| NewDelivery {
        channel: action.channel().name().to_owned(),
        idempotency_key: hex(hash(&[&hex(id), &index.to_string()])),
    });
    Some(NewExecution {
        id,
        automation_id: automation.id.clone(),
        automation_name: automation.name.clone(),
        trigger_type: automation.trigger.name().to_owned(),
        customer: known.customer,
        occasion: triggered.occasion,
        triggered_at: triggered.triggered_at,
        due_at: triggered.due_at,
        evidence: triggered.evidence.to_string(),
        deliveries: deliveries.collect(),
    })
}

/// A number that is the same for the same texts.
pub(crate) fn hash(parts: &[&str]) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let mut id = [0; 16];
    id.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    id
}

pub(crate) fn hex(id: [u8; 16]) -> String {
    format!("{:032x}", u128::from_be_bytes(id))
}

/// When time alone may trigger something: the first cart that will have waited long enough.
fn wake_at(history: &History, automations: &[Automation], as_of: Timestamp) -> Option<Timestamp> {
    let waits = automations.iter().filter(|one| one.enabled).filter_map(|one| match one.trigger {
        Trigger::CartAbandonment { after, .. } => Some(after),
        _ => None,
    });
    let waits: Vec<_> = waits.collect();
    if waits.is_empty() {
        return None;
    }
    let carts = open_carts(history, as_of);
    let moments = carts
        .iter()
        .flat_map(|cart| waits.iter().filter_map(|wait| cart.added_at.checked_add(*wait).ok()));
    // A cart counts once it has waited longer than that: look a moment later.
    let moment = moments.filter(|moment| *moment >= as_of).min()?;
    moment.checked_add(jiff::SignedDuration::from_millis(1)).ok()
}

fn row(
    customer: CustomerKey,
    insight: &Insight,
    (context, as_of): (&Context<'_>, Timestamp),
    wake_at: Option<Timestamp>,
) -> InsightRow {
    let Insight { features, rfm: _, prediction, journey, intents } = insight;
    let catalogue = context.catalogue;
    let named = prediction.recommendations.iter().filter_map(|key| catalogue.products.get(key));
    InsightRow {
        customer,
        as_of,
        features: features_json(features, catalogue),
        churn: prediction.churn,
        lifetime_value: prediction.lifetime_value,
        segment: prediction.segment.name().to_owned(),
        recommendations: json_text(&named.collect::<Vec<_>>()),
        model_version: prediction.model_version.clone(),
        stage: journey.stage.name().to_owned(),
        journey_score: journey.score,
        next_best_action: journey.next_best_action.clone(),
        intents: intents_json(intents, catalogue),
        wake_at,
    }
}

/// An intent as it is stored: `ciq_store::IntentView` reads it.
#[derive(Serialize)]
struct IntentText<'a> {
    product: Option<&'a String>,
    category: Option<&'a String>,
    score: u8,
    status: &'static str,
    first_at: i64,
    last_at: i64,
}

fn intents_json(intents: &[Intent], catalogue: &Catalogue) -> String {
    let texts = intents.iter().map(|intent| IntentText {
        product: catalogue.products.get(&intent.product),
        category: intent.category.and_then(|key| catalogue.categories.get(&key)),
        score: intent.score,
        status: intent.status.name(),
        first_at: intent.first_at.as_second(),
        last_at: intent.last_at.as_second(),
    });
    json_text(&texts.collect::<Vec<_>>())
}

fn json_text(value: &impl Serialize) -> String {
    // Numbers and texts: nothing that JSON cannot write.
    serde_json::to_string(value).unwrap_or_default()
}
