//! When a rule fires.

use ciq_automation::{Facts, IntentFact, InterventionFact, PastExecution, evaluate_all};
use ciq_event::Severity;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::support::{at, cart, days, facts, fired, hours, now, rule};

#[track_caller]
fn occasion_of(trigger: Value, facts: &Facts) -> Option<String> {
    fired(&rule(trigger, json!({})), facts, &[], now()).map(|triggered| triggered.occasion)
}

#[test]
fn a_cart_fires_between_after_and_within() {
    let check = |ago: SignedDuration| {
        let facts = Facts { carts: vec![cart("Sneakers", now() - ago)], ..facts() };
        occasion_of(json!({"type": "cart_abandonment"}), &facts).is_some()
    };
    assert!(!check(hours(2)));
    assert!(check(hours(2) + SignedDuration::from_secs(1)));
    assert!(check(days(7)));
    assert!(!check(days(7) + SignedDuration::from_secs(1)));
    assert!(!check(hours(-3)));
}

#[test]
fn a_cart_names_what_was_left_and_when() {
    let left = vec![
        cart("Old Hat", at("2024-01-18T09:00:00Z")),
        cart("Premium  Sneakers", at("2024-01-19T15:00:00Z")),
    ];
    let facts = Facts { carts: left, ..facts() };
    let rule = rule(json!({"type": "cart_abandonment"}), json!({"delay": "30m"}));
    let triggered = fired(&rule, &facts, &[], now()).unwrap();
    assert_eq!(triggered.occasion, "cart:premium sneakers:2024-01-19T15:00:00Z");
    assert_eq!(triggered.customer_id, "cus_1");
    assert_eq!(triggered.triggered_at, now());
    assert_eq!(triggered.due_at, now() + SignedDuration::from_mins(30));
    assert_eq!(triggered.evidence["product"], "Premium  Sneakers");
    assert_eq!(triggered.evidence["price"], "125.50 USD");
}

#[test]
fn a_product_added_again_begins_anew() {
    let again = vec![cart("Hat", now() - hours(30)), cart("hat", now() - hours(1))];
    let facts = Facts { carts: again, ..facts() };
    assert_eq!(occasion_of(json!({"type": "cart_abandonment"}), &facts), None);
}

#[test]
fn one_occasion_fires_once_for_ever() {
    let facts = Facts { carts: vec![cart("Hat", now() - hours(3))], ..facts() };
    let rule = rule(json!({"type": "cart_abandonment", "within": "90d"}), json!({}));
    let first = fired(&rule, &facts, &[], now()).unwrap();
    for later in [hours(1), hours(24), days(5), days(80)] {
        assert_eq!(fired(&rule, &facts, std::slice::from_ref(&first), now() + later), None);
    }
}

#[test]
fn another_occasion_waits_for_the_cool_down() {
    let mut facts = Facts { carts: vec![cart("Hat", now() - hours(3))], ..facts() };
    let rule = rule(json!({"type": "cart_abandonment"}), json!({}));
    let first = fired(&rule, &facts, &[], now()).unwrap();
    facts.carts.push(cart("Coat", now()));
    let past = [first];
    assert_eq!(fired(&rule, &facts, &past, now() + hours(23)), None);
    let second = fired(&rule, &facts, &past, now() + hours(24)).unwrap();
    assert_eq!(second.evidence["product"], "Coat");
}

#[test]
fn a_state_fires_again_after_each_cool_down() {
    let rule = rule(json!({"type": "churn_risk"}), json!({}));
    let facts = Facts { churn: Some(0.7), ..facts() };
    let mut past = Vec::new();
    let mut at = now();
    for turn in 0..5 {
        let triggered = fired(&rule, &facts, &past, at).unwrap();
        assert!(
            past.iter().all(|earlier: &ciq_automation::Triggered| {
                earlier.occasion != triggered.occasion
            }),
            "{turn}"
        );
        past.push(triggered);
        assert_eq!(fired(&rule, &facts, &past, at + hours(23)), None);
        at += hours(24);
    }
    let calm = Facts { churn: Some(0.699), ..facts };
    assert_eq!(fired(&rule, &calm, &past, at), None);
}

#[test]
fn two_looks_at_one_past_name_one_occasion() {
    let rule = rule(json!({"type": "churn_risk"}), json!({}));
    let facts = Facts { churn: Some(0.9), ..facts() };
    let left = fired(&rule, &facts, &[], now()).unwrap();
    let right = fired(&rule, &facts, &[], now() + SignedDuration::from_secs(1)).unwrap();
    assert_eq!(left.occasion, right.occasion);
}

#[test]
fn a_milestone_is_reached_once_and_in_its_currency() {
    let spent = |spent_minor| Facts { spent_minor, ..facts() };
    let trigger = json!({"type": "ltv_milestone", "amount": "499.90", "currency": "USD"});
    assert_eq!(occasion_of(trigger.clone(), &spent(49_989)), None);
    assert_eq!(occasion_of(trigger.clone(), &spent(49_990)).as_deref(), Some("ltv:499.9:USD"));
    let yen = Facts { currency: "JPY".to_owned(), currency_digits: 0, ..spent(1_000_000) };
    assert_eq!(occasion_of(trigger, &yen), None);
    let any = json!({"type": "ltv_milestone", "amount": 1_000_000});
    assert_eq!(occasion_of(any.clone(), &yen).as_deref(), Some("ltv:1000000:any"));
    assert_eq!(occasion_of(any, &spent(1_000_000)), None);
}

#[test]
fn an_intent_fires_once_however_it_grows() {
    let intent = |score, last_at| IntentFact {
        product_name: "Sneakers".to_owned(),
        category: Some("Footwear".to_owned()),
        score,
        first_at: now() - days(2),
        last_at,
    };
    let with = |score, last_at| Facts { intents: vec![intent(score, last_at)], ..facts() };
    let trigger = |extra: Value| {
        let mut trigger = json!({"type": "product_intent", "min_score": 80});
        trigger.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        trigger
    };
    let seen = with(85, now() - days(1));
    assert_eq!(occasion_of(trigger(json!({})), &with(79, now())), None);
    assert!(occasion_of(trigger(json!({"product": "SNEAKERS"})), &seen).is_some());
    assert!(occasion_of(trigger(json!({"category": "Hats"})), &seen).is_none());
    let rule = rule(trigger(json!({})), json!({}));
    let first = fired(&rule, &seen, &[], now()).unwrap();
    assert_eq!(fired(&rule, &with(95, now()), &[first], now() + days(3)), None);
}

#[test]
fn a_visit_fires_on_its_day_in_its_store() {
    let visited = |ago: SignedDuration| Facts {
        last_store_visit_at: Some(now() - ago),
        store_visit_store: Some("Downtown Location".to_owned()),
        ..facts()
    };
    let trigger = json!({"type": "store_visit", "store": "downtown location"});
    assert!(occasion_of(trigger.clone(), &visited(hours(24))).is_some());
    assert!(occasion_of(trigger, &visited(hours(25))).is_none());
    let other = json!({"type": "store_visit", "store": "Airport"});
    assert!(occasion_of(other, &visited(hours(1))).is_none());
}

#[test]
fn a_segment_fires_when_it_is_entered() {
    let within = |segment: &str, ago: SignedDuration| Facts {
        segment: Some(segment.to_owned()),
        segment_since: Some(now() - ago),
        ..facts()
    };
    let trigger = json!({"type": "segment_entered", "segment": "champion"});
    let entered = within("champion", hours(1));
    let name = "segment:champion:2024-01-20T09:00:00Z";
    assert_eq!(occasion_of(trigger.clone(), &entered).as_deref(), Some(name));
    assert!(occasion_of(trigger.clone(), &within("loyal", hours(1))).is_none());
    assert!(occasion_of(trigger, &within("champion", days(8))).is_none());
}

#[test]
fn a_silence_fires_after_its_days() {
    let silent = |last_event_at| Facts { last_event_at, ..facts() };
    let trigger = json!({"type": "re_engagement", "inactive_days": 30});
    assert!(occasion_of(trigger.clone(), &silent(Some(now() - days(30)))).is_some());
    assert!(occasion_of(trigger.clone(), &silent(Some(now() - days(29)))).is_none());
    assert!(occasion_of(trigger, &silent(None)).is_none());
}

#[test]
fn an_intervention_fires_by_kind_and_severity() {
    let open = |severity| InterventionFact {
        kind: "error_debugging".to_owned(),
        severity,
        opened_at: now() - hours(1),
    };
    let with = |severity| Facts { interventions: vec![open(severity)], ..facts() };
    let trigger =
        |kind: &str| json!({"type": "intervention", "kind": kind, "min_severity": "high"});
    assert!(occasion_of(trigger("error_debugging"), &with(Severity::High)).is_some());
    assert!(occasion_of(trigger("error_debugging"), &with(Severity::Medium)).is_none());
    assert!(occasion_of(trigger("upsell_suggestion"), &with(Severity::Critical)).is_none());
}

#[test]
fn neither_a_switched_off_rule_nor_an_erased_customer_fires() {
    let trigger = || json!({"type": "churn_risk"});
    let facts = Facts { churn: Some(0.9), ..facts() };
    assert_eq!(fired(&rule(trigger(), json!({"enabled": false})), &facts, &[], now()), None);
    let erased = Facts { is_erased: true, ..facts };
    assert_eq!(fired(&rule(trigger(), json!({})), &erased, &[], now()), None);
}

#[test]
fn all_conditions_have_to_hold() {
    let conditions = json!([
        {"field": "segment", "value": "at_risk"},
        {"field": "order_count", "op": "ge", "value": 2},
    ]);
    let rule = rule(json!({"type": "churn_risk"}), json!({"conditions": conditions}));
    let mut facts = Facts { churn: Some(0.8), order_count: 2, ..facts() };
    assert_eq!(fired(&rule, &facts, &[], now()), None);
    facts.segment = Some("at_risk".to_owned());
    assert!(fired(&rule, &facts, &[], now()).is_some());
    facts.order_count = 1;
    assert_eq!(fired(&rule, &facts, &[], now()), None);
}

#[test]
fn rules_are_asked_by_priority_then_by_id() {
    let named = |id: &str, priority: i64| {
        rule(json!({"type": "churn_risk"}), json!({"id": id, "priority": priority}))
    };
    let rules = [named("b", 1), named("c", 5), named("a", 1), named("d", -1)];
    let facts = Facts { churn: Some(0.9), ..facts() };
    let past = [PastExecution {
        automation_id: "z".to_owned(),
        occasion: "churn_risk:first".to_owned(),
        triggered_at: now(),
    }];
    let order: Vec<String> = evaluate_all(&rules, &facts, &past, now())
        .into_iter()
        .map(|triggered| triggered.automation_id)
        .collect();
    assert_eq!(order, ["c", "a", "b", "d"]);
}

#[test]
fn an_execution_dated_ahead_of_now_rests_as_well() {
    let rule = rule(json!({"type": "churn_risk"}), json!({}));
    let facts = Facts { churn: Some(0.9), ..facts() };
    let ahead: Timestamp = now() + hours(5);
    let first = fired(&rule, &facts, &[], ahead).unwrap();
    assert_eq!(fired(&rule, &facts, &[first], now()), None);
}
