//! Models: trained, chosen, listed.

use serde_json::{Value, json};

use crate::world::World;

/// Three hundred customers who bought in December, of whom every second one did again in January.
async fn with_history() -> World {
    let world = World::open();
    let order = |customer: u32, number: u32, at: String| {
        json!({"customer_id": format!("c{customer}"), "event_type": "purchase", "timestamp": at,
            "data": {"purchase_id": format!("p{customer}-{number}"), "product_name": "Pen",
                "total": "5.00"}})
    };
    let mut events = Vec::new();
    for customer in 0..300 {
        let day = 1 + customer % 28;
        events.push(order(customer, 1, format!("2023-12-{day:02}T09:00:00Z")));
        if customer % 2 == 0 {
            events.push(order(customer, 2, format!("2023-12-{day:02}T19:00:00Z")));
            events.push(order(customer, 3, format!("2024-01-{day:02}T09:00:00Z")));
        }
    }
    let stored = world.post("/events", Value::from(events).to_string()).await.ok();
    assert_eq!(stored["stored"], 600);
    world
}

#[tokio::test]
async fn a_model_is_trained_used_and_put_aside() {
    let world = with_history().await;
    let none = json!({"in_use": "scorecard-1", "data": []});
    assert_eq!(world.get("/api/models").await.ok(), none);
    let body = r#"{"cut": "2023-12-31T00:00:00Z", "horizon_days": 30, "target": "purchase"}"#;
    let trained = world.post("/api/models/train", body).await.ok();
    let version = trained["model_version"].as_str().unwrap();
    assert_eq!(trained["report"]["customer_count"], 300);
    let models = world.get("/api/models").await.ok();
    assert_eq!(
        (&models["in_use"], &models["data"][0]["is_in_use"]),
        (&json!(version), &json!(true))
    );
    let uses = async || {
        world.post("/api/predictions", "").await.ok();
        let predictions = world.get("/api/profiles/c1/predictions").await.ok();
        predictions["model_version"].as_str().unwrap().to_owned()
    };
    assert_eq!(uses().await, version);
    let json = [("content-type", "application/json")];
    let choose = async |version: Value| {
        let body = json!({"version": version}).to_string();
        world.ask(("PUT", "/api/models/in-use"), &json, body).await
    };
    assert_eq!(choose(json!(null)).await.ok()["in_use"], "scorecard-1");
    assert_eq!(uses().await, "scorecard-1");
    assert_eq!(choose(json!(version)).await.ok()["in_use"], version);
    assert_eq!(choose(json!("scorecard-1")).await.ok()["in_use"], "scorecard-1");
    choose(json!("nothing")).await.is_problem(404, "");
    assert_eq!(world.get("/api/models").await.ok()["in_use"], "scorecard-1");
    for version in [json!(7), json!(["x"])] {
        choose(version).await.is_problem(400, "version");
    }
}

#[tokio::test]
async fn too_little_history_is_too_early() {
    let world = World::open();
    let answer = world.ask(("POST", "/api/models/train"), &[], "").await;
    answer.is_problem(409, "");
    assert!(answer.text.contains("not enough history"), "{}", answer.text);
    assert_eq!(answer.json()["type"], "urn:customeriq:problem:too-early");
}

#[tokio::test]
async fn a_wrong_option_is_named() {
    let world = World::open();
    for (body, field) in [
        (r#"{"cut": "x"}"#, "cut"),
        (r#"{"cut": "2025-01-01T00:00:00Z"}"#, "cut"),
        (r#"{"horizon_days": 0}"#, "horizon_days"),
        (r#"{"horizon_days": "30"}"#, "horizon_days"),
        (r#"{"horizon_days": 4000}"#, "horizon_days"),
        (r#"{"target": "luck"}"#, "target"),
        (r#"{"horizon": 30}"#, "horizon"),
    ] {
        world.post("/api/models/train", body).await.is_problem(400, field);
    }
    let json = [("content-type", "application/json")];
    let put = world.ask(("PUT", "/api/models/in-use"), &json, "{}").await;
    put.is_problem(400, "version");
    let put = world.ask(("PUT", "/api/models/in-use"), &json, r#"{"version": "x"}"#).await;
    put.is_problem(404, "");
}
