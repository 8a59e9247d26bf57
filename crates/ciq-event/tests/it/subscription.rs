//! Events of subscriptions and payments, as envelopes and as domain events.

use crate::story::{check, check_refused, event};
use ciq_event::Payload;

pub(crate) const UPGRADED: &str = r#"{"customer_id":"acme","event_type":"subscription_upgraded",
    "timestamp":1734134400,"source_service":"billing","event_id":"b-1",
    "data":{"subscription_id":"sub_1","plan":"Pro Plus","screens":12,"mrr":"180.00",
        "currency":"USD","status":"active","email":"ada@example.com","name":"Ada",
        "external_ids":{"stripe":"cus_1"}}}"#;

fn envelope(event_type: &str, data: &str) -> String {
    format!(
        r#"{{"customer_id":"acme","event_type":"{event_type}","timestamp":1734134400,"data":{data}}}"#
    )
}

#[test]
fn a_subscription_is_told_with_what_it_is_and_costs() {
    check(
        "envelope",
        UPGRADED,
        &["subscription_upgraded from billing at 2024-12-14T00:00:00Z
        customer_id: acme
        email: ada@example.com
        external:stripe: cus_1
        title: Subscription upgraded: Pro Plus, 12 screens
        status: active
        profile: name=Ada
        payload: id=sub_1 | change=Changed | plan=Pro Plus | screens=12 | mrr=180.00 USD | status=active"],
    );
}

#[test]
fn a_beginning_and_an_end_say_how_it_stands_and_since_when() {
    check(
        "envelope",
        &envelope("subscription_started", r#"{"subscription_id":"s","plan":"Free","screens":1,"mrr":0}"#),
        &["subscription_started from unknown at 2024-12-14T00:00:00Z
        customer_id: acme
        title: Subscription started: Free, 1 screen
        payload: id=s | change=Started | plan=Free | screens=1 | mrr=0.00 USD | status=active | started=2024-12-14T00:00:00Z"],
    );
    check(
        "envelope",
        &envelope("subscription_cancelled", r#"{"subscription_id":"s"}"#),
        &["subscription_cancelled from unknown at 2024-12-14T00:00:00Z
        customer_id: acme
        title: Subscription cancelled
        payload: id=s | change=Cancelled | status=canceled | ended=2024-12-14T00:00:00Z"],
    );
}

#[test]
fn a_payment_names_its_subscription_and_invoice() {
    let data = r#"{"subscription_id":"s","invoice_id":"in_1","amount":"180.00","status":"open"}"#;
    check(
        "envelope",
        &envelope("payment_failed", data),
        &["payment_failed from unknown at 2024-12-14T00:00:00Z
        customer_id: acme
        title: Payment failed
        amount: 180.00 USD
        status: open
        payload: id=s | change=PaymentFailed | invoice=in_1"],
    );
}

#[test]
fn without_a_subscription_it_only_stands_in_the_timeline() {
    for event_type in ["invoice_paid", "payment_failed", "subscription_updated"] {
        let told = event("envelope", envelope(event_type, r#"{"amount":49.5,"status":"odd"}"#));
        assert_eq!(told.payload, Payload::Generic);
        assert_eq!(told.amount.unwrap().minor, 4_950);
    }
    let domain = r#"{"id":"1","ts":"2025-01-15T10:00:00Z","userId":"u","name":"invoice_paid",
        "props":{"amount":499.05,"currency":"USD"}}"#;
    assert_eq!(event("domain", domain).payload, Payload::Generic);
}

#[test]
fn what_cannot_be_is_refused_with_what_may_be() {
    let refused = |data: &str, field: &str| {
        check_refused("envelope", envelope("subscription_updated", data), field)
    };
    let reason = refused(r#"{"subscription_id":"s","status":"fine"}"#, "data.status");
    assert!(reason.contains("past_due"), "{reason}");
    refused(r#"{"subscription_id":"s","screens":-1}"#, "data.screens");
    refused(r#"{"subscription_id":"s","screens":1.5}"#, "data.screens");
    refused(r#"{"subscription_id":"s","mrr":-1}"#, "data.mrr");
    refused(r#"{"subscription_id":"s","mrr":"1.005"}"#, "data.mrr");
    let long = format!(r#"{{"subscription_id":"{}"}}"#, "s".repeat(256));
    refused(&long, "data.subscription_id");
}
