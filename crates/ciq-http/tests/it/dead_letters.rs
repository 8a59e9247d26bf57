//! Dead letters: tried again, dropped, and whose they are.

use ciq_engine::prepare;
use ciq_event::{Brand, Message, WireForm};
use ciq_ingest::{Brands, EngineOptions};
use serde_json::json;

use crate::world::World;

/// Makes a dead letter of the brand `shop` of what becomes an event as soon as it is tried again: it
/// came while events of nobody known made no customer. Returns its id.
async fn refused_for_now(world: &World) -> String {
    let options = EngineOptions { is_auto_create_on: false, ..EngineOptions::default() };
    let shop = Brand::parse("shop").unwrap();
    let strict = Brands::new(world.place(), options).unwrap();
    let handle = strict.open(&shop).unwrap();
    let body = json!({
        "customer_id": "ann", "event_type": "note", "timestamp": "2024-01-02T15:04:05Z",
        "source_service": "shop", "data": {"customer_id": "ann", "note": "Hello"},
    });
    let at = "2024-01-02T15:05:00Z".parse().unwrap();
    let entry = prepare(Message::new(WireForm::Envelope, body.to_string(), at), handle.settings());
    handle.ingest(vec![entry]).await.unwrap();
    tokio::task::spawn_blocking(move || strict.close()).await.unwrap();
    let kept = world.ask(("GET", "/api/dead-letters"), &[("x-api-key", "r")], "").await.json();
    kept["data"][0]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_dead_letter_that_is_tried_again_is_stored_and_gone() {
    let world = World::closed();
    let id = refused_for_now(&world).await;
    let retry = format!("/api/dead-letters/{id}/retry");
    let ask = async |token| world.ask(("POST", &retry), &[("x-api-key", token)], "").await;
    ask("r").await.is_problem(403, "");
    ask("other").await.is_problem(404, "");
    let answer = ask("w").await.ok();
    assert_eq!(answer, json!({"stored": 1, "duplicates": 0, "rejected": 0}));
    let got = world.ask(("GET", "/api/customers/ann"), &[("x-api-key", "r")], "").await;
    assert_eq!(got.status, 200);
    ask("w").await.is_problem(404, "");
}

#[tokio::test]
async fn what_is_refused_again_stays() {
    let world = World::open();
    world.post("/events", r#"{"customer_id":"a","event_type":"login"}"#).await;
    let kept = world.get("/api/dead-letters").await.ok();
    let id = kept["data"][0]["id"].as_str().unwrap();
    let answer = world.post(&format!("/api/dead-letters/{id}/retry"), "").await.ok();
    assert_eq!(answer, json!({"stored": 0, "duplicates": 0, "rejected": 1}));
    let kept = world.get("/api/dead-letters").await.ok();
    assert_eq!(
        (&kept["data"][0]["id"], &kept["data"][0]["arrival_count"]),
        (&json!(id), &json!(2))
    );
}

#[tokio::test]
async fn an_admin_may_drop_a_dead_letter() {
    let world = World::closed();
    let id = refused_for_now(&world).await;
    let path = format!("/api/dead-letters/{id}/drop");
    let ask = async |token| world.ask(("POST", &path), &[("x-api-key", token)], "").await;
    ask("w").await.is_problem(403, "");
    ask("other").await.is_problem(404, "");
    assert_eq!(ask("a").await.ok(), json!({"dropped": 1}));
    ask("a").await.is_problem(404, "");
    for id in ["ded_00", "x", "ded_%3Cb%3E"] {
        let path = format!("/api/dead-letters/{id}/drop");
        world.ask(("POST", &path), &[("x-api-key", "a")], "").await.is_problem(404, "");
    }
}
