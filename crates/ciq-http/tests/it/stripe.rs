//! Webhooks of Stripe, signed as Stripe signs.

use std::fmt::Write;

use ciq_http::{Access, ApiOptions, WebhookSecrets};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::world::{Answer, World};

const PATH: &str = "/api/integrations/stripe/webhook";

/// About when the clock of a world begins.
const MORNING: i64 = 1_706_774_400;

fn signed(secrets: &str, tokens: &str) -> World {
    World::with(ApiOptions {
        access: Access::parse(tokens).unwrap(),
        stripe_secrets: WebhookSecrets::parse(secrets).unwrap(),
        ..ApiOptions::default()
    })
}

/// The part of a header that one secret makes.
fn signature(secret: &str, second: i64, body: &str) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    let bytes = mac.chain_update(format!("{second}.{body}")).finalize().into_bytes();
    bytes.iter().fold("v1=".to_owned(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

async fn send(world: &World, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut all = vec![("content-type", "application/json; charset=utf-8")];
    all.extend(headers);
    world.ask(("POST", PATH), &all, body.to_owned()).await
}

async fn send_signed(world: &World, secret: &str, body: &str) -> Answer {
    let header = format!("t={MORNING},{}", signature(secret, MORNING, body));
    send(world, &[("stripe-signature", &header)], body).await
}

fn event(id: &str, kind: &str, object: &Value) -> String {
    json!({"id": id, "object": "event", "created": MORNING, "livemode": false, "type": kind,
        "data": {"object": object}})
    .to_string()
}

fn customer() -> String {
    let object = json!({"id": "cus_1", "object": "customer", "email": "ada@customer.example.org",
        "name": "Ada"});
    event("evt_1", "customer.created", &object)
}

fn subscription() -> String {
    let price = json!({"currency": "usd", "unit_amount": 1500, "nickname": "Pro Plus",
        "recurring": {"interval": "month"}});
    let object = json!({"id": "sub_1", "object": "subscription", "customer": "cus_1",
        "currency": "usd", "status": "active", "start_date": MORNING,
        "items": {"data": [{"quantity": 4, "price": price}]}});
    event("evt_2", "customer.subscription.created", &object)
}

fn failed() -> String {
    let object = json!({"id": "in_1", "object": "invoice", "customer": "cus_1", "currency": "usd",
        "subscription": "sub_1", "amount_due": 6000, "status": "open"});
    event("evt_3", "invoice.payment_failed", &object)
}

#[tokio::test]
async fn signed_events_make_a_customer_with_its_subscription_and_billing() {
    let world = signed("whsec_1", "");
    for body in [customer(), subscription(), failed()] {
        assert_eq!(send_signed(&world, "whsec_1", &body).await.ok()["status"], "stored");
    }
    let again = send_signed(&world, "whsec_1", &failed()).await.ok();
    assert_eq!(again["status"], "duplicate");
    let list = world.get("/api/profiles").await.ok();
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
    let id = list["data"][0]["id"].as_str().unwrap();
    let billing = world.get(&format!("/api/profiles/{id}/360")).await.ok()["billing"].clone();
    assert_eq!(billing["health"], "past_due");
    assert_eq!((&billing["plans"], &billing["screens"]), (&json!(["Pro Plus"]), &json!(4)));
    assert_eq!(billing["mrr"], json!({"USD": 60.0}));
    assert_eq!(billing["subscriptions"][0]["subscription_id"], "sub_1");
}

#[tokio::test]
async fn a_signature_must_fit_and_be_fresh() {
    let world = signed("whsec_1", "");
    let body = customer();
    send(&world, &[], &body).await.is_problem(401, "stripe-signature");
    send_signed(&world, "whsec_2", &body).await.is_problem(401, "stripe-signature");
    let stale = MORNING - 400;
    let header = format!("t={stale},{}", signature("whsec_1", stale, &body));
    let answer = send(&world, &[("stripe-signature", &header)], &body).await;
    answer.is_problem(401, "stripe-signature");
    assert!(answer.text.contains("five minutes") && !answer.text.contains("whsec"));
    let header = format!("t={MORNING},{}", signature("whsec_1", MORNING, &body));
    let other = body.replace("Ada", "Eve");
    let answer = send(&world, &[("stripe-signature", &header)], &other).await;
    answer.is_problem(401, "stripe-signature");
    // While a secret is being replaced, Stripe signs with both.
    let both = format!("t={MORNING},{},{}", signature("x", MORNING, &body), &header[13..]);
    let answer = send(&world, &[("stripe-signature", &both)], &body).await;
    assert_eq!(answer.ok()["status"], "stored");
}

#[tokio::test]
async fn the_secret_names_the_brand() {
    let world = signed("shop=whsec_1,other=whsec_2,shop=whsec_0", "a=shop:admin,o=other:admin");
    for secret in ["whsec_1", "whsec_0"] {
        send_signed(&world, secret, &customer()).await.ok();
    }
    let stats = world.ask(("GET", "/api/stats"), &[("authorization", "Bearer a")], "").await;
    assert_eq!(stats.ok()["event_count"], 1);
    let stats = world.ask(("GET", "/api/stats"), &[("authorization", "Bearer o")], "").await;
    assert_eq!(stats.ok()["event_count"], 0);
}

#[tokio::test]
async fn without_a_secret_a_webhook_of_stripes_takes_a_writer() {
    let world = signed("", "w=shop:writer,r=shop:reader");
    send(&world, &[], &customer()).await.is_problem(401, "");
    send(&world, &[("authorization", "Bearer r")], &customer()).await.is_problem(403, "");
    send(&world, &[("authorization", "Bearer w")], &customer()).await.ok();
}

#[tokio::test]
async fn an_event_about_no_customer_is_kept_and_not_asked_for_again() {
    let world = World::open();
    let product = event("evt_4", "product.created", &json!({"id": "prod_1", "object": "product"}));
    let answer = send(&world, &[], &product).await.ok();
    assert_eq!(answer, json!({"status": "rejected", "event_ids": [], "customer_id": null}));
    let kept = world.get("/api/dead-letters").await.ok();
    assert_eq!(kept["data"][0]["field"], "data.object.customer");
    send(&world, &[], r#"{"id":"evt_5"}"#).await.is_problem(400, "type");
    send(&world, &[], "{").await.is_problem(400, "body");
}
