//! One answer of each kind, as a whole.

use insta::assert_json_snapshot;

use crate::kit::{Client, MONTH_LATER};

#[tokio::test]
async fn one_answer_of_each_kind() {
    let client = Client::new();
    let made = client.subscribe().await;
    let clock_path = format!("/v1/test_helpers/test_clocks/{}", made.clock);
    let form = format!("frozen_time={}", MONTH_LATER + 7_200);
    client.post(&format!("{clock_path}/advance"), &form).await.ok();
    assert_json_snapshot!("test_clock", client.get(&clock_path).await.ok());
    let get = |resource: &str, id: &str| format!("/v1/{resource}/{id}");
    assert_json_snapshot!("product", client.get(&get("products", &made.product)).await.ok());
    assert_json_snapshot!("price", client.get(&get("prices", &made.price)).await.ok());
    let customer = client.get(&get("customers", &made.customer)).await.ok();
    assert_json_snapshot!("customer", customer);
    let card = customer["invoice_settings"]["default_payment_method"].as_str().unwrap();
    assert_json_snapshot!("payment_method", client.get(&get("payment_methods", card)).await.ok());
    let subscription = client.get(&get("subscriptions", &made.subscription)).await.ok();
    assert_json_snapshot!("subscription", subscription);
    let invoice = subscription["latest_invoice"].as_str().unwrap();
    assert_json_snapshot!("invoice", client.get(&get("invoices", invoice)).await.ok());
    let events = client.get("/v1/events?type=invoice.paid&limit=1").await.ok();
    assert_json_snapshot!("event", events["data"][0]);
    assert_json_snapshot!("error", client.get("/v1/prices/price_none").await.json());
    let deleted = client.delete(&get("customers", &made.customer)).await.ok();
    assert_json_snapshot!("deleted_customer", deleted);
}
