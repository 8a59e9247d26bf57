//! Keys, headers and addresses.

use axum::body::Body;
use axum::http::Request;

use ciq_stripe_twin::Faults;
use stripe_shared::ApiErrors;

use crate::kit::{Client, request, with_faults};

#[tokio::test]
async fn a_test_key_opens_the_twin() {
    let client = Client::new();
    for header in ["Bearer sk_test_1", "Bearer rk_test_1", "Basic c2tfdGVzdF8xOg=="] {
        let request = Request::get("/v1/customers").header("authorization", header);
        client.send(request.body(Body::empty()).unwrap()).await.ok();
    }
}

#[tokio::test]
async fn without_a_key_the_answer_is_401() {
    let request = Request::get("/v1/customers").body(Body::empty()).unwrap();
    let answer = Client::new().send(request).await;
    assert_eq!(answer.error(401)["type"], "invalid_request_error");
    assert_eq!(answer.header("www-authenticate"), Some("Basic realm=\"Stripe\""));
}

#[tokio::test]
async fn a_live_key_is_refused_and_not_repeated() {
    let request = Request::get("/v1/customers").header("authorization", "Bearer sk_live_hush");
    let answer = Client::new().send(request.body(Body::empty()).unwrap()).await;
    let error = answer.error(401);
    assert!(error["message"].as_str().unwrap().contains("live key"), "{error}");
    assert!(!answer.body.unwrap().contains("hush"));
}

#[tokio::test]
async fn every_answer_says_that_this_is_not_stripe() {
    let client = Client::new();
    let keyless = Request::get("/").body(Body::empty()).unwrap();
    let answers = [
        client.get("/v1/customers").await,
        client.get("/v1/customers/cus_none").await,
        client.get("/v1/nowhere").await,
        client.post("/v1/customers", "nam=A").await,
        client.send(keyless).await,
    ];
    let mut request_ids: Vec<_> = answers.iter().map(|it| it.header("request-id")).collect();
    request_ids.dedup();
    assert_eq!(request_ids.len(), answers.len());
    for answer in &answers {
        assert_eq!(answer.header("stripe-twin"), Some("this is not Stripe"));
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
}

#[tokio::test]
async fn the_version_asked_for_comes_back() {
    let client = Client::new();
    let answer = client.get("/v1/customers").await;
    assert_eq!(answer.header("stripe-version"), Some("2026-09-30.endive"));
    let ask = |version: &str| {
        let request = request("GET", "/v1/customers").header("stripe-version", version);
        request.body(Body::empty()).unwrap()
    };
    let answer = client.send(ask("2025-03-31.basil")).await;
    assert_eq!(answer.header("stripe-version"), Some("2025-03-31.basil"));
    let error = client.send(ask("soon")).await.error(400);
    assert_eq!(error["message"], "Invalid Stripe API version: soon");
}

#[tokio::test]
async fn an_unknown_address_is_404_in_json() {
    let client = Client::new();
    let answers = [
        ("GET: /v1/charges", client.get("/v1/charges").await),
        ("GET: /", client.get("/").await),
        ("POST: /v1/customers/", client.post("/v1/customers/", "").await),
        ("DELETE: /v1/prices/x", client.delete("/v1/prices/x").await),
    ];
    for (address, answer) in answers {
        let error = answer.error(404);
        let expected = format!("Unrecognized request URL ({address}).");
        assert!(error["message"].as_str().unwrap().starts_with(&expected), "{error}");
        assert_eq!(error["type"], "invalid_request_error");
    }
}

#[tokio::test]
async fn what_does_not_exist_is_404_and_missing() {
    let error = Client::new().get("/v1/customers/cus_none").await.error(404);
    assert_eq!(error["code"], "resource_missing");
    assert_eq!(error["message"], "No such customer: 'cus_none'");
}

#[tokio::test]
async fn calls_are_counted_by_status() {
    let client = Client::new();
    client.post("/v1/customers", "name=a").await.ok();
    client.get("/v1/customers").await.ok();
    client.get("/v1/nowhere").await.error(404);
    let counters = client.twin.counters();
    assert_eq!((counters.calls, counters.executed_writes), (3, 1));
    assert_eq!(counters.by_status.into_iter().collect::<Vec<_>>(), [(200, 2), (404, 1)]);
}

/// The body of an error, as async-stripe reads it.
#[derive(miniserde::Deserialize)]
struct ErrorBody {
    error: ApiErrors,
}

#[tokio::test]
async fn errors_can_be_read_by_async_stripe() {
    let client = Client::new();
    let faults = |rate_limited_per_mille, server_error_per_mille| {
        let none = Faults::default();
        Client::with(with_faults(Faults { rate_limited_per_mille, server_error_per_mille, ..none }))
    };
    client.post_as("k", "/v1/customers", "").await.ok();
    let keyless = Request::get("/v1/customers").body(Body::empty()).unwrap();
    let declined = "payment_method=pm_card_chargeDeclined";
    for (answer, status) in [
        (client.send(keyless).await, 401),
        (client.get("/v1/nowhere").await, 404),
        (client.get("/v1/customers/cus_none").await, 404),
        (client.post("/v1/customers", "nam=a").await, 400),
        (client.post_as("k", "/v1/customers", "name=a").await, 400),
        (client.post("/v1/customers", declined).await, 402),
        (faults(1_000, 0).get("/v1/customers").await, 429),
        (faults(0, 1_000).get("/v1/customers").await, 500),
    ] {
        assert_eq!(answer.status, status);
        let body: ErrorBody = miniserde::json::from_str(answer.body.as_deref().unwrap()).unwrap();
        assert_eq!(body.error.message, answer.json()["error"]["message"].as_str().map(Into::into));
        assert_eq!(body.error.type_.as_str(), answer.json()["error"]["type"]);
    }
}
