//! Merging, undoing, settling reviews, erasing.

use ciq_http::ApiOptions;
use ciq_ingest::EngineOptions;
use serde_json::{Value, json};

use crate::world::World;

async fn two() -> (World, String, String) {
    let world = World::open();
    let mut ids = Vec::new();
    for (email, purchase) in [("one", "p1"), ("two", "p2")] {
        let event = json!({"event_type": "purchase", "timestamp": 1_700_000_000,
            "data": {"purchase_id": purchase, "total": "10.00",
                "email": format!("{email}@customer.example.org")}});
        ids.push(world.store(&event).await);
    }
    let second = ids.remove(1);
    (world, ids.remove(0), second)
}

async fn merge(world: &World, ids: &[&str]) -> Value {
    let body = json!({"profile_ids": ids, "reason": "same person"}).to_string();
    world.post("/api/profiles/merge", body).await.ok()
}

#[tokio::test]
async fn merged_customers_answer_to_every_id_and_come_apart_again() {
    let (world, one, two) = two().await;
    let merged = merge(&world, &[&one, &two]).await;
    assert_eq!(merged["status"], "merged");
    let survivor = merged["customer_ids"][0].as_str().unwrap();
    for id in [&one, &two] {
        let customer = world.get(&format!("/api/customers/{id}")).await.ok();
        assert_eq!(customer["id"], survivor);
        assert_eq!(customer["lifetime_value"], 20.0);
    }
    let why = world.get(&format!("/api/profiles/{one}/explain?other={two}")).await.ok();
    assert_eq!(why["links"][0]["actor"], "admin");
    let list = world.get("/api/merges").await.ok();
    let id = merged["merge_id"].as_str().unwrap();
    assert_eq!(list["data"][0]["id"], id);
    assert_eq!(list["data"][0]["reason"], "same person");
    let rest = world.get(&format!("/api/merges?cursor={id}")).await.ok();
    assert_eq!(rest["data"], json!([]));

    let undo = format!("/api/merges/{id}/undo");
    let undone = world.post(&undo, "").await.ok();
    assert_eq!(undone["status"], "undone");
    assert_eq!(undone["customer_ids"].as_array().unwrap().len(), 2);
    world.post(&undo, "").await.is_problem(409, "");
    assert_eq!(world.get("/api/stats").await.ok()["customer_count"], 2);
}

#[tokio::test]
async fn a_merge_takes_two_customers_that_exist() {
    let (world, one, two) = two().await;
    merge(&world, &[&one, &two]).await;
    let post = async |body: Value| world.post("/api/profiles/merge", body.to_string()).await;
    post(json!({"profile_ids": [one, one]})).await.is_problem(422, "profile_ids");
    // Two ids of one customer.
    post(json!({"profile_ids": [one, two]})).await.is_problem(422, "profile_ids");
    post(json!({"profile_ids": [one]})).await.is_problem(422, "profile_ids");
    post(json!({"profile_ids": []})).await.is_problem(422, "profile_ids");
    post(json!({"profile_ids": [one, "nobody"]})).await.is_problem(404, "");
    let many = vec!["a"; 101];
    post(json!({"profile_ids": many})).await.is_problem(400, "profile_ids");
}

#[tokio::test]
async fn reviews_are_approved_or_rejected_once() {
    for (verdict, status, customers) in [("approve", "merged", 1), ("reject", "rejected", 2)] {
        let engine = EngineOptions { is_auto_merge_on: false, ..EngineOptions::default() };
        let world = World::with_engine(ApiOptions::default(), engine);
        let (email, phone) = ("one@customer.example.org", "+12025550143");
        for data in [
            json!({"email": email}),
            json!({"phone": phone}),
            json!({"email": email, "phone": phone}),
        ] {
            let event = json!({"event_type": "login", "timestamp": 1_700_000_000, "data": data});
            world.store(&event).await;
        }
        let queue = world.get("/api/merge-queue?status=pending").await.ok();
        assert_eq!(queue["data"].as_array().unwrap().len(), 1, "{queue}");
        let id = queue["data"][0]["id"].as_str().unwrap();
        let path = format!("/api/merge-queue/{id}/{verdict}");
        assert_eq!(world.post(&path, "").await.ok()["status"], status);
        world.post(&path, "").await.is_problem(409, "");
        let settled = world.get(&format!("/api/merge-queue?status={status}")).await.ok();
        assert_eq!(settled["data"][0]["id"], id);
        let pending = world.get("/api/merge-queue?status=pending").await.ok();
        assert_eq!(pending["data"], json!([]));
        assert_eq!(world.get("/api/stats").await.ok()["customer_count"], customers);
    }
}

#[tokio::test]
async fn a_review_is_split_into_those_who_are_one_and_those_who_are_not() {
    let engine = EngineOptions { is_auto_merge_on: false, ..EngineOptions::default() };
    let world = World::with_engine(ApiOptions::default(), engine);
    let (email, phone, card) = ("one@customer.example.org", "+12025550143", "L-9");
    for data in [
        json!({"email": email}),
        json!({"phone": phone}),
        json!({"loyalty_id": card}),
        json!({"email": email, "phone": phone, "loyalty_id": card}),
    ] {
        let event = json!({"event_type": "login", "timestamp": 1_700_000_000, "data": data});
        world.store(&event).await;
    }
    let queue = world.get("/api/merge-queue?status=pending").await.ok();
    let review = queue["data"][0]["id"].as_str().unwrap();
    let path = format!("/api/merge-queue/{review}/split");
    let find = async |value: &str| {
        let found = world.get(&format!("/api/search?q={value}")).await.ok();
        found["data"][0]["customer_id"].as_str().unwrap().to_owned()
    };
    let (one, two) = (find(email).await, find(card).await);
    let split = async |ids: Value| world.post(&path, json!({"profile_ids": ids}).to_string()).await;
    split(json!([one])).await.is_problem(422, "profile_ids");
    split(json!("x")).await.is_problem(400, "profile_ids");
    assert_eq!(split(json!([one, two])).await.ok()["status"], "merged");
    split(json!([one, two])).await.is_problem(409, "");
    assert_eq!(world.get("/api/stats").await.ok()["customer_count"], 2);
    assert_eq!(find(card).await, find(email).await);
}

#[tokio::test]
async fn an_erased_customer_is_gone_and_does_not_come_back() {
    let (world, one, _) = two().await;
    let path = format!("/api/profiles/{one}");
    let erased = world.ask(("DELETE", &path), &[], "").await.ok();
    assert_eq!(erased["status"], "erased");
    world.get(&path).await.is_problem(404, "");
    world.ask(("DELETE", &path), &[], "").await.is_problem(404, "");
    let event = json!({"event_type": "purchase", "timestamp": 1_700_000_000,
        "data": {"purchase_id": "p1", "total": "10.00", "email": "one@customer.example.org"}});
    let again = world.post("/events", event.to_string()).await.ok();
    assert_eq!(again["duplicates"], 1);
    assert_eq!(world.get("/api/stats").await.ok()["customer_count"], 1);
}

#[tokio::test]
async fn unknown_merges_and_reviews_are_not_found() {
    let (world, ..) = two().await;
    for id in ["mrg_00000000000000000000000000000000", "mrg_1", "x", "%F0%9F%98%80"] {
        world.post(&format!("/api/merges/{id}/undo"), "").await.is_problem(404, "");
    }
    for id in ["rev_00000000000000000000000000000000", "rev_", "'--"] {
        for verdict in ["approve", "reject"] {
            let path = format!("/api/merge-queue/{id}/{verdict}");
            world.post(&path, "").await.is_problem(404, "");
        }
    }
}
