//! What happens at the moment of sending.

use ciq_automation::{
    Automation, Channel, Facts, SEND_AGE_MAX, SendVerdict, SentFact, Suppression, Triggered,
    check_send,
};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::{cart, days, facts, fired, hours, now, rule, send};

fn risky() -> Facts {
    Facts { churn: Some(0.8), ..facts() }
}

fn churn_rule(patch: Value) -> Automation {
    rule(json!({"type": "churn_risk"}), patch)
}

fn churn_fired(automation: &Automation) -> Triggered {
    fired(automation, &risky(), &[], now()).unwrap()
}

#[track_caller]
fn suppressed(patch: Value, facts: &Facts, reason: Suppression) {
    let rule = churn_rule(patch);
    let verdict = send(&rule, facts, &churn_fired(&rule), now());
    assert_eq!(verdict, SendVerdict::Suppress { reason });
}

#[track_caller]
fn goes_out(patch: Value, facts: &Facts) {
    let rule = churn_rule(patch);
    let verdict = send(&rule, facts, &churn_fired(&rule), now());
    assert!(matches!(verdict, SendVerdict::Send(_)), "{verdict:?}");
}

fn sent(times: usize, ago: SignedDuration) -> Facts {
    let one = SentFact { at: now() - ago, channel: Channel::Email, automation: "other".to_owned() };
    Facts { sent: vec![one; times], ..risky() }
}

#[test]
fn nothing_is_said_about_a_cart_that_was_bought_since() {
    let rule = rule(json!({"type": "cart_abandonment"}), json!({"delay": "1h"}));
    let left = Facts { carts: vec![cart("Hat", now() - hours(3))], ..facts() };
    let triggered = fired(&rule, &left, &[], now()).unwrap();
    let due = now() + hours(1);
    assert!(matches!(send(&rule, &left, &triggered, due), SendVerdict::Send(_)));
    let cleared = SendVerdict::Suppress { reason: Suppression::ConditionCleared };
    assert_eq!(send(&rule, &facts(), &triggered, due), cleared);
    let again = Facts { carts: vec![cart("Hat", now())], ..facts() };
    assert_eq!(send(&rule, &again, &triggered, due), cleared);
}

#[test]
fn a_cart_may_grow_older_than_its_window_while_it_waits() {
    let rule = rule(json!({"type": "cart_abandonment", "within": "3h"}), json!({}));
    let left = Facts { carts: vec![cart("Hat", now() - hours(3))], ..facts() };
    let triggered = fired(&rule, &left, &[], now()).unwrap();
    assert!(matches!(send(&rule, &left, &triggered, now() + hours(9)), SendVerdict::Send(_)));
}

#[test]
fn what_fired_has_to_hold_still() {
    let calm = Facts { churn: Some(0.2), ..facts() };
    suppressed(json!({}), &calm, Suppression::ConditionCleared);
    let conditions = json!({"conditions": [{"field": "churn", "op": "lt", "value": 0.85}]});
    let worse = Facts { churn: Some(0.9), ..facts() };
    suppressed(conditions, &worse, Suppression::ConditionCleared);
    // The rule was changed to another trigger meanwhile.
    let before = churn_rule(json!({}));
    let after = rule(json!({"type": "re_engagement", "inactive_days": 1}), json!({}));
    let silent = Facts { last_event_at: Some(now() - days(9)), ..risky() };
    let verdict = send(&after, &silent, &churn_fired(&before), now());
    assert_eq!(verdict, SendVerdict::Suppress { reason: Suppression::ConditionCleared });
}

#[test]
fn a_moment_holds_as_long_as_it_is_the_same_moment() {
    let rule = rule(json!({"type": "segment_entered", "segment": "champion"}), json!({}));
    let mut best = Facts { segment: Some("champion".to_owned()), ..facts() };
    best.segment_since = Some(now());
    let triggered = fired(&rule, &best, &[], now()).unwrap();
    assert!(matches!(send(&rule, &best, &triggered, now()), SendVerdict::Send(_)));
    best.segment_since = Some(now() + hours(1));
    let verdict = send(&rule, &best, &triggered, now() + hours(2));
    assert_eq!(verdict, SendVerdict::Suppress { reason: Suppression::ConditionCleared });
}

#[test]
fn a_visit_stays_a_visit_after_a_later_one() {
    let rule = rule(json!({"type": "store_visit"}), json!({"delay": "3h"}));
    let mut facts = Facts { last_store_visit_at: Some(now()), ..facts() };
    let triggered = fired(&rule, &facts, &[], now()).unwrap();
    facts.last_store_visit_at = Some(now() + hours(2));
    assert!(matches!(send(&rule, &facts, &triggered, now() + hours(3)), SendVerdict::Send(_)));
}

#[test]
fn a_no_is_a_no_on_its_channel() {
    let no = Facts { consents: [(Channel::Whatsapp, false)].into(), ..risky() };
    suppressed(json!({}), &no, Suppression::NoConsent);
    let other = Facts { consents: [(Channel::Email, false)].into(), ..risky() };
    goes_out(json!({}), &other);
    let explicit = || json!({"consent": "explicit"});
    suppressed(explicit(), &other, Suppression::NoConsent);
    let yes = Facts { consents: [(Channel::Whatsapp, true)].into(), ..risky() };
    goes_out(explicit(), &yes);
    let gone = Facts { is_unsubscribed: true, ..yes };
    suppressed(explicit(), &gone, Suppression::Unsubscribed);
}

#[test]
fn the_cap_counts_what_every_automation_sent() {
    goes_out(json!({}), &sent(2, days(1)));
    suppressed(json!({}), &sent(3, days(1)), Suppression::FrequencyCap);
    goes_out(json!({}), &sent(3, days(7)));
    suppressed(json!({}), &sent(3, hours(-1)), Suppression::FrequencyCap);
    let own = json!({"frequency_cap": {"max": 1, "per": "1d"}});
    suppressed(own.clone(), &sent(1, hours(23)), Suppression::FrequencyCap);
    goes_out(own, &sent(1, hours(24)));
}

#[test]
fn an_erased_customer_and_a_switched_off_rule_send_nothing() {
    suppressed(json!({}), &Facts { is_erased: true, ..risky() }, Suppression::Erased);
    let mut rule = churn_rule(json!({}));
    let triggered = churn_fired(&rule);
    rule.enabled = false;
    let verdict = send(&rule, &risky(), &triggered, now());
    assert_eq!(verdict, SendVerdict::Suppress { reason: Suppression::Disabled });
}

#[test]
fn an_action_that_was_removed_and_one_that_is_too_late_send_nothing() {
    let rule = churn_rule(json!({}));
    let triggered = churn_fired(&rule);
    let verdict = check_send(&rule, 1, &risky(), &triggered, now());
    assert_eq!(verdict, SendVerdict::Suppress { reason: Suppression::ActionGone });
    let late = now() + SEND_AGE_MAX;
    assert!(matches!(send(&rule, &risky(), &triggered, late), SendVerdict::Send(_)));
    let later = send(&rule, &risky(), &triggered, late + hours(1));
    assert_eq!(later, SendVerdict::Suppress { reason: Suppression::Expired });
}

#[test]
fn quiet_hours_and_delays_wait() {
    let quiet = json!({"quiet_hours": {"from": "09:00", "to": "11:00"}, "delay": "30m"});
    let rule = churn_rule(quiet);
    let triggered = churn_fired(&rule);
    let due = now() + SignedDuration::from_mins(30);
    assert_eq!(send(&rule, &risky(), &triggered, now()), SendVerdict::Wait { until: due });
    let end = SendVerdict::Wait { until: now() + hours(1) };
    assert_eq!(send(&rule, &risky(), &triggered, due), end);
    let sent = send(&rule, &risky(), &triggered, now() + hours(1));
    assert!(matches!(sent, SendVerdict::Send(_)));
}

#[track_caller]
fn reaches(action: Value, facts: &Facts, expected: Option<&str>) {
    let rule = churn_rule(json!({"actions": [action]}));
    match send(&rule, facts, &churn_fired(&rule), now()) {
        SendVerdict::Send(message) => assert_eq!(message.to.as_deref(), expected),
        other => {
            assert_eq!(other, SendVerdict::Suppress { reason: Suppression::NoAddress });
            assert_eq!(expected, None);
        }
    }
}

#[test]
fn each_channel_has_its_address() {
    let message = || json!({"type": "send_message", "body": "x"});
    let sms = || json!({"type": "send_sms", "body": "x"});
    let email = || json!({"type": "send_email", "subject": "s", "body": "x"});
    reaches(message(), &risky(), Some("+15550123"));
    let own = Facts { whatsapp: Some("+44 7700 900000".to_owned()), ..risky() };
    reaches(message(), &own, Some("+447700900000"));
    reaches(sms(), &own, Some("+15550123"));
    reaches(email(), &own, Some("ada@example.com"));
    let nowhere = Facts { phone: None, email: Some(String::new()), ..risky() };
    reaches(message(), &nowhere, None);
    reaches(sms(), &nowhere, None);
    reaches(email(), &nowhere, None);
}

#[test]
fn what_no_customer_sees_needs_no_consent() {
    let hush = Facts {
        is_unsubscribed: true,
        consents: Channel::ALL.map(|channel| (channel, false)).into(),
        phone: None,
        email: None,
        ..sent(9, hours(1))
    };
    let actions = json!([
        {"type": "webhook", "url": "https://example.com/hook", "data": {"who": "{{ name }}"}},
        {"type": "create_task", "title": "Call {{ name }}", "assignee": "desk"},
        {"type": "update_segment", "segment": "at_risk"},
    ]);
    let quiet = json!({"from": "09:00", "to": "11:00"});
    let rule = churn_rule(json!({"actions": actions, "quiet_hours": quiet}));
    let triggered = churn_fired(&rule);
    let message = |index| match check_send(&rule, index, &hush, &triggered, now()) {
        SendVerdict::Send(message) => message,
        other => panic!("{other:?}"),
    };
    let hook: Value = serde_json::from_str(&message(0).body).unwrap();
    assert_eq!(hook["data"]["who"], "Ada Example");
    assert_eq!(hook["evidence"]["churn"], 0.8);
    assert_eq!(hook["idempotency_key"], message(0).idempotency_key);
    assert_eq!(message(0).to.as_deref(), Some("https://example.com/hook"));
    let task = message(1);
    assert_eq!((task.channel, task.subject.as_deref()), (Channel::Task, Some("Call Ada Example")));
    assert_eq!((message(2).channel, message(2).body.as_str()), (Channel::Segment, "at_risk"));
}

#[test]
fn a_key_is_the_same_for_the_same_send_and_no_other() {
    let action = json!({"type": "send_message", "body": "Hello"});
    let patch = |id: &str| json!({"id": id, "actions": [action, action]});
    let key = |id: &str, customer: &str, index: usize, occasion: &str| {
        let rule = churn_rule(patch(id));
        let mut triggered = churn_fired(&rule);
        triggered.customer_id = customer.to_owned();
        triggered.occasion = format!("churn_risk:{occasion}");
        match check_send(&rule, index, &risky(), &triggered, now() + hours(1)) {
            SendVerdict::Send(message) => message.idempotency_key,
            other => panic!("{other:?}"),
        }
    };
    let first = key("a", "cus_1", 0, "first");
    assert_eq!(first, key("a", "cus_1", 0, "first"));
    assert_eq!(first.len(), 32);
    for other in [
        key("b", "cus_1", 0, "first"),
        key("a", "cus_2", 0, "first"),
        key("a", "cus_1", 1, "first"),
        key("a", "cus_1", 0, "second"),
    ] {
        assert_ne!(first, other);
    }
}

#[test]
fn names_read_back() {
    for reason in Suppression::ALL {
        assert_eq!(Suppression::parse(reason.name()), Some(reason));
    }
    for channel in Channel::ALL {
        assert_eq!(Channel::parse(channel.name()), Some(channel));
    }
}
