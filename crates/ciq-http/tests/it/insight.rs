//! What customers' histories mean.

use serde_json::{Value, json};

use crate::world::World;

const PARTS: [&str; 4] = ["features", "predictions", "journey", "intents"];

/// A buyer of two lamps who wants a chair, and a visitor.
async fn furnished() -> World {
    let world = World::open();
    for (number, day) in [(1, 10), (2, 20)] {
        world
            .store(&json!({"customer_id": "c1", "event_type": "purchase",
                "timestamp": format!("2024-01-{day}T09:00:00Z"),
                "data": {"purchase_id": format!("p{number}"), "product_name": "Lamp",
                    "category": "Light", "total": "25.00", "email": "ana@example.com"}}))
            .await;
    }
    world
        .store(&json!({"customer_id": "c1", "event_type": "cart_add",
            "timestamp": "2024-01-21T09:00:00Z",
            "data": {"product_name": "Chair", "category": "Seats", "price": "80.00"}}))
        .await;
    world
        .store(&json!({"customer_id": "c2", "event_type": "page_view",
            "timestamp": "2024-01-21T10:00:00Z", "data": {}}))
        .await;
    world
}

async fn predict(world: &World, as_of: &str) -> Value {
    world.post("/api/predictions", json!({"as_of": as_of}).to_string()).await.ok()
}

#[tokio::test]
async fn a_customer_of_whom_nothing_is_computed_yet_says_so() {
    let world = furnished().await;
    for part in PARTS {
        let answer = world.get(&format!("/api/profiles/c1/{part}")).await;
        answer.is_problem(404, "");
        assert!(answer.text.contains("POST /api/predictions"), "{}", answer.text);
        let nobody = world.get(&format!("/api/profiles/nobody/{part}")).await;
        nobody.is_problem(404, "");
        assert!(nobody.text.contains("no such customer"), "{}", nobody.text);
    }
    let all = world.get("/api/profiles/c1/360").await.ok();
    assert_eq!(all["insight"], json!(null));
    assert_eq!((&all["executions"], &all["campaigns"]), (&json!([]), &json!([])));
}

#[tokio::test]
async fn each_part_of_an_insight_has_its_route() {
    let world = furnished().await;
    let report = predict(&world, "2024-01-22T00:00:00Z").await;
    assert_eq!(report, json!({"customer_count": 2, "triggered_count": 0}));
    let part = async |name| world.get(&format!("/api/profiles/c1/{name}")).await.ok();
    let [features, predictions, journey, intents] = [
        part("features").await,
        part("predictions").await,
        part("journey").await,
        part("intents").await,
    ];
    for answer in [&features, &predictions, &journey, &intents] {
        assert_eq!(answer["customer_id"], "c1");
        assert_eq!(answer["as_of"], "2024-01-22T00:00:00Z");
    }
    assert!(features["features"].as_object().unwrap().len() > 5, "{features}");
    let churn = predictions["churn_score"].as_f64().unwrap();
    assert!((0.0..=1.0).contains(&churn), "{predictions}");
    assert!(predictions["predicted_ltv"].as_f64().unwrap() >= 50.0, "{predictions}");
    assert_eq!(predictions["currency"], "USD");
    assert_eq!(predictions["model_version"], "scorecard-1");
    assert!(predictions["segment"].is_string() && predictions["recommendations"].is_array());
    assert!(journey["stage"].is_string() && journey["next_best_action"].is_string());
    assert!(journey["score"].as_u64().unwrap() <= 100);
    let named = intents["data"].as_array().unwrap().iter();
    let named: Vec<_> = named.map(|it| (&it["product"], &it["status"])).collect();
    assert!(named.contains(&(&json!("Chair"), &json!("active"))), "{intents}");
    let all = world.get("/api/profiles/c1/360").await.ok();
    assert_eq!(all["insight"]["features"], features["features"]);
    assert_eq!(all["insight"]["intents"], intents["data"]);
    assert_eq!(all["insight"]["journey"]["stage"], journey["stage"]);
}

#[tokio::test]
async fn what_came_later_does_not_count() {
    let world = furnished().await;
    predict(&world, "2024-01-15T00:00:00Z").await;
    let early = world.get("/api/profiles/c1/intents").await.ok();
    let named = |it: &Value| it["product"].clone();
    let products: Vec<_> = early["data"].as_array().unwrap().iter().map(named).collect();
    assert!(!products.contains(&json!("Chair")), "{early}");
    world.ask(("POST", "/api/predictions"), &[], "").await.ok();
    let now = world.get("/api/profiles/c1/features").await.ok();
    assert!(now["as_of"].as_str().unwrap().starts_with("2024-02-01T08:"), "{now}");
}

#[tokio::test]
async fn insights_are_listed_page_by_page_the_likeliest_to_leave_first() {
    let world = furnished().await;
    let nothing = json!({"data": [], "next_cursor": null});
    assert_eq!(world.get("/api/insights").await.ok(), nothing);
    predict(&world, "2024-01-22T00:00:00Z").await;
    let all = world.get("/api/insights?segment=&stage=&min_churn=&cursor=&limit=").await.ok();
    let all = all["data"].as_array().unwrap();
    assert_eq!(all.len(), 2);
    let churn = |at: usize| all[at]["prediction"]["churn_score"].as_f64().unwrap();
    assert!(churn(0) >= churn(1));
    let first = world.get("/api/insights?limit=1").await.ok();
    let cursor = first["next_cursor"].as_str().unwrap();
    assert_eq!(cursor, all[0]["customer_id"]);
    let second = world.get(&format!("/api/insights?limit=1&cursor={cursor}")).await.ok();
    assert_eq!((&second["data"][0], &second["next_cursor"]), (&all[1], &json!(null)));
    let of = async |query: String| {
        let page = world.get(&format!("/api/insights?{query}")).await.ok();
        page["data"].as_array().unwrap().len()
    };
    let segment = all[0]["prediction"]["segment"].as_str().unwrap();
    assert!(of(format!("segment={segment}")).await >= 1);
    assert_eq!(of("segment=nobody".to_owned()).await, 0);
    let stage = all[0]["journey"]["stage"].as_str().unwrap();
    assert!(of(format!("stage={stage}")).await >= 1);
    let least = churn(0) - 1e-9;
    assert!(of(format!("min_churn={least}")).await >= 1);
    for (query, field) in
        [("stage=x", "stage"), ("min_churn=2", "min_churn"), ("min_churn=NaN", "min_churn")]
    {
        world.get(&format!("/api/insights?{query}")).await.is_problem(400, field);
    }
}

#[tokio::test]
async fn a_time_is_readable_and_not_far_ahead() {
    for path in ["/api/predictions", "/api/automations/evaluate"] {
        let world = World::open();
        for as_of in [
            json!("tomorrow"),
            json!("2024-02-02T09:00:00Z"),
            json!("9999-01-01T00:00:00Z"),
            json!("1969-12-31T23:59:59Z"),
            json!(1_700_000_000),
            json!(""),
        ] {
            let answer = world.post(path, json!({"as_of": as_of}).to_string()).await;
            answer.is_problem(400, "as_of");
        }
        world.post(path, r#"{"asof": "2024-01-15T00:00:00Z"}"#).await.is_problem(400, "asof");
        world.post(path, "[]").await.is_problem(400, "body");
        world.ask(("POST", path), &[], "as_of=1").await.is_problem(415, "content-type");
        // Not even a brand came of it.
        assert_eq!(world.brands(), [""; 0]);
        for body in ["", "{}", r#"{"as_of": null}"#, r#"{"as_of": "2024-02-02T07:00:00+00:00"}"#] {
            assert_eq!(world.post(path, body).await.ok()["customer_count"], 0, "{path} {body}");
        }
    }
}

#[tokio::test]
async fn an_insight_follows_a_merge() {
    let world = furnished().await;
    predict(&world, "2024-01-22T00:00:00Z").await;
    let merge = json!({"profile_ids": ["c1", "c2"]}).to_string();
    world.post("/api/profiles/merge", merge).await.ok();
    predict(&world, "2024-01-23T00:00:00Z").await;
    let [one, two] = ["c1", "c2"].map(|id| format!("/api/profiles/{id}/predictions"));
    let (one, two) = (world.get(&one).await.ok(), world.get(&two).await.ok());
    assert_eq!(one, two);
    assert_eq!(world.get("/api/insights").await.ok()["data"].as_array().unwrap().len(), 1);
}
