//! The domain event `{id, ts, userId, name, props}`.

use crate::story::{check, check_refused, event};

pub(crate) const DECLINE: &str = r#"{
  "id": "evt_abcd123",
  "ts": "2025-01-20T10:00:00.000Z",
  "userId": "ABC123",
  "name": "pre_renewal_card_decline",
  "props": {"daysToRenewal": 3, "amount": 49, "currency": "USD"}
}"#;

#[test]
fn the_documented_events_are_events() {
    check(
        "domain",
        DECLINE,
        &["pre_renewal_card_decline from mockgen at 2025-01-20T10:00:00Z
        customer_id: ABC123
        title: Pre renewal card decline
        amount: 49.00 USD"],
    );
    check(
        "domain",
        r#"{"id":"e","ts":1737367200,"userId":7,"name":"plan_renewed","props":{"amount":"49.00"}}"#,
        &["plan_renewed from mockgen at 2025-01-20T10:00:00Z
        customer_id: 7
        title: Plan renewed
        amount: 49.00 USD"],
    );
    check(
        "domain",
        r#"{"id":"e","ts":"2025-01-20T10:00:00Z","userId":"U","name":"ticket_opened",
            "props":{"message":"It is slow","sentiment":"negative","urgency":"high","status":"open"}}"#,
        &["ticket_opened from mockgen at 2025-01-20T10:00:00Z
        customer_id: U
        title: Ticket opened
        description: It is slow
        status: open"],
    );
}

#[test]
fn props_and_id_may_be_absent() {
    check(
        "domain",
        r#"{"ts":"2025-01-20T10:00:00Z","userId":"U","name":"session_start"}"#,
        &["session_start from mockgen at 2025-01-20T10:00:00Z
        customer_id: U
        title: Session start"],
    );
}

#[test]
fn a_purchase_by_name_is_a_purchase() {
    check(
        "domain",
        r#"{"id":"e","ts":1737367200,"userId":"U","name":"purchase","props":{"order_id":"o","total":2}}"#,
        &["purchase from mockgen at 2025-01-20T10:00:00Z
        customer_id: U
        title: purchase
        amount: 2.00 USD
        payload: id=o | product=purchase | total=2.00"],
    );
}

#[test]
fn what_is_missing_is_named() {
    check_refused("domain", r#"{"ts":1737367200,"name":"x"}"#, "userId");
    check_refused("domain", r#"{"userId":"U","name":"x"}"#, "ts");
    check_refused("domain", r#"{"userId":"U","name":"x","ts":0}"#, "ts");
    check_refused("domain", r#"{"userId":"U","ts":1737367200}"#, "name");
    check_refused("domain", r#"{"userId":"U","name":"a\tb","ts":1737367200}"#, "name");
    check_refused("domain", r#"{"userId":"U","name":"purchase","ts":1737367200}"#, "props.total");
}

#[test]
fn the_id_it_brings_names_the_event() {
    let moved = DECLINE.replace("2025-01-20", "2025-01-21");
    assert_eq!(event("domain", DECLINE).id, event("domain", moved).id);
    let other = DECLINE.replace("evt_abcd123", "evt_abcd124");
    assert_ne!(event("domain", DECLINE).id, event("domain", other).id);
}
