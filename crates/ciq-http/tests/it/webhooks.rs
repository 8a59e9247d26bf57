//! Webhooks and their signatures. The signatures were computed with Python's `hmac`.

use ciq_http::{Access, ApiOptions, PublicUrl, WebhookSecrets};

use crate::world::{Answer, World};

const SHOPIFY_PATH: &str = "/api/integrations/shopify/webhook";
const TWILIO_PATH: &str = "/api/integrations/twilio/webhook";

const ORDER: &str = r#"{"id":7,"email":"a@customer.example.org","total_price":"10.00"}"#;
/// Of [`ORDER`] with the secret `hush`.
const ORDER_SIGNATURE: &str = "u8xY8g0QtDKA0N0SMcPOQrdnVu89AZPLc6ouIDreNBM=";

const FORM: &str =
    "From=whatsapp%3A%2B15550123&Body=When+will+my+order+ship%3F&MessageSid=SM1&Body=Again";
/// Of [`FORM`] at `https://shop.example` with the auth token `12345`.
const FORM_SIGNATURE: &str = "7JVbWhKfZDlxtrFYx1BS+reTL5w=";
/// The same at `http://localhost:3000`.
const LOCAL_FORM_SIGNATURE: &str = "n8CNns6guJyJddaE+EbumRBthsY=";

const MESSAGE: &str = r#"{"From":"whatsapp:+15550123","Body":"Hi","MessageSid":"SM2"}"#;
const MESSAGE_HASH: &str = "73672b36634132e1133c70eaad51c1062c83fb2ad73099f757ac7735dd32d369";
/// Of the URL with [`MESSAGE_HASH`], at `https://shop.example`.
const MESSAGE_SIGNATURE: &str = "xlzS7nfgVE0z0errW47wZo3wDX0=";

fn signed(secrets: &str, tokens: &str) -> World {
    World::with(ApiOptions {
        access: Access::parse(tokens).unwrap(),
        shopify_secrets: WebhookSecrets::parse(secrets).unwrap(),
        twilio_secrets: WebhookSecrets::parse(secrets).unwrap(),
        stripe_secrets: WebhookSecrets::parse(secrets).unwrap(),
        public_url: Some(PublicUrl::parse("https://shop.example").unwrap()),
    })
}

async fn shopify(world: &World, headers: &[(&str, &str)]) -> Answer {
    let mut all = vec![("x-shopify-topic", "orders/create")];
    all.extend(headers);
    world.ask(("POST", SHOPIFY_PATH), &all, ORDER).await
}

async fn form(world: &World, signature: &str) -> Answer {
    let headers = [
        ("content-type", "application/x-www-form-urlencoded; charset=UTF-8"),
        ("x-twilio-signature", signature),
    ];
    world.ask(("POST", TWILIO_PATH), &headers, FORM).await
}

async fn message(world: &World, hash: &str, body: &'static str) -> Answer {
    let path = format!("{TWILIO_PATH}?bodySHA256={hash}");
    let headers = [("content-type", "application/json"), ("x-twilio-signature", MESSAGE_SIGNATURE)];
    world.ask(("POST", &path), &headers, body).await
}

#[tokio::test]
async fn a_shopify_webhook_with_a_fitting_signature_is_stored() {
    let world = signed("hush", "");
    let answer = shopify(&world, &[("x-shopify-hmac-sha256", ORDER_SIGNATURE)]).await.ok();
    assert_eq!(answer["status"], "stored");
    shopify(&world, &[]).await.is_problem(401, "x-shopify-hmac-sha256");
    for wrong in ["", "AAAA", "not base64", FORM_SIGNATURE] {
        let answer = shopify(&world, &[("x-shopify-hmac-sha256", wrong)]).await;
        answer.is_problem(401, "x-shopify-hmac-sha256");
        assert!(!answer.text.contains("hush"));
    }
}

#[tokio::test]
async fn a_shopify_webhook_needs_its_topic() {
    let world = World::open();
    let headers = [("content-type", "application/json")];
    let answer = world.ask(("POST", SHOPIFY_PATH), &headers, ORDER).await;
    answer.is_problem(400, "x-shopify-topic");
    for topic in ["", "orders create", "a'; DROP TABLE event; --", &"x".repeat(101)] {
        let answer = world.ask(("POST", SHOPIFY_PATH), &[("x-shopify-topic", topic)], ORDER).await;
        answer.is_problem(400, "x-shopify-topic");
    }
}

#[tokio::test]
async fn a_twilio_form_with_a_fitting_signature_is_stored() {
    let world = signed("12345", "");
    assert_eq!(form(&world, FORM_SIGNATURE).await.ok()["status"], "stored");
    form(&world, LOCAL_FORM_SIGNATURE).await.is_problem(401, "x-twilio-signature");
    form(&world, "").await.is_problem(401, "x-twilio-signature");
    let other_body = world.ask(
        ("POST", TWILIO_PATH),
        &[
            ("content-type", "application/x-www-form-urlencoded"),
            ("x-twilio-signature", FORM_SIGNATURE),
        ],
        "From=whatsapp%3A%2B15550124&Body=Hi",
    );
    other_body.await.is_problem(401, "x-twilio-signature");
}

#[tokio::test]
async fn without_a_public_url_the_host_is_what_twilio_called() {
    let twilio_secrets = WebhookSecrets::parse("12345").unwrap();
    let world = World::with(ApiOptions { twilio_secrets, ..ApiOptions::default() });
    assert_eq!(form(&world, LOCAL_FORM_SIGNATURE).await.ok()["status"], "stored");
    form(&world, FORM_SIGNATURE).await.is_problem(401, "x-twilio-signature");
}

#[tokio::test]
async fn a_twilio_message_as_json_is_signed_by_its_hash() {
    let world = signed("12345", "");
    assert_eq!(message(&world, MESSAGE_HASH, MESSAGE).await.ok()["status"], "stored");
    let changed = r#"{"From":"whatsapp:+15550124","Body":"Hi","MessageSid":"SM2"}"#;
    message(&world, MESSAGE_HASH, changed).await.is_problem(401, "x-twilio-signature");
    let other_hash = "0".repeat(64);
    message(&world, &other_hash, MESSAGE).await.is_problem(401, "x-twilio-signature");
}

#[tokio::test]
async fn a_signature_stands_for_a_token_and_names_the_brand() {
    let world = signed("shop=hush,other=loud,shop=older", "a=shop:admin,o=third:writer");
    let signature = ("x-shopify-hmac-sha256", ORDER_SIGNATURE);
    assert_eq!(shopify(&world, &[signature]).await.ok()["status"], "stored");
    let stats = world.ask(("GET", "/api/stats"), &[("authorization", "Bearer a")], "").await;
    assert_eq!(stats.ok()["event_count"], 1);
    // Another brand's secret did not sign it.
    let answer = shopify(&world, &[signature, ("x-brand-id", "other")]).await;
    answer.is_problem(401, "x-shopify-hmac-sha256");
    // A brand without a secret needs a writer.
    shopify(&world, &[signature, ("x-brand-id", "third")]).await.is_problem(401, "");
    let answer = shopify(&world, &[("authorization", "Bearer o")]).await;
    assert_eq!(answer.ok()["status"], "stored");
}

#[tokio::test]
async fn one_secret_is_of_the_default_brand_where_tokens_are() {
    let world = signed("hush", "d=default:reader,o=other:writer,r=other:reader");
    let signature = ("x-shopify-hmac-sha256", ORDER_SIGNATURE);
    assert_eq!(shopify(&world, &[signature]).await.ok()["status"], "stored");
    let stats = world.ask(("GET", "/api/stats"), &[("authorization", "Bearer d")], "").await;
    assert_eq!(stats.ok()["event_count"], 1);
    shopify(&world, &[signature, ("x-brand-id", "other")]).await.is_problem(401, "");
    shopify(&world, &[("x-api-key", "r")]).await.is_problem(403, "");
    assert_eq!(shopify(&world, &[("x-api-key", "o")]).await.ok()["status"], "stored");
}

#[tokio::test]
async fn without_a_secret_a_webhook_takes_a_writer() {
    let world = signed("", "w=shop:writer,r=shop:reader");
    form(&world, FORM_SIGNATURE).await.is_problem(401, "");
    shopify(&world, &[("authorization", "Bearer r")]).await.is_problem(403, "");
    assert_eq!(shopify(&world, &[("authorization", "bearer w")]).await.ok()["status"], "stored");
}

#[tokio::test]
async fn a_webhook_that_is_no_event_is_a_problem_and_a_dead_letter() {
    let world = World::open();
    world.post("/api/integrations/pos", r#"{"total": 5}"#).await.is_problem(400, "store_id");
    world.post(TWILIO_PATH, r#"{"Body": "Hi"}"#).await.is_problem(400, "From");
    world.post(TWILIO_PATH, "{").await.is_problem(400, "body");
    let kept = world.get("/api/dead-letters?limit=2").await.ok();
    assert_eq!(kept["data"].as_array().unwrap().len(), 2);
    let next =
        format!("/api/dead-letters?limit=2&cursor={}", kept["next_cursor"].as_str().unwrap());
    assert_eq!(world.get(&next).await.ok()["data"].as_array().unwrap().len(), 1);
}
