//! The rules to begin with.

use ciq_automation::{SendVerdict, default_set};
use jiff::SignedDuration;

use crate::support::{at, cart, days, facts, fired, hours, now, send};

#[test]
fn the_default_set_parses_and_is_switched_off() {
    let set = default_set().unwrap();
    let ids: Vec<&str> = set.iter().map(|rule| rule.id.as_str()).collect();
    let expected =
        ["cart-recovery", "vip-treatment", "churn-retention", "re-engagement", "store-follow-up"];
    assert_eq!(ids, expected);
    assert!(set.iter().all(|rule| !rule.enabled && rule.quiet_hours.is_some()));
}

#[test]
fn each_default_fires_for_the_customer_it_is_meant_for() {
    let mut known = facts();
    known.order_count = 5;
    known.carts = vec![cart("Premium Sneakers", at("2024-01-19T15:00:00Z"))];
    known.segment = Some("champion".to_owned());
    known.segment_since = Some(now() - hours(1));
    known.churn = Some(0.75);
    known.last_event_at = Some(now() - days(61));
    known.last_store_visit_at = Some(now() - hours(2));
    let mut texts = Vec::new();
    for mut rule in default_set().unwrap() {
        rule.enabled = true;
        let mut facts = known.clone();
        if rule.id == "churn-retention" {
            facts.segment = Some("at_risk".to_owned());
        }
        let triggered = fired(&rule, &facts, &[], now()).unwrap();
        let SendVerdict::Send(message) =
            send(&rule, &facts, &triggered, now() + SignedDuration::from_hours(3))
        else {
            panic!("{} does not send", rule.id)
        };
        texts.push(message.body);
    }
    assert_eq!(
        texts[0],
        "Hi Ada! Premium Sneakers is still waiting in your cart. Here is 10% off: CART10"
    );
    assert_eq!(texts[2], "Hi Ada! It has been a while. Is there anything we can do better?");
    assert!(texts[4].starts_with("Hi Ada! Thank you for your visit. Is"), "{}", texts[4]);
}
