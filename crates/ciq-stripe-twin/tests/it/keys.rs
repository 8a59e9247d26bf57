//! Idempotency keys.

use axum::body::Body;
use ciq_stripe_twin::{Faults, TwinSettings};
use jiff::SignedDuration;

use crate::kit::{Client, MONTH_LATER, id, pass, request, settings, with_faults};

#[tokio::test]
async fn the_same_request_under_the_same_key_is_done_once() {
    let client = Client::new();
    let first = client.post_as("k", "/v1/customers", "name=Ann&email=a@example.com").await;
    let second = client.post_as("k", "/v1/customers", "email=a@example.com&name=Ann").await;
    assert_eq!(first.ok(), second.ok());
    assert_eq!(first.header("idempotent-replayed"), None);
    assert_eq!(second.header("idempotent-replayed"), Some("true"));
    assert_eq!(second.header("original-request"), first.header("request-id"));
    assert_eq!(second.header("idempotency-key"), Some("k"));
    let counters = client.twin.counters();
    assert_eq!((counters.executed_writes, counters.replayed_answers), (1, 1));
}

#[tokio::test]
async fn a_key_stands_for_one_request_only() {
    let client = Client::new();
    let customer = id(&client.post_as("k", "/v1/customers", "name=Ann").await.ok());
    let error = client.post_as("k", "/v1/customers", "name=Bob").await.error(400);
    assert_eq!(error["type"], "idempotency_error");
    assert!(error["message"].as_str().unwrap().contains("same parameters"), "{error}");
    let path = format!("/v1/customers/{customer}");
    let error = client.post_as("k", &path, "name=Ann").await.error(400);
    assert_eq!(error["type"], "idempotency_error");
    assert!(error["message"].as_str().unwrap().contains("same endpoint"), "{error}");
}

#[tokio::test]
async fn a_refusal_before_execution_is_not_kept() {
    let client = Client::new();
    client.post_as("k", "/v1/customers", "nam=Ann").await.error(400);
    client.post_as("k", "/v1/customers", "name=Ann").await.ok();
}

#[tokio::test]
async fn a_refusal_by_the_books_is_kept() {
    let client = Client::new();
    let form = "customer=cus_none&items[0][price]=price_none";
    client.post_as("k", "/v1/subscriptions", form).await.error(400);
    let again = client.post_as("k", "/v1/subscriptions", form).await;
    again.error(400);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
}

#[tokio::test]
async fn a_clock_that_advances_is_no_reason_to_remember() {
    let advance_duration = SignedDuration::from_secs(5);
    let client = Client::with(TwinSettings { advance_duration, ..settings() });
    let made = client.subscribe().await;
    let advance = format!("/v1/test_helpers/test_clocks/{}/advance", made.clock);
    let clock = client.post(&advance, &format!("frozen_time={MONTH_LATER}")).await.ok();
    assert_eq!(clock["status"], "advancing");
    let path = format!("/v1/customers/{}", made.customer);
    let busy = client.post_as("k", &path, "name=Bob").await;
    let error = busy.error(429);
    assert!(error["message"].as_str().unwrap().starts_with("Test clock advancement underway"));
    assert_eq!(busy.header("stripe-rate-limited-reason"), None);
    pass(advance_duration);
    assert_eq!(client.post_as("k", &path, "name=Bob").await.ok()["name"], "Bob");
}

#[tokio::test]
async fn a_failure_after_execution_is_kept_and_one_before_is_not() {
    let faults = Faults { server_error_per_mille: 1_000, ..Faults::default() };
    let client = Client::with(with_faults(faults));
    for number in 0..20 {
        client.post_as(&format!("k{number}"), "/v1/customers", "name=Ann").await.error(500);
    }
    let executed = client.twin.counters().executed_writes;
    assert!((1..20).contains(&executed), "{executed}");
    // Under the keys of those that were executed, the failure comes again.
    for number in 0..20 {
        client.post_as(&format!("k{number}"), "/v1/customers", "name=Ann").await.error(500);
    }
    assert!(client.twin.counters().replayed_answers > 0);
}

#[tokio::test]
async fn a_key_counts_for_posts_alone_and_has_255_characters_at_most() {
    let client = Client::new();
    let customer = id(&client.post_as("k", "/v1/customers", "name=Ann").await.ok());
    let path = format!("/v1/customers/{customer}");
    let deletion = request("DELETE", &path).header("idempotency-key", "k");
    client.send(deletion.body(Body::empty()).unwrap()).await.ok();
    client.post_as(&"k".repeat(255), "/v1/customers", "name=Ann").await.ok();
    client.post_as(&"k".repeat(256), "/v1/customers", "name=Ann").await.error(400);
}

#[tokio::test]
async fn a_key_is_forgotten_after_a_day() {
    let client = Client::new();
    let first = id(&client.post_as("k", "/v1/customers", "name=Ann").await.ok());
    pass(SignedDuration::from_hours(24));
    let second = id(&client.post_as("k", "/v1/customers", "name=Bob").await.ok());
    assert_ne!(first, second);
}
