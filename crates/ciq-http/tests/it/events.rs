//! `POST /events`.

use serde_json::json;

use crate::world::World;

fn login(customer: &str) -> serde_json::Value {
    json!({"customer_id": customer, "event_type": "login", "timestamp": 1_700_000_000})
}

#[tokio::test]
async fn one_event_an_array_and_ndjson_are_taken_in() {
    let world = World::open();
    let one = world.post("/events", login("a").to_string()).await.ok();
    assert_eq!(one["stored"], 1);
    assert_eq!(one["results"][0]["status"], "stored");
    assert_eq!(one["results"][0]["customer_id"], "a");
    assert!(one["results"][0]["event_id"].as_str().unwrap().starts_with("evt_"));

    let domain = json!({"id": "e1", "ts": "2024-01-01T00:00:00Z", "userId": "b",
        "name": "page_view", "props": {}});
    let array = json!([login("a"), domain]).to_string();
    let array = world.post("/events", array).await.ok();
    assert_eq!((&array["stored"], &array["duplicates"]), (&json!(1), &json!(1)));
    assert_eq!(array["results"][0]["status"], "duplicate");

    let lines = format!("{}\n\n{}\r\n", login("c"), login("d"));
    let lines = world.ask(("POST", "/events"), &[("content-type", "application/x-ndjson")], lines);
    assert_eq!(lines.await.ok()["stored"], 2);
    assert_eq!(world.get("/api/stats").await.ok()["customer_count"], 4);
}

#[tokio::test]
async fn what_is_no_event_is_refused_by_itself_and_kept() {
    let world = World::open();
    let body = json!([login("a"), {"event_type": "login"}, 7, {"x": 1}]).to_string();
    let answer = world.post("/events", body).await.ok();
    assert_eq!((&answer["stored"], &answer["rejected"]), (&json!(1), &json!(3)));
    assert_eq!(answer["results"][1]["index"], 1);
    assert_eq!(answer["results"][1]["field"], "timestamp");
    let kept = world.get("/api/dead-letters").await.ok();
    assert_eq!(kept["data"].as_array().unwrap().len(), 3);
    assert_eq!(kept["next_cursor"], json!(null));
}

#[tokio::test]
async fn where_nothing_is_taken_in_it_is_a_problem() {
    let world = World::open();
    let one = world.post("/events", r#"{"customer_id":"a","event_type":"login"}"#).await;
    one.is_problem(400, "timestamp");
    assert_eq!(one.json()["results"][0]["status"], "rejected");
    let two = world.post("/events", r#"[{"event_type":"login"},{"event_type":"x"}]"#).await;
    two.is_problem(400, "");
    assert_eq!(two.json()["rejected"], 2);
    assert_eq!(two.json()["type"], "urn:customeriq:problem:invalid-event");
    assert_eq!(world.post("/events", "[]").await.ok()["results"], json!([]));
}

#[tokio::test]
async fn a_body_that_cannot_be_split_makes_neither_a_dead_letter_nor_a_brand() {
    let world = World::open();
    for body in ["", "   ", "{\"a\":", "[{\"a\":1},", "\u{feff}", "nope"] {
        world.post("/events", body).await.is_problem(400, "body");
    }
    assert_eq!(world.brands(), [""; 0]);
}

#[tokio::test]
async fn a_wrapped_record_is_taken_and_a_bare_one_of_another_form_is_shown_its_path() {
    let world = World::open();
    let till = json!({"store_id": "S1", "phone": "+12025550143", "total": "5.00",
        "check_in_at": "2024-01-17T11:00:00Z"});
    let bare = world.post("/events", till.to_string()).await;
    bare.is_problem(400, "body");
    assert!(bare.json()["detail"].as_str().unwrap().contains("/api/integrations/pos"));
    let wrapped = json!({"wire_form": "pos", "body": till}).to_string();
    let wrapped = world.post("/events", wrapped).await.ok();
    assert_eq!(wrapped["stored"], 2);
    assert_eq!(wrapped["results"][1]["index"], 0);
}

#[tokio::test]
async fn an_event_of_nobody_is_refused_where_customers_are_not_made() {
    let engine = ciq_ingest::EngineOptions { is_auto_create_on: false, ..Default::default() };
    let world = World::with_engine(ciq_http::ApiOptions::default(), engine);
    let answer = world.post("/events", login("a").to_string()).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.json()["rejected"], 1);
    let till = json!({"store_id": "S1", "phone": "+12025550143"}).to_string();
    assert_eq!(world.post("/api/integrations/pos", till).await.status, 400);
}

#[tokio::test]
async fn a_body_may_have_as_many_records_as_usual_ones_fit() {
    let world = World::open();
    let many = format!("[{}1]", "1,".repeat(50_000));
    world.post("/events", many).await.is_problem(413, "body");
}
