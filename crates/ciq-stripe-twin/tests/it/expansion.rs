//! `expand[]`.

use crate::kit::Client;

#[tokio::test]
async fn an_id_is_expanded_where_it_is_asked_for() {
    let client = Client::new();
    let made = client.subscribe().await;
    let path = format!("/v1/subscriptions/{}", made.subscription);
    let plain = client.get(&path).await.ok();
    assert!(plain["latest_invoice"].is_string());
    let expand = "expand[]=latest_invoice&expand[]=customer&expand[]=items.data.price.product";
    let expanded = client.get(&format!("{path}?{expand}")).await.ok();
    assert_eq!(expanded["latest_invoice"]["id"], plain["latest_invoice"]);
    assert_eq!(expanded["latest_invoice"]["object"], "invoice");
    assert_eq!(expanded["customer"]["email"], "ann@example.com");
    assert_eq!(expanded["items"]["data"][0]["price"]["product"]["name"], "Standard");
}

#[tokio::test]
async fn lists_are_expanded_in_their_data() {
    let client = Client::new();
    let made = client.subscribe().await;
    let path = format!(
        "/v1/subscriptions?customer={}&expand[]=data.latest_invoice.customer",
        made.customer
    );
    let page = client.get(&path).await.ok();
    assert_eq!(page["data"][0]["latest_invoice"]["customer"]["id"], made.customer.as_str());
    let error = client.get("/v1/subscriptions?expand[]=latest_invoice").await.error(400);
    assert!(error["message"].as_str().unwrap().contains("data.latest_invoice"), "{error}");
}

#[tokio::test]
async fn a_write_is_answered_expanded_and_not_done_with_a_wrong_path() {
    let client = Client::new();
    let made = client.subscribe().await;
    let form = format!("customer={}&items[0][price]={}", made.customer, made.price);
    let right = format!("{form}&expand[]=latest_invoice");
    let subscription = client.post("/v1/subscriptions", &right).await.ok();
    assert_eq!(subscription["latest_invoice"]["status"], "paid");
    let before = client.twin.counters().executed_writes;
    client.post("/v1/subscriptions", &format!("{form}&expand[]=invoice")).await.error(400);
    assert_eq!(client.twin.counters().executed_writes, before);
}

#[tokio::test]
async fn a_customer_s_subscriptions_come_when_asked_for() {
    let client = Client::new();
    let made = client.subscribe().await;
    let path = format!("/v1/customers/{}", made.customer);
    assert!(client.get(&path).await.ok().get("subscriptions").is_none());
    let customer = client.get(&format!("{path}?expand[]=subscriptions")).await.ok();
    assert_eq!(customer["subscriptions"]["data"][0]["id"], made.subscription.as_str());
}
