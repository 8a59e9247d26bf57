//! When a condition holds.

use ciq_monitor::{Field, Op, Subject};
use serde_json::{Value, json};

use crate::support::{content, hours, now, rules};

fn known() -> Subject {
    Subject {
        churn: Some(0.75),
        segment: Some("loyal".to_owned()),
        lifetime_value: 1_234.5,
        strength: 80,
        negative_ticket_count: 2,
        ..content()
    }
}

#[track_caller]
fn check_of(subject: &Subject, (field, op, value): (&str, &str, Value), expected: bool) {
    let when = json!([{"field": field, "op": op, "value": value}]);
    let rules = rules(json!({"when": when}));
    let condition = &rules.rules()[0].when[0];
    assert_eq!(condition.holds(subject, now()), expected, "{field} {op} {value}");
    assert_eq!(condition.field().name(), field);
    assert_eq!(condition.op().name(), op);
}

#[track_caller]
fn check(field: &str, op: &str, value: Value, expected: bool) {
    check_of(&known(), (field, op, value), expected);
}

#[test]
fn numbers_compare_by_value() {
    check("total_api_calls", "eq", json!(500.0), true);
    check("total_api_calls", "ne", json!(500), false);
    check("total_api_calls", "gt", json!(500), false);
    check("total_api_calls", "ge", json!(500), true);
    check("total_api_calls", "lt", json!(501), true);
    check("total_api_calls", "le", json!(499), false);
    check("total_api_calls", "in", json!([1, 500]), true);
    check("total_api_calls", "not_in", json!([1, 500]), false);
    check("churn", "ge", json!(0.75), true);
    check("lifetime_value", "eq", json!(1234.5), true);
    check("lifetime_value", "gt", json!(-1), true);
    check("strength", "gt", json!(79.9), true);
    check("negative_tickets", "ge", json!(2), true);
    check("account_age_hours", "eq", json!(2000), true);
    check("hours_since_last_api_call", "le", json!(1), true);
}

#[test]
fn texts_are_the_same_or_not() {
    check("stage", "eq", json!("production_ready"), true);
    check("tier", "in", json!(["starter", "pro"]), true);
    check("tier", "not_in", json!(["starter", "pro"]), false);
    check("usage_trend", "ne", json!("declining"), true);
    check("segment", "eq", json!("loyal_customer"), true);
}

#[test]
fn what_is_not_known_equals_nothing() {
    for field in ["status", "integration_status"] {
        check(field, "eq", json!("active"), false);
        check(field, "ne", json!("active"), true);
        check(field, "in", json!(["active"]), false);
        check(field, "not_in", json!(["active"]), true);
        check(field, "exists", json!(true), false);
        check(field, "exists", json!(false), true);
    }
    let mut unknown = content();
    unknown.account.last_api_call_at = None;
    unknown.account.signed_up_at = None;
    for field in ["account_age_hours", "hours_since_last_api_call", "churn"] {
        for op in ["eq", "gt", "ge", "lt", "le"] {
            check_of(&unknown, (field, op, json!(0)), false);
        }
        check_of(&unknown, (field, "ne", json!(0)), true);
        check_of(&unknown, (field, "not_in", json!([0, 1])), true);
        check_of(&unknown, (field, "exists", json!(true)), false);
    }
    check("churn", "exists", json!(true), true);
    check("tier", "exists", json!(false), false);
}

#[test]
fn what_is_no_number_is_not_known() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let subject = Subject { churn: Some(value), lifetime_value: value, ..known() };
        for field in ["churn", "lifetime_value"] {
            for op in ["eq", "gt", "ge", "lt", "le"] {
                check_of(&subject, (field, op, json!(0)), false);
            }
            check_of(&subject, (field, "exists", json!(false)), true);
        }
    }
}

#[test]
fn an_age_begins_at_the_signing_up_else_where_the_customer_does() {
    let mut subject = Subject { customer_since: Some(now() - hours(10)), ..known() };
    check_of(&subject, ("account_age_hours", "eq", json!(2000)), true);
    subject.account.signed_up_at = None;
    check_of(&subject, ("account_age_hours", "eq", json!(10)), true);
}

#[test]
fn no_age_is_negative() {
    let mut subject = known();
    subject.account.signed_up_at = Some(now() + hours(5));
    subject.account.last_api_call_at = Some(now() + hours(5));
    check_of(&subject, ("account_age_hours", "eq", json!(0)), true);
    check_of(&subject, ("hours_since_last_api_call", "eq", json!(0)), true);
}

#[test]
fn the_score_of_health_can_be_asked_about() {
    let score = known().health_score(now());
    check("health_score", "eq", json!(score), true);
    check("health_score", "lt", json!(40), false);
}

#[test]
fn names_are_read_as_they_are_written() {
    for field in Field::ALL {
        assert_eq!(Field::parse(field.name()), Some(field));
    }
    assert_eq!(Field::parse("weather"), None);
    assert_eq!(Op::parse("contains"), None);
}
