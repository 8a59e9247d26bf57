//! Every list and item.

use ciq_http::{Readiness, router};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::world::World;

async fn furnished() -> World {
    let world = World::open();
    for event in [
        json!({"customer_id": "c1", "event_type": "purchase", "timestamp": 1_700_000_000,
            "data": {"purchase_id": "p1", "product_name": "Lamp", "total": "10.10",
                "email": "one@customer.example.org"}}),
        json!({"customer_id": "c1", "event_type": "work_order", "timestamp": 1_700_000_100,
            "data": {"work_order_id": "w1", "status": "open", "issue_description": "flickers"}}),
        json!({"customer_id": "c1", "event_type": "note", "timestamp": 1_700_000_200,
            "data": {"content": "Prefers evenings"}}),
        json!({"customer_id": "c2", "event_type": "purchase", "timestamp": 1_700_000_300,
            "data": {"purchase_id": "p2", "product_name": "Chair", "total": "99.00"}}),
        json!({"customer_id": "c3", "event_type": "login", "timestamp": 1_700_000_400}),
    ] {
        world.store(&event).await;
    }
    world
}

fn ids(page: &Value) -> Vec<&str> {
    page["data"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn customers_are_listed_in_either_order_page_by_page() {
    let world = furnished().await;
    let all = world.get("/api/customers?cursor=&limit=&sort=").await.ok();
    assert_eq!(ids(&all), ["c3", "c2", "c1"]);
    assert_eq!(all["next_cursor"], json!(null));
    let rich = world.get("/api/customers?sort=lifetime_value&limit=2").await.ok();
    assert_eq!(ids(&rich), ["c2", "c1"]);
    let next = world.get("/api/customers?sort=lifetime_value&limit=2&cursor=c1").await.ok();
    assert_eq!(rich["next_cursor"], "c1");
    assert_eq!(ids(&next), ["c3"]);
    let profiles = world.get("/api/profiles?limit=1&cursor=c3").await.ok();
    assert_eq!((ids(&profiles), &profiles["next_cursor"]), (vec!["c2"], &json!("c2")));
}

#[tokio::test]
async fn a_customer_is_shown_from_all_sides() {
    let world = furnished().await;
    let customer = world.get("/api/customers/c1").await;
    assert!(customer.text.contains("\"lifetime_value\":10.10"), "{}", customer.text);
    assert_eq!(customer.ok()["email"], "one@customer.example.org");
    let profile = world.get("/api/profiles/c1").await.ok();
    assert_eq!(profile["identifiers"]["email"], "one@customer.example.org");
    let all = world.get("/api/profiles/c1/360").await.ok();
    assert_eq!(all["profile"], profile);
    for (part, count) in [
        ("timeline", 3),
        ("purchases", 1),
        ("work_orders", 1),
        ("knowledge", 1),
        ("store_visits", 0),
    ] {
        assert_eq!(all[part].as_array().unwrap().len(), count, "{part}");
    }
    let timeline = world.get("/api/customers/c1/timeline?limit=2").await.ok();
    assert_eq!(timeline["data"][0]["event_type"], "note");
    let cursor = timeline["next_cursor"].as_str().unwrap();
    let rest = world.get(&format!("/api/customers/c1/timeline?cursor={cursor}")).await.ok();
    assert_eq!(rest["data"][0]["event_type"], "purchase");
    let why = world.get("/api/profiles/c1/explain").await.ok();
    assert_eq!(why["origins"].as_array().unwrap().len(), 1);
    let same = world.get("/api/profiles/c1/explain?other=c1").await.ok();
    assert_eq!(same["links"], json!([]));
    world.get("/api/profiles/c1/explain?other=c2").await.is_problem(404, "");
}

#[tokio::test]
async fn search_and_figures_tell_of_the_brand() {
    let world = furnished().await;
    let hits = world.get("/api/search?q=ONE%40customer.example.org").await.ok();
    assert_eq!(hits["data"][0]["customer_id"], "c1");
    assert_eq!(hits["data"][0]["kind"], "customer");
    let notes = world.get("/api/search?q=evenings&limit=5").await.ok();
    assert_eq!(notes["data"][0]["kind"], "knowledge");
    assert_eq!(world.get("/api/search?q=").await.ok()["data"], json!([]));
    let stats = world.get("/api/stats").await;
    assert!(stats.text.contains("\"USD\":109.10"), "{}", stats.text);
    let stats = stats.ok();
    assert_eq!(stats["customer_count"], 3);
    assert_eq!(stats["events_by_type"]["purchase"], 2);
}

#[tokio::test]
async fn reading_a_brand_without_tables_makes_none() {
    let world = World::open();
    let brand = [("x-brand-id", "nobody")];
    for path in ["customers", "profiles", "merges", "merge-queue", "dead-letters", "search?q=a"] {
        let answer = world.ask(("GET", &format!("/api/{path}")), &brand, "").await;
        assert_eq!(answer.ok()["data"], json!([]), "{path}");
    }
    assert_eq!(world.ask(("GET", "/api/stats"), &brand, "").await.ok()["event_count"], 0);
    for path in ["customers/a", "customers/a/timeline", "profiles/a", "profiles/a/360"] {
        world.ask(("GET", &format!("/api/{path}")), &brand, "").await.is_problem(404, "");
    }
    let json = [("x-brand-id", "nobody"), ("content-type", "application/json")];
    let merge = r#"{"profile_ids":["a","b"]}"#;
    world.ask(("POST", "/api/profiles/merge"), &json, merge).await.is_problem(404, "");
    world.ask(("DELETE", "/api/profiles/a"), &brand, "").await.is_problem(404, "");
    assert_eq!(world.brands(), [""; 0]);
}

#[tokio::test]
async fn brands_are_strangers_to_each_other() {
    let world = furnished().await;
    let other = [("x-brand-id", "other"), ("content-type", "application/json")];
    let event = json!({"customer_id": "c1", "event_type": "login", "timestamp": 1_700_000_000});
    world.ask(("POST", "/events"), &other, event.to_string()).await.ok();
    let there = world.ask(("GET", "/api/customers/c1"), &other, "").await.ok();
    assert_eq!(there["email"], json!(null));
    assert_eq!(world.brands(), ["default", "other"]);
    world.ask(("GET", "/api/customers/c2"), &other, "").await.is_problem(404, "");
}

#[tokio::test]
async fn the_service_tells_about_itself() {
    let world = furnished().await;
    assert_eq!(world.get("/healthz").await.ok(), json!({"status": "ok"}));
    assert_eq!(world.get("/readyz").await.ok(), json!({"status": "ok"}));
    let figures = world.get("/metrics").await;
    assert!(figures.header("content-type").starts_with("text/plain"));
    for line in [
        "customeriq_events_total{outcome=\"stored\"}",
        "customeriq_http_requests_total{method=\"POST\",route=\"/events\",status=\"200\"}",
        "customeriq_http_request_seconds_bucket{method=\"GET\",route=\"/readyz\",le=\"0.001\"}",
    ] {
        assert!(figures.text.contains(line), "{line} in {}", figures.text);
    }
    assert!(!figures.text.contains("c1"), "{}", figures.text);
}

#[tokio::test]
async fn a_store_that_cannot_be_read_is_not_ready() {
    let world = World::open();
    world.spoil();
    let answer = world.get("/readyz").await;
    answer.is_problem(503, "");
    assert_eq!(answer.header("retry-after"), "1");
    let detail = "not ready: store: it cannot be read; the log tells why";
    assert_eq!(answer.json()["detail"], detail);
    let answer = world.get("/api/customers").await;
    answer.is_problem(500, "");
    for secret in ["customeriq.db", "customeriq_default", "postgres"] {
        assert!(!answer.text.contains(secret), "{}", answer.text);
    }
}

#[tokio::test]
async fn a_part_that_is_not_ready_is_named_with_its_reason() {
    let mut world = World::open();
    let (bus, state) = watch::channel(Some("not connected".to_owned()));
    let (_spare, spare) = watch::channel(None);
    let parts = [("bus", state), ("spare", spare)];
    let parts = parts.map(|(name, state)| Readiness { name, state }).to_vec();
    world.state = world.state.clone().with_readiness(parts);
    world.app = router(world.state.clone());
    let answer = world.get("/readyz").await;
    answer.is_problem(503, "");
    assert_eq!(answer.json()["detail"], "not ready: bus: not connected");
    assert_eq!(world.get("/healthz").await.status, 200);
    bus.send_replace(None);
    world.get("/readyz").await.ok();
    bus.send_replace(Some("lost".to_owned()));
    drop(bus);
    assert_eq!(world.get("/readyz").await.status, 503);
}
