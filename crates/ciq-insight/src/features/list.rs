//! Features as rows of a table.

use serde_json::{Map, Value, json};

use ciq_event::Money;

use crate::features::Features;
use crate::history::Catalogue;
use crate::number::float;

/// Returns the features as rows of a name and a value, always the same names in the same order.
///
/// Amounts are in major units (215.49) beside their `currency`. Affinities are objects of counts by
/// name; what the catalogue does not name is there as `#` and its key. What there is nothing to
/// measure of is null.
#[must_use]
pub fn features_list(features: &Features, catalogue: &Catalogue) -> Vec<(String, Value)> {
    let tickets = features.ticket_counts;
    let categories = affinity(features.category_affinity.iter().map(|(key, lines)| {
        (catalogue.categories.get(key).cloned().unwrap_or_else(|| format!("#{}", key.0)), *lines)
    }));
    let products = affinity(features.product_affinity.iter().map(|(key, lines)| {
        (catalogue.products.get(key).cloned().unwrap_or_else(|| format!("#{}", key.0)), *lines)
    }));
    let rows = [
        ("rfm_recency_days", json!(features.recency_days)),
        ("rfm_frequency", json!(features.frequency)),
        ("rfm_monetary", json!(major(features.monetary))),
        ("currency", json!(features.monetary.currency.as_str())),
        ("mean_order", json!(features.mean_order.map(major))),
        ("mean_gap_days", json!(features.mean_gap_days)),
        ("last_gap_days", json!(features.last_gap_days)),
        ("gap_deviation_days", json!(features.gap_deviation_days)),
        ("category_affinity", categories),
        ("product_affinity", products),
        ("offline_ratio", json!(features.offline_ratio)),
        ("profile_strength", json!(features.strength)),
        ("tenure_days", json!(features.tenure_days)),
        ("days_since_any", json!(features.days_since_any)),
        ("days_since_active", json!(features.days_since_active)),
        ("is_active_since_order", json!(features.is_active_since_order)),
        ("active_day_count", json!(features.active_day_count)),
        ("active_span_days", json!(features.active_span_days)),
        ("session_count", json!(features.session_count)),
        ("session_count_30d", json!(features.session_count_30d)),
        ("use_count", json!(features.use_count)),
        ("use_count_30d", json!(features.use_count_30d)),
        ("view_count", json!(features.view_count)),
        ("view_count_30d", json!(features.view_count_30d)),
        ("cart_add_count", json!(features.cart_add_count)),
        ("wish_count", json!(features.wish_count)),
        ("store_visit_count", json!(features.store_visit_count)),
        ("message_count", json!(features.message_count)),
        ("ticket_positive_count", json!(tickets.positive)),
        ("ticket_neutral_count", json!(tickets.neutral)),
        ("ticket_negative_count", json!(tickets.negative)),
        ("open_complaint_count", json!(features.open_complaint_count)),
        ("payment_count", json!(features.payment_count)),
        ("days_since_payment", json!(features.days_since_payment)),
        ("payment_span_days", json!(features.payment_span_days)),
        ("billing_issue_count", json!(features.billing_issue_count)),
        ("open_billing_issue_count", json!(features.open_billing_issue_count)),
        ("upgrade_count", json!(features.upgrade_count)),
        ("downgrade_count", json!(features.downgrade_count)),
        ("is_cancelled", json!(features.is_cancelled)),
    ];
    rows.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Two categories of one name are added up.
fn affinity(lines: impl Iterator<Item = (String, u32)>) -> Value {
    let mut object = Map::new();
    for (name, count) in lines {
        let before = object.get(&name).and_then(Value::as_u64).unwrap_or_default();
        object.insert(name, json!(before + u64::from(count)));
    }
    Value::Object(object)
}

fn major(money: Money) -> f64 {
    float(money.minor) / float(10_i64.pow(money.currency.digits()))
}
