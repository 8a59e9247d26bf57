//! Forms, queries, and what is accepted.

use axum::body::Body;

use crate::kit::{Client, request};

#[tokio::test]
async fn brackets_reach_their_place() {
    let client = Client::new();
    let form = "name=Ann+Lee&metadata[plan]=Pro%20Plus&metadata%5Brun%5D=a&address[city]=Kyiv";
    let customer = client.post("/v1/customers", form).await.ok();
    assert_eq!(customer["name"], "Ann Lee");
    assert_eq!(customer["metadata"], serde_json::json!({"plan": "Pro Plus", "run": "a"}));
    assert_eq!(customer["address"]["city"], "Kyiv");
}

#[tokio::test]
async fn empty_text_unsets() {
    let client = Client::new();
    let form = "description=a&metadata[one]=1&metadata[two]=2";
    let path = format!("/v1/customers/{}", client.make("/v1/customers", form).await);
    let customer = client.post(&path, "description=&metadata[one]=").await.ok();
    assert!(customer["description"].is_null());
    assert_eq!(customer["metadata"], serde_json::json!({"two": "2"}));
    let customer = client.post(&path, "metadata=").await.ok();
    assert_eq!(customer["metadata"], serde_json::json!({}));
}

#[tokio::test]
async fn a_query_counts_as_part_of_the_form() {
    let client = Client::new();
    assert_eq!(client.post("/v1/customers?name=Ann", "").await.ok()["name"], "Ann");
}

#[tokio::test]
async fn lists_come_with_and_without_numbers() {
    let client = Client::new();
    let made = client.subscribe().await;
    for keys in ["lookup_keys[]=standard&lookup_keys[]=b", "lookup_keys[0]=standard"] {
        let page = client.get(&format!("/v1/prices?{keys}")).await.ok();
        assert_eq!(page["data"][0]["id"], made.price.as_str(), "{keys}");
    }
    assert_eq!(client.get("/v1/prices?lookup_keys[]=b").await.ok()["data"], serde_json::json!([]));
}

#[tokio::test]
async fn an_unknown_parameter_is_refused_and_nothing_happens() {
    let client = Client::new();
    let error = client.post("/v1/customers", "name=A&nam=B").await.error(400);
    assert_eq!(error["message"], "Received unknown parameter: nam");
    assert_eq!((&error["code"], &error["param"]), (&"parameter_unknown".into(), &"nam".into()));
    assert_eq!(client.get("/v1/customers").await.ok()["data"], serde_json::json!([]));
}

#[tokio::test]
async fn a_missing_parameter_is_named() {
    let error = Client::new().post("/v1/test_helpers/test_clocks", "name=a").await.error(400);
    assert_eq!(error["message"], "Missing required param: frozen_time.");
    assert_eq!(error["code"], "parameter_missing");
}

#[tokio::test]
async fn json_is_no_form() {
    let request = request("POST", "/v1/customers");
    let mut request = request.body(Body::from("{\"name\": \"a\"}")).unwrap();
    request.headers_mut().insert("content-type", "application/json".parse().unwrap());
    let error = Client::new().send(request).await.error(400);
    assert!(error["message"].as_str().unwrap().contains("application/x-www-form-urlencoded"));
}

#[tokio::test]
async fn a_body_of_more_than_a_mebibyte_is_refused() {
    let client = Client::new();
    let form = format!("description={}", "x".repeat(1024 * 1024));
    client.post("/v1/customers", &form).await.error(413);
    let bytes = request("POST", "/v1/customers").body(Body::from(vec![0xff, 0xfe])).unwrap();
    client.send(bytes).await.error(400);
}

#[tokio::test]
async fn what_the_tables_let_pass_the_books_can_do() {
    let client = Client::new();
    let made = client.subscribe().await;
    let product = "name=Pro&default_price_data[currency]=usd&default_price_data[unit_amount]=1500\
                   &default_price_data[recurring][interval]=month";
    let product = client.post("/v1/products", product).await.ok();
    let price = product["default_price"].as_str().unwrap();
    let form = format!(
        "customer={}&items[0][plan]={price}&trial_period_days=14&metadata[a]=b&description=c\
         &trial_settings[end_behavior][missing_payment_method]=pause&billing_mode[type]=classic\
         &payment_settings[save_default_payment_method]=off&payment_behavior=allow_incomplete\
         &collection_method=charge_automatically&off_session=true&currency=usd",
        made.customer
    );
    let trial = client.post("/v1/subscriptions", &form).await.ok();
    assert_eq!(trial["status"], "trialing");
    let path = format!("/v1/subscriptions/{}", trial["id"].as_str().unwrap());
    let trial = client.post(&path, "cancel_at=min_period_end&proration_behavior=none").await.ok();
    assert_eq!(trial["cancel_at"], trial["trial_end"]);
    let active = client.post(&path, "cancel_at=&trial_end=now").await.ok();
    assert_eq!((&active["status"], &active["cancel_at"]), (&"active".into(), &().into()));
    let form = "billing_cycle_anchor[type]=now&cancellation_details[feedback]=too_complex";
    client.post(&path, form).await.ok();
    let end = "prorate=true&invoice_now=true&cancellation_details[comment]=bye";
    assert_eq!(client.delete(&format!("{path}?{end}")).await.ok()["status"], "canceled");
}
