//! Customers as JSON, for the history of merges.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::Customer;

/// Writes a customer as the history of merges keeps it.
pub(crate) fn snapshot(customer: &Customer) -> Value {
    let mut identifiers: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for identifier in customer.candidate.identifiers.keys() {
        identifiers.entry(identifier.kind().name()).or_default().push(identifier.value());
    }
    let lifetime_value: BTreeMap<String, String> = customer
        .state
        .totals
        .iter()
        .map(|(currency, minor)| {
            let money = ciq_event::Money { minor: *minor, currency: *currency };
            (currency.to_string(), money.to_string())
        })
        .collect();
    json!({
        "id": customer.candidate.id.as_str(),
        "profile_strength": customer.candidate.strength.percent(),
        "identifiers": identifiers,
        "lifetime_value": lifetime_value,
        "total_orders": customer.state.order_count,
        "event_count": customer.state.event_count,
    })
}
