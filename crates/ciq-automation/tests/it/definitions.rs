//! What a definition may say, and what it is told when it says something else.

use ciq_automation::{Automation, DefinitionError, Trigger};
use jiff::SignedDuration;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{definition, rule};

const CART: &str = r#"
[[automation]]
id = "cart"
trigger = { type = "cart_abandonment" }
actions = [{ type = "send_message", body = "Hi" }]
"#;

#[track_caller]
fn check(value: &Value, path: &str, words: &[&str]) {
    let error = Automation::parse_json(value).unwrap_err();
    let DefinitionError::Field { path: found, problem } = &error else { panic!("{error}") };
    assert_eq!(found, path, "{error}");
    for word in words {
        assert!(problem.contains(word), "{word:?} is not in {problem:?}");
    }
}

fn churn() -> Value {
    json!({"type": "churn_risk"})
}

fn churn_with(patch: Value) -> Value {
    definition(churn(), patch)
}

fn condition(condition: Value) -> Value {
    churn_with(json!({"conditions": [condition]}))
}

fn action(action: Value) -> Value {
    churn_with(json!({"actions": [action]}))
}

#[test]
fn what_is_left_out_has_a_default() {
    let rule = rule(churn(), json!({}));
    assert_eq!(rule.name, "rule");
    assert!(rule.enabled && rule.conditions.is_empty() && rule.quiet_hours.is_none());
    assert_eq!(rule.trigger, Trigger::ChurnRisk { threshold: 0.7 });
    assert_eq!(rule.cool_down, SignedDuration::from_hours(24));
    assert_eq!(rule.delay, SignedDuration::ZERO);
    assert_eq!((rule.frequency_cap.max, rule.frequency_cap.per.as_hours()), (3, 7 * 24));
    assert_eq!(rule.consent.name(), "implied");
}

#[test]
fn toml_and_json_say_the_same() {
    let from_toml = Automation::parse_toml(CART).unwrap();
    assert_eq!(Automation::parse_json(&from_toml[0].to_json()).as_ref(), Ok(&from_toml[0]));
}

#[test]
fn an_unknown_trigger_is_told_which_there_are() {
    check(
        &definition(json!({"type": "cart_abandoned"}), json!({})),
        "trigger.type",
        &["cart_abandoned", "did you mean \"cart_abandonment\"?", "re_engagement", "store_visit"],
    );
    check(&definition(json!({}), json!({})), "trigger.type", &["missing", "churn_risk"]);
}

#[test]
fn an_unknown_field_of_a_condition_is_told_the_nearest() {
    check(
        &condition(json!({"field": "segmnet", "value": "champion"})),
        "conditions[0].field",
        &["did you mean \"segment\"?", "order_count", "fields.NAME"],
    );
}

#[test]
fn unknown_keys_are_refused_wherever_they_stand() {
    check(&churn_with(json!({"cooldown": "1d"})), "cooldown", &["did you mean \"cool_down\"?"]);
    let trigger = json!({"type": "churn_risk", "treshold": 0.5});
    check(&definition(trigger, json!({})), "trigger.treshold", &["\"threshold\""]);
    check(
        &action(json!({"type": "send_sms", "body": "x", "subject": "y"})),
        "actions[0].subject",
        &["type, body"],
    );
    check(
        &condition(json!({"field": "churn", "op": "gt", "value": 1, "or": 2})),
        "conditions[0].or",
        &[],
    );
    check(
        &churn_with(json!({"frequency_cap": {"max": 1, "each": "1d"}})),
        "frequency_cap.each",
        &["per"],
    );
}

#[test]
fn times_are_neither_negative_nor_absurd() {
    for delay in [json!("-2h"), json!("400d"), json!(7), json!("soon"), json!("")] {
        check(&churn_with(json!({"delay": delay})), "delay", &["from 0s to 30d", "\"2h\""]);
    }
    check(&churn_with(json!({"cool_down": "0s"})), "cool_down", &["from 1m"]);
    let trigger = json!({"type": "cart_abandonment", "after": "8d"});
    check(&definition(trigger, json!({})), "trigger.within", &["longer than after (8d)"]);
}

#[test]
fn quiet_hours_need_times_and_a_zone_that_exist() {
    let quiet = |from: &str, to: &str, zone: &str| {
        churn_with(json!({"quiet_hours": {"from": from, "to": to, "time_zone": zone}}))
    };
    check(&quiet("9pm", "08:00", "UTC"), "quiet_hours.from", &["\"23:59\"", "9pm"]);
    check(&quiet("21:00", "24:00", "UTC"), "quiet_hours.to", &["\"23:59\""]);
    check(&quiet("21:00", "21:00", "UTC"), "quiet_hours.to", &["differ"]);
    check(
        &quiet("21:00", "08:00", "Mars/Olympus"),
        "quiet_hours.time_zone",
        &["Mars/Olympus", "\"UTC\"", "\"+05:30\""],
    );
    check(&quiet("21:00", "08:00", "+25:00"), "quiet_hours.time_zone", &["+25:00"]);
}

#[test]
fn an_automation_does_something() {
    check(&churn_with(json!({"actions": []})), "actions", &["1 to 10 actions"]);
    check(&churn_with(json!({"actions": null})), "actions", &["1 to 10 actions"]);
    check(&action(json!({"type": "send_mail"})), "actions[0].type", &["\"send_email\""]);
    check(&action(json!({"type": "send_email", "body": "x"})), "actions[0].subject", &["missing"]);
    check(&action(json!({"type": "send_message"})), "actions[0].body", &["missing"]);
    check(
        &action(json!({"type": "send_message", "channel": "fax", "body": "x"})),
        "actions[0].channel",
        &["whatsapp, sms or email"],
    );
    check(&action(json!({"type": "webhook", "url": "ftp://x"})), "actions[0].url", &["https://"]);
    let long = action(json!({"type": "update_segment", "segment": "x".repeat(256)}));
    check(&long, "actions[0].segment", &["255 bytes at most"]);
    check(
        &action(
            json!({"type": "webhook", "url": "https://example.com", "data": {"a": "{{ nme }}"}}),
        ),
        "actions[0].data.a",
        &["\"name\""],
    );
}

#[test]
fn conditions_compare_like_with_like() {
    let value = "conditions[0].value";
    let field = |field: &str, op: &str, value: Value| {
        condition(json!({"field": field, "op": op, "value": value}))
    };
    check(&field("churn", "gt", json!("high")), value, &["must be a number"]);
    check(&field("segment", "gt", json!("a")), value, &["use eq"]);
    check(&field("segment", "in", json!("champion")), value, &["list"]);
    check(&field("segment", "in", json!([])), value, &["at least one"]);
    check(&field("tags", "eq", json!("vip")), value, &["contains"]);
    check(&field("tags", "exists", json!("vip")), value, &["true or false"]);
    check(&field("churn", "like", json!(1)), "conditions[0].op", &["not_in"]);
    check(&condition(json!({"field": "churn", "op": "gt"})), value, &["missing"]);
}

#[test]
fn segments_and_stages_are_known_by_name() {
    let entered = |segment: &str| {
        definition(json!({"type": "segment_entered", "segment": segment}), json!({}))
    };
    check(&entered("champoin"), "trigger.segment", &["did you mean \"champion\"?"]);
    let alias = rule(entered("loyal_customer")["trigger"].clone(), json!({}));
    assert!(matches!(alias.trigger, Trigger::SegmentEntered { segment, .. } if segment == "loyal"));
    let own = rule(entered("vip-2024")["trigger"].clone(), json!({}));
    assert!(
        matches!(own.trigger, Trigger::SegmentEntered { segment, .. } if segment == "vip-2024")
    );
    let stage = condition(json!({"field": "stage", "op": "in", "value": ["retention", "won"]}));
    check(&stage, "conditions[0].value", &["\"won\" is no stage", "advocacy"]);
    let either = condition(json!({"field": "segment", "op": "in", "value": ["at_risk_customer"]}));
    let either = Automation::parse_json(&either).unwrap();
    assert_eq!(either.conditions[0].value, json!(["at_risk"]));
}

#[test]
fn numbers_stay_within_their_limits() {
    let trigger = |trigger: Value| definition(trigger, json!({}));
    for threshold in [json!(0), json!(1.1), json!(-1), json!("high")] {
        let value = trigger(json!({"type": "churn_risk", "threshold": threshold}));
        check(&value, "trigger.threshold", &["0.7"]);
    }
    for amount in [json!(0), json!("-5"), json!("much"), json!("1.23456")] {
        let value = trigger(json!({"type": "ltv_milestone", "amount": amount}));
        check(&value, "trigger.amount", &["\"500\""]);
    }
    let value = trigger(json!({"type": "product_intent", "min_score": 101}));
    check(&value, "trigger.min_score", &["0 to 100"]);
    let value = trigger(json!({"type": "re_engagement", "inactive_days": 0}));
    check(&value, "trigger.inactive_days", &["from 1"]);
    let value = trigger(json!({"type": "intervention", "min_severity": "huge"}));
    check(&value, "trigger.min_severity", &["critical"]);
    check(&churn_with(json!({"priority": 1.5})), "priority", &["whole number"]);
    check(&churn_with(json!({"id": "Big Rule"})), "id", &["a-z"]);
    check(&churn_with(json!({"consent": "maybe"})), "consent", &["explicit"]);
}

#[test]
fn a_file_names_the_place_of_its_mistake() {
    let error = Automation::parse_toml(&CART.replace("\"Hi\"", "\"Hi {{ nam }}\"")).unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("automation[0].actions[0].body: \"nam\" does not exist"), "{text}");
    assert!(text.contains("did you mean \"name\"?"), "{text}");
    let error = Automation::parse_toml("[[automation]").unwrap_err();
    assert!(matches!(error, DefinitionError::Toml(_)), "{error}");
    let error = Automation::parse_toml("[[automations]]\nid = \"x\"").unwrap_err();
    assert!(error.to_string().contains("did you mean \"automation\"?"), "{error}");
}

#[test]
fn two_automations_do_not_share_an_id() {
    let error = Automation::parse_toml(&format!("{CART}{CART}")).unwrap_err();
    assert_eq!(error, DefinitionError::DuplicateId { id: "cart".to_owned() });
}

#[test]
fn every_trigger_reads_back_what_it_writes() {
    for trigger in [
        json!({"type": "churn_risk", "threshold": 0.55}),
        json!({"type": "ltv_milestone", "amount": 499.9, "currency": "eur"}),
        json!({"type": "ltv_milestone", "amount": "500"}),
        json!({"type": "cart_abandonment", "after": "90m", "within": "1d12h"}),
        json!({"type": "product_intent", "min_score": 80, "product": "A", "category": "B"}),
        json!({"type": "re_engagement", "inactive_days": 30}),
        json!({"type": "store_visit", "store": "Downtown", "within": "2d"}),
        json!({"type": "segment_entered", "segment": "champion"}),
        json!({"type": "intervention", "kind": "error_debugging", "min_severity": "high"}),
    ] {
        let rule = rule(trigger, json!({}));
        assert_eq!(Automation::parse_json(&rule.to_json()).as_ref(), Ok(&rule));
    }
}

fn actions() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!({"type": "send_message", "body": "Hi {{ name }}"})),
        Just(json!({"type": "send_message", "channel": "sms", "body": "Hi"})),
        Just(json!({"type": "send_email", "subject": "S", "body": "{% if name %}x{% endif %}"})),
        Just(json!({"type": "webhook", "url": "https://example.com/x", "data": {"a": "b"}})),
        Just(json!({"type": "create_task", "title": "Call", "assignee": "desk"})),
        Just(json!({"type": "update_segment", "segment": "loyal"})),
    ]
}

proptest! {
    #[test]
    fn an_automation_reads_back_what_it_writes(
        minutes in 1_u32..500_000,
        delay in 0_u32..40_000,
        enabled: bool,
        priority in -9_i64..9,
        cap in 1_u32..50,
        actions in prop::collection::vec(actions(), 1..5),
    ) {
        let rule = rule(churn(), json!({
            "enabled": enabled,
            "priority": priority,
            "delay": format!("{delay}m"),
            "cool_down": format!("{minutes}m"),
            "frequency_cap": {"max": cap},
            "quiet_hours": {"from": "21:30", "to": "07:15", "time_zone": "-03:30"},
            "conditions": [{"field": "fields.size", "op": "in", "value": ["m", 1, true]}],
            "actions": actions,
        }));
        prop_assert_eq!(Automation::parse_json(&rule.to_json()), Ok(rule));
    }

    #[test]
    fn any_text_is_a_set_or_an_error(text in ".{0,200}") {
        drop(Automation::parse_toml(&text));
    }

    #[test]
    fn any_template_is_a_text_or_an_error(text in "[{}%a-z |()'\"0-9.*~+-]{0,40}") {
        drop(Automation::parse_json(&action(json!({"type": "send_message", "body": text}))));
    }
}
