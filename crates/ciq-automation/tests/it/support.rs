//! Facts and rules to test with.

use ciq_automation::{
    Automation, CartFact, Facts, PastExecution, SendVerdict, Triggered, check_send, evaluate,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// A Saturday morning.
pub(crate) fn now() -> Timestamp {
    at("2024-01-20T10:00:00Z")
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn hours(count: i64) -> SignedDuration {
    SignedDuration::from_hours(count)
}

pub(crate) fn days(count: i64) -> SignedDuration {
    hours(24 * count)
}

/// A customer with an address everywhere and nothing else.
pub(crate) fn facts() -> Facts {
    Facts {
        customer_id: "cus_1".to_owned(),
        name: Some("Ada Example".to_owned()),
        email: Some("ada@example.com".to_owned()),
        phone: Some("15550123".to_owned()),
        currency: "USD".to_owned(),
        currency_digits: 2,
        ..Facts::default()
    }
}

pub(crate) fn cart(product: &str, added_at: Timestamp) -> CartFact {
    CartFact {
        product_name: product.to_owned(),
        category: Some("Footwear".to_owned()),
        price_minor: Some(12_550),
        added_at,
    }
}

/// An automation with a trigger and one message, changed by a patch.
pub(crate) fn definition(trigger: Value, patch: Value) -> Value {
    let mut value = json!({
        "id": "rule",
        "trigger": trigger,
        "actions": [{"type": "send_message", "body": "Hello"}],
    });
    if let (Some(object), Value::Object(patch)) = (value.as_object_mut(), patch) {
        object.extend(patch);
    }
    value
}

pub(crate) fn rule(trigger: Value, patch: Value) -> Automation {
    Automation::parse_json(&definition(trigger, patch)).unwrap()
}

pub(crate) fn fired(
    automation: &Automation,
    facts: &Facts,
    past: &[Triggered],
    as_of: Timestamp,
) -> Option<Triggered> {
    let past: Vec<PastExecution> = past
        .iter()
        .map(|triggered| PastExecution {
            automation_id: triggered.automation_id.clone(),
            occasion: triggered.occasion.clone(),
            triggered_at: triggered.triggered_at,
        })
        .collect();
    evaluate(automation, facts, &past, as_of).pop()
}

pub(crate) fn send(
    automation: &Automation,
    facts: &Facts,
    triggered: &Triggered,
    as_of: Timestamp,
) -> SendVerdict {
    check_send(automation, 0, facts, triggered, as_of)
}
