//! The story of three channels, over a real connection, as its curl lines make it.

use std::sync::Arc;

use ciq_http::{ApiOptions, AppState, router, serve};
use ciq_ingest::{Brands, EngineOptions, SystemClock};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::world::World;

/// Sends what curl sends, and returns the status and the body.
async fn curl(port: u16, method: &str, path: &str, headers: &str, body: &str) -> (u16, Value) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost:{port}\r\nUser-Agent: curl/8\r\n\
         Accept: */*\r\nConnection: close\r\nx-brand-id: test-brand\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap_or_else(|_| panic!("{answer}")))
}

const SHOPIFY: &str = r#"{
    "id": 12345,
    "email": "sarah.johnson@email.com",
    "total_spent": "89.99",
    "items": [{"product_name": "Summer Collection T-Shirt", "price": "89.99"}]
  }"#;

const TWILIO: &str = r#"{
    "From": "whatsapp:+15550123",
    "Body": "When will my order ship?",
    "MessageStatus": "received"
  }"#;

const POS: &str = r#"{
    "store_id": "STORE-001",
    "loyalty_id": "LOY-789456",
    "phone": "+1-555-0123",
    "total": 125.50,
    "check_in_at": "2024-01-17T11:00:00Z"
  }"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sarahs_journey_ends_in_one_customer() {
    let world = World::open();
    let brands = Arc::new(Brands::new(world.place(), EngineOptions::default()).unwrap());
    let clock = Arc::new(SystemClock);
    let state = AppState::new(Arc::clone(&brands), clock, ApiOptions::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(serve(listener, router(state), async { drop(stopped.await) }));

    let topic = "x-shopify-topic: orders/create\r\n";
    let shopify = "/api/integrations/shopify/webhook";
    let (status, first) = curl(port, "POST", shopify, topic, SHOPIFY).await;
    assert_eq!((status, &first["status"]), (200, &json!("stored")));
    let (status, again) = curl(port, "POST", shopify, topic, SHOPIFY).await;
    assert_eq!((status, &again["status"]), (200, &json!("duplicate")));
    assert_eq!(again["event_ids"], first["event_ids"]);

    let twilio = "/api/integrations/twilio/webhook";
    let (status, second) = curl(port, "POST", twilio, "", TWILIO).await;
    assert_eq!(status, 200);
    assert_ne!(second["customer_id"], first["customer_id"]);
    let ids = [&first["customer_id"], &second["customer_id"]];
    let merge = json!({"profile_ids": ids, "reason": "same person"}).to_string();
    let (status, merged) = curl(port, "POST", "/api/profiles/merge", "", &merge).await;
    assert_eq!((status, &merged["status"]), (200, &json!("merged")));

    let (status, third) = curl(port, "POST", "/api/integrations/pos", "", POS).await;
    assert_eq!(status, 200, "{third}");
    assert_eq!(third["customer_id"], merged["customer_ids"][0]);
    assert_eq!(third["event_ids"].as_array().unwrap().len(), 2);

    // jq '.data[] | select(.identifiers.email == "sarah.johnson@email.com")'
    let (_, profiles) = curl(port, "GET", "/api/profiles", "", "").await;
    let data = profiles["data"].as_array().unwrap();
    assert_eq!(data.len(), 1);
    let sarah = &data[0];
    assert_eq!(sarah["identifiers"]["email"], "sarah.johnson@email.com");
    assert_eq!(sarah["identifiers"]["phone"], "15550123");
    assert_eq!(sarah["profile_strength"], 85);
    assert_eq!(sarah["lifetime_value"].to_string(), "215.49");
    assert_eq!(sarah["total_orders"], 2);

    let path = format!("/api/profiles/{}/360", sarah["id"].as_str().unwrap());
    let (status, all) = curl(port, "GET", &path, "", "").await;
    assert_eq!(status, 200);
    assert_eq!(all["timeline"].as_array().unwrap().len(), 4);
    assert_eq!(all["purchases"].as_array().unwrap().len(), 2);
    assert_eq!(all["store_visits"].as_array().unwrap().len(), 1);

    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
    brands.close();
}

#[tokio::test]
async fn a_request_under_way_is_finished_after_the_end_was_asked_for() {
    let world = World::open();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(serve(listener, world.app.clone(), async { drop(stopped.await) }));
    let body = r#"{"customer_id":"c","event_type":"login","timestamp":1700000000}"#;
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let head = format!(
        "POST /events HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // The handler asks for the body, so the request is under way.
    let mut asked = [0; 25];
    stream.read_exact(&mut asked).await.unwrap();
    assert!(asked.starts_with(b"HTTP/1.1 100 Continue"));
    stop.send(()).unwrap();
    stream.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("\"stored\":1"), "{answer}");
    serving.await.unwrap().unwrap();
}
