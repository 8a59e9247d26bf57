//! What a rule may say, and what it is told when it says something else.

use ciq_event::Severity;
use ciq_monitor::{Assignment, Field, Rule, RuleError, Rules};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{definition, hours, rules};

const FAILING: &str = r#"
[[rule]]
kind = "failing"
when = [{ field = "error_rate", op = "gt", value = 0.1 }]
"#;

#[track_caller]
fn check_error(error: &RuleError, path: &str, words: &[&str]) {
    let RuleError::Field { path: found, problem } = error else { panic!("{error}") };
    assert_eq!(found, path, "{error}");
    for word in words {
        assert!(problem.contains(word), "{word:?} is not in {problem:?}");
    }
}

/// Checks what a rule is told that was changed by a patch.
#[track_caller]
fn check(patch: Value, path: &str, words: &[&str]) {
    check_error(&Rule::from_json(&definition(patch)).unwrap_err(), path, words);
}

#[track_caller]
fn check_condition(condition: Value, key: &str, words: &[&str]) {
    check(json!({"when": [condition]}), &format!("when[0].{key}"), words);
    check(json!({"unless": [condition]}), &format!("unless[0].{key}"), words);
}

#[track_caller]
fn check_toml(text: &str, path: &str, words: &[&str]) {
    check_error(&Rules::parse_toml(text).unwrap_err(), path, words);
}

#[test]
fn what_is_left_out_has_a_default() {
    let rules = rules(json!({}));
    let rule = rules.rule("rule").unwrap();
    assert_eq!((rule.title.as_str(), rule.action.as_str()), ("rule", "rule"));
    assert!(rule.is_enabled && rule.unless.is_empty() && rule.severities.is_empty());
    assert_eq!((rule.severity, rule.cool_down), (Severity::Medium, hours(24)));
    assert_eq!((&rule.assignment, rule.due_in), (&Assignment::Nobody, None));
    assert!(rule.playbook.is_empty());
    assert_eq!(rules.rule("other"), None);
}

#[test]
fn toml_and_json_say_the_same() {
    let from_toml = Rules::parse_toml(FAILING).unwrap();
    assert_eq!(Rules::from_json(&from_toml.to_json()).as_ref(), Ok(&from_toml));
    let body = json!({"rules": from_toml.to_json()});
    assert_eq!(Rules::from_json(&body).as_ref(), Ok(&from_toml));
    let defaults = Rules::default_set();
    assert_eq!(Rules::from_json(&defaults.to_json()), Ok(defaults));
}

#[test]
fn an_unknown_field_is_told_the_nearest() {
    check_condition(
        json!({"field": "eror_rate", "op": "gt", "value": 0.1}),
        "field",
        &["\"eror_rate\" is no field", "did you mean \"error_rate\"?", "hours_since_last_api_call"],
    );
    check_condition(json!({"field": "weather", "value": 1}), "field", &["is no field; there are"]);
    check_condition(json!({"value": 1}), "field", &["is missing", "\"tier\""]);
}

#[test]
fn unknown_keys_are_refused_wherever_they_stand() {
    check(json!({"cooldown": "1d"}), "cooldown", &["did you mean \"cool_down\"?"]);
    check(json!({"is_enabled": true}), "is_enabled", &["did you mean \"enabled\"?"]);
    check_condition(json!({"field": "churn", "value": 1, "or": 2}), "or", &["field, op, value"]);
    let severities = json!([{"severity": "high", "wen": []}]);
    check(json!({"severities": severities}), "severities[0].when", &["list of conditions"]);
    check(json!({"assignment": {"too": "kim"}}), "assignment.too", &["did you mean \"to\"?"]);
    let body = json!({"rules": [], "ruls": []});
    check_error(&Rules::from_json(&body).unwrap_err(), "ruls", &["did you mean \"rules\"?"]);
}

#[test]
fn words_that_can_never_be_equal_are_refused() {
    let value = |field: &str, value: &str| json!({"field": field, "value": value});
    check_condition(
        value("stage", "production"),
        "value",
        &["is no stage; there are new, trial_created,"],
    );
    check_condition(value("tier", "Pro"), "value", &["is no tier, did you mean \"pro\"?"]);
    check_condition(value("usage_trend", "declinin"), "value", &["mean \"declining\"?"]);
    check_condition(value("segment", "champoin"), "value", &["did you mean \"champion\"?"]);
    let list = json!({"field": "tier", "op": "in", "value": ["pro", "gold"]});
    check_condition(list, "value", &["\"gold\" is no tier"]);
    let own = json!({"when": [value("segment", "vip-2026"), value("status", "whatever")]});
    assert!(Rule::from_json(&definition(own)).is_ok());
    let other = rules(json!({"when": [value("segment", "at_risk_customer")]}));
    assert_eq!(other.rules()[0].when[0].value(), &json!("at_risk"));
}

#[test]
fn conditions_compare_like_with_like() {
    let of =
        |field: &str, op: &str, value: Value| json!({"field": field, "op": op, "value": value});
    check_condition(of("churn", "gt", json!("high")), "value", &["must be a number, not \"high\""]);
    check_condition(of("tier", "eq", json!(3)), "value", &["must be a text"]);
    check_condition(of("tier", "eq", json!(" ")), "value", &["not empty"]);
    check_condition(of("tier", "gt", json!("pro")), "value", &["use eq"]);
    check_condition(of("tier", "in", json!("pro")), "value", &["must be a list"]);
    check_condition(of("tier", "in", json!([])), "value", &["1 to 100"]);
    check_condition(of("strength", "in", json!([1, "2"])), "value", &["must be a number, not"]);
    check_condition(of("tier", "eq", json!(["pro"])), "value", &["must be a text"]);
    check_condition(of("tier", "exists", json!("yes")), "value", &["true or false"]);
    check_condition(of("tier", "contains", json!("p")), "op", &["there are eq, ne, gt"]);
    check_condition(json!({"field": "churn", "op": "gt"}), "value", &["is missing"]);
    check_condition(json!({"field": "churn", "op": "gt", "value": null}), "value", &["is missing"]);
}

#[test]
fn thresholds_stay_within_what_a_field_can_be() {
    let gt = |field: &str, value: Value| json!({"field": field, "op": "gt", "value": value});
    check_condition(gt("error_rate", json!(10)), "value", &["from 0 to 1, such as 0.1 for 10 %"]);
    check_condition(gt("churn", json!(-0.1)), "value", &["from 0 to 1"]);
    check_condition(gt("health_score", json!(101)), "value", &["from 0 to 100, not 101"]);
    check_condition(gt("strength", json!(-1)), "value", &["from 0 to 100"]);
    check_condition(gt("total_api_calls", json!(-1)), "value", &["0 or more"]);
    let edge = json!({"when": [gt("error_rate", json!(1)), gt("lifetime_value", json!(-5))]});
    assert!(Rule::from_json(&definition(edge)).is_ok());
}

#[test]
fn what_is_no_number_is_refused_where_it_stands() {
    for number in ["nan", "-nan", "inf", "-inf"] {
        let text = FAILING.replace("0.1 }", &format!("{number} }}"));
        check_toml(&text, "rule[0].when[0].value", &["must be a finite number"]);
    }
}

#[test]
fn severities_have_a_name_and_a_reason() {
    check(json!({"severity": "hihg"}), "severity", &["did you mean \"high\"?", "critical"]);
    let when = json!([{"field": "tier", "value": "pro"}]);
    check(json!({"severities": [{"when": when}]}), "severities[0].severity", &["is missing"]);
    check(
        json!({"severities": [{"severity": "high", "when": []}]}),
        "severities[0].when",
        &["the rule's severity"],
    );
    check(
        json!({"severities": [{"severity": "high", "when": [{"field": "teir", "value": "pro"}]}]}),
        "severities[0].when[0].field",
        &["did you mean \"tier\"?"],
    );
}

#[test]
fn an_assignment_says_one_thing() {
    for wrong in [
        json!({}),
        json!({"to": "kim", "round_robin": ["lee"]}),
        json!({"round_robin": []}),
        json!({"round_robin": ["kim"], "least_loaded": ["lee"]}),
    ] {
        check(json!({"assignment": wrong}), "assignment", &["must be one of { to = \"kim\" }"]);
    }
    check(json!({"assignment": "kim"}), "assignment", &["must be a table"]);
    let list = json!({"least_loaded": ["kim", ""]});
    check(json!({"assignment": list}), "assignment.least_loaded[1]", &["1 to 200 characters"]);
}

#[test]
fn times_are_neither_nothing_nor_absurd() {
    for wrong in [json!("0s"), json!("-2h"), json!("400d"), json!(7), json!("soon"), json!("")] {
        check(json!({"cool_down": wrong}), "cool_down", &["from 1m to 366d", "\"2h\""]);
        check(json!({"due_in": wrong}), "due_in", &["from 1m to 366d"]);
    }
}

#[test]
fn a_rule_has_a_kind_and_a_reason() {
    check(json!({"kind": "Big Rule"}), "kind", &["1 to 64 of a-z"]);
    check(json!({"kind": null}), "kind", &["is missing", "error_debugging"]);
    check(json!({"kind": "x".repeat(65)}), "kind", &["1 to 64"]);
    check(json!({"when": []}), "when", &["1 to 50 conditions", "error_rate"]);
    check(json!({"when": {"field": "tier"}}), "when", &["must be a list"]);
    check(json!({"title": ""}), "title", &["not empty"]);
    check(json!({"title": "x".repeat(201)}), "title", &["at most 200"]);
    check(json!({"playbook": ["one", 2]}), "playbook[1]", &["1 to 1000 characters"]);
    let condition = json!({"field": "tier", "value": "pro"});
    check(json!({"unless": vec![condition; 51]}), "unless", &["at most 50", "split the rule"]);
}

#[test]
fn a_file_names_the_place_of_its_mistake() {
    let second = FAILING.replace("failing", "other").replace("error_rate", "error_rat");
    check_toml(
        &format!("{FAILING}{second}"),
        "rule[1].when[0].field",
        &["did you mean \"error_rate\"?"],
    );
    check_toml("[[rules]]\nkind = \"x\"", "rules", &["did you mean \"rule\"?"]);
    let error = Rules::parse_toml("[[rule]").unwrap_err();
    assert!(matches!(error, RuleError::Toml(_)), "{error}");
    let error = Rules::from_json(&json!([definition(json!({"when": [1]}))])).unwrap_err();
    check_error(&error, "rules[0].when[0]", &["must be a table"]);
}

#[test]
fn watching_nothing_is_said_and_not_left_out() {
    check_toml("", "rule", &["is missing", "[[rule]]"]);
    check_error(&Rules::from_json(&json!({})).unwrap_err(), "rules", &["is missing"]);
    check_error(&Rules::from_json(&json!("x")).unwrap_err(), "rule", &["must be a table"]);
    assert_eq!(Rules::parse_toml("rule = []"), Ok(Rules::default()));
    assert_eq!(Rules::from_json(&json!({"rules": []})), Ok(Rules::default()));
}

#[test]
fn the_page_for_users_shows_rules_that_are_read() {
    let page = include_str!("../../../../docs/monitor.md");
    let (_, after) = page.split_once("```toml\n").unwrap();
    let (text, _) = after.split_once("```").unwrap();
    let rules = Rules::parse_toml(text).unwrap();
    assert_eq!(rules.rules().len(), 2);
    for name in Field::ALL.map(Field::name) {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn two_rules_do_not_share_a_kind_and_there_are_not_too_many() {
    let error = Rules::parse_toml(&format!("{FAILING}{FAILING}")).unwrap_err();
    assert_eq!(error, RuleError::DuplicateKind { kind: "failing".to_owned() });
    let many: Value =
        (0..101).map(|index| definition(json!({"kind": format!("rule-{index}")}))).collect();
    check_error(&Rules::from_json(&many).unwrap_err(), "rules", &["at most 100 rules"]);
}

fn conditions() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!({"field": "stage", "op": "eq", "value": "first_api_call"})),
        Just(json!({"field": "tier", "op": "not_in", "value": ["none", "trial"]})),
        Just(json!({"field": "segment", "op": "ne", "value": "loyal_customer"})),
        Just(json!({"field": "status", "op": "exists"})),
        Just(json!({"field": "integration_status", "op": "exists", "value": false})),
        Just(json!({"field": "hours_since_last_api_call", "op": "ge", "value": 72.5})),
        Just(json!({"field": "negative_tickets", "op": "in", "value": [3, 4.0]})),
        Just(json!({"field": "lifetime_value", "op": "lt", "value": -1e9})),
    ]
}

fn assignments() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        Just(json!({"to": "kim"})),
        Just(json!({"round_robin": ["kim", "lee"]})),
        Just(json!({"least_loaded": ["kim", "lee"]})),
    ]
}

proptest! {
    #[test]
    fn a_rule_reads_back_what_it_writes(
        minutes in 1_u32..500_000,
        enabled: bool,
        due in proptest::option::of(1_u32..500_000),
        when in prop::collection::vec(conditions(), 1..5),
        unless in prop::collection::vec(conditions(), 0..5),
        assignment in assignments(),
    ) {
        let rules = rules(json!({
            "enabled": enabled,
            "title": "Ein Titel: \"ä\"",
            "severity": "critical",
            "severities": [{"severity": "low", "when": unless.iter().chain(&when).collect::<Vec<_>>()}],
            "when": when,
            "unless": unless,
            "cool_down": format!("{minutes}m"),
            "due_in": due.map(|due| format!("{due}m")),
            "assignment": assignment,
            "playbook": ["One.", "Two."],
            "action": "Do it.",
        }));
        let rule = &rules.rules()[0];
        prop_assert_eq!(Rule::from_json(&rule.to_json()), Ok(rule.clone()));
        prop_assert_eq!(Rules::from_json(&rules.to_json()), Ok(rules.clone()));
    }

    #[test]
    fn any_text_is_a_set_or_an_error(text in ".{0,200}") {
        drop(Rules::parse_toml(&text));
    }

    #[test]
    fn any_value_is_a_condition_or_an_error(value in "[-0-9.e\"\\[\\]{}a-z,]{0,20}") {
        drop(Rules::parse_toml(&FAILING.replace("0.1 }", &format!("{value} }}"))));
    }
}
