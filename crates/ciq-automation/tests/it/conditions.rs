//! When a condition holds.

use ciq_automation::Facts;
use serde_json::{Value, json};

use crate::support::{days, facts, now, rule};

fn known() -> Facts {
    Facts {
        churn: Some(0.75),
        spent_minor: 32_500,
        lifetime_value_minor: 35_000,
        order_count: 3,
        segment: Some("at_risk".to_owned()),
        tags: vec!["vip".to_owned(), "beta".to_owned()],
        fields: [("size".to_owned(), json!("M")), ("seats".to_owned(), json!(4))].into(),
        last_event_at: Some(now() - days(45)),
        ..facts()
    }
}

#[track_caller]
fn check(field: &str, op: &str, value: Value, expected: bool) {
    let conditions = json!([{"field": field, "op": op, "value": value}]);
    let rule = rule(json!({"type": "churn_risk"}), json!({"conditions": conditions}));
    let holds = rule.conditions[0].holds(&known(), now());
    assert_eq!(holds, expected, "{field} {op} {value}");
}

#[test]
fn numbers_compare_by_value() {
    check("churn", "ge", json!(0.75), true);
    check("churn", "gt", json!(0.75), false);
    check("order_count", "eq", json!(3.0), true);
    check("order_count", "lt", json!(4), true);
    check("order_count", "le", json!(2), false);
    check("order_count", "in", json!([1, 3]), true);
    check("inactive_days", "eq", json!(45), true);
    check("fields.seats", "ge", json!(4), true);
}

#[test]
fn amounts_are_in_whole_units() {
    check("spent", "eq", json!(325), true);
    check("spent", "gt", json!(324.99), true);
    check("lifetime_value", "lt", json!(350), false);
}

#[test]
fn texts_and_lists_are_searched() {
    check("segment", "eq", json!("at_risk"), true);
    check("segment", "not_in", json!(["loyal", "champion"]), true);
    check("email", "contains", json!("@example.com"), true);
    check("tags", "contains", json!("vip"), true);
    check("tags", "contains", json!("vi"), false);
    check("fields.size", "in", json!(["S", "M"]), true);
}

#[test]
fn what_is_not_known_equals_nothing() {
    check("company", "eq", json!("Example"), false);
    check("company", "ne", json!("Example"), true);
    check("company", "in", json!(["Example"]), false);
    check("company", "not_in", json!(["Example"]), true);
    check("recency_days", "lt", json!(1), false);
    check("recency_days", "ge", json!(0), false);
    check("company", "exists", json!(false), true);
    check("company", "exists", json!(true), false);
    check("fields.colour", "exists", json!(true), false);
    check("fields.size", "exists", json!(true), true);
}
