//! Accounts: what events tell of them, and how they go.

use serde_json::{Value, json};

use crate::world::World;

/// Tells of an account.
pub(crate) async fn tell(world: &World, customer: &str, at: &str, data: Value) {
    tell_of("account_updated", world, (customer, at), data).await;
}

async fn tell_of(kind: &str, world: &World, (customer, at): (&str, &str), data: Value) {
    world
        .store(&json!({"customer_id": customer, "event_type": kind, "timestamp": at,
            "source_service": "test", "data": data}))
        .await;
}

/// Checks everyone as of a time, and returns what came of it.
pub(crate) async fn check(world: &World, as_of: &str) -> Value {
    world.post("/api/monitor/check", json!({"as_of": as_of}).to_string()).await.ok()
}

/// Acme: signed up in the new year, and calls now and then.
async fn acme(world: &World) {
    let created = json!({"company": "Acme Ltd", "stage": "new", "tier": "trial",
        "signed_up_at": "2024-01-01T09:00:00Z"});
    tell_of("account_created", world, ("acme", "2024-01-01T09:00:00Z"), created).await;
    for (day, calls) in [(10, 100), (11, 23)] {
        let at = format!("2024-01-{day}T12:00:00Z");
        let usage = json!({"api_calls": calls, "error_rate": 0.15, "usage_trend": "declining"});
        tell_of("api_usage", world, ("acme", &at), usage).await;
    }
    let moved = json!({"stage": "production_ready", "tier": "pro", "integration_status": "active"});
    tell(world, "acme", "2024-01-12T09:00:00Z", moved).await;
}

#[tokio::test]
async fn an_account_is_what_its_events_tell() {
    let world = World::open();
    acme(&world).await;
    let account = world.get("/api/accounts/acme").await.ok();
    assert_eq!(
        account,
        json!({"customer_id": "acme", "name": "Acme Ltd", "company": "Acme Ltd",
            "status": "active", "stage": "production_ready", "tier": "pro",
            "total_api_calls": 123, "last_api_call": "2024-01-11T12:00:00Z", "error_rate": 0.15,
            "usage_trend": "declining", "integration_status": "active",
            "signed_up_at": "2024-01-01T09:00:00Z", "health_score": null, "health_band": null})
    );
    let list = world.get("/api/accounts").await.ok();
    assert_eq!(list, json!({"data": [account], "next_cursor": null}));
}

#[tokio::test]
async fn a_check_says_how_well_an_account_goes_and_why() {
    let world = World::open();
    acme(&world).await;
    let early = world.get("/api/profiles/acme/health").await;
    early.is_problem(404, "");
    assert!(early.text.contains("POST /api/monitor/check"), "{}", early.text);
    check(&world, "2024-01-13T09:00:00Z").await;
    let health = world.get("/api/profiles/acme/health").await.ok();
    let points = |field: &str| -> u64 {
        let parts = health["parts"].as_array().unwrap();
        parts.iter().map(|part| part[field].as_u64().unwrap()).sum()
    };
    let score = health["score"].as_u64().unwrap();
    assert_eq!((score, 100), (points("points"), points("points_max")), "{health}");
    for part in health["parts"].as_array().unwrap() {
        assert!(!part["name"].as_str().unwrap().is_empty(), "{health}");
        assert!(!part["reason"].as_str().unwrap().is_empty(), "{health}");
    }
    let band = health["band"].as_str().unwrap();
    let account = world.get("/api/accounts/acme").await.ok();
    assert_eq!((&account["health_score"], &account["health_band"]), (&json!(score), &json!(band)));
    let alike = world.get(&format!("/api/accounts?health_band={band}")).await.ok();
    assert_eq!(alike["data"], json!([account]));
}

#[tokio::test]
async fn accounts_are_listed_by_stage_and_tier_in_pages() {
    let world = World::open();
    for (number, stage, tier) in [
        (1, "new", "trial"),
        (2, "first_api_call", "trial"),
        (3, "production_ready", "pro"),
        (4, "production_ready", "enterprise"),
        (5, "new", "none"),
    ] {
        let data = json!({"stage": stage, "tier": tier});
        tell(&world, &format!("a{number}"), "2024-01-10T09:00:00Z", data).await;
    }
    // Who has no account is in no list of accounts.
    world
        .store(&json!({"customer_id": "c1", "event_type": "login",
            "timestamp": "2024-01-10T09:00:00Z"}))
        .await;
    for (query, ids) in [
        ("", vec!["a5", "a4", "a3", "a2", "a1"]),
        ("stage=new", vec!["a5", "a1"]),
        ("tier=trial", vec!["a2", "a1"]),
        ("stage=production_ready&tier=pro", vec!["a3"]),
        ("stage=integration_validated", vec![]),
        ("stage=&tier=", vec!["a5", "a4", "a3", "a2", "a1"]),
    ] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("/api/accounts?{query}&limit=2&cursor={cursor}");
            let page = world.get(&path).await.ok();
            let data = page["data"].as_array().unwrap();
            assert!(data.len() <= 2);
            seen.extend(data.iter().map(|it| it["customer_id"].as_str().unwrap().to_owned()));
            let Some(next) = page["next_cursor"].as_str() else { break };
            next.clone_into(&mut cursor);
        }
        assert_eq!(seen, ids, "{query}");
    }
}

#[tokio::test]
async fn a_wrong_word_lists_those_that_there_are() {
    let world = World::open();
    for (field, one) in
        [("stage", "first_api_call"), ("tier", "enterprise"), ("health_band", "at_risk")]
    {
        let answer = world.get(&format!("/api/accounts?{field}=gold")).await;
        answer.is_problem(400, field);
        assert!(answer.text.contains(one), "{}", answer.text);
    }
    acme(&world).await;
    world.get("/api/accounts?cursor=nobody").await.is_problem(400, "cursor");
    world.get("/api/accounts?limit=some").await.is_problem(400, "limit");
    world.get("/api/accounts?tier=pro&tier=pro").await.is_problem(400, "query");
}

#[tokio::test]
async fn who_has_no_account_is_told_from_nobody() {
    let world = World::open();
    world
        .store(&json!({"customer_id": "c1", "event_type": "login",
            "timestamp": "2024-01-10T09:00:00Z"}))
        .await;
    for path in ["/api/accounts/{}", "/api/profiles/{}/health"] {
        let known = world.get(&path.replace("{}", "c1")).await;
        known.is_problem(404, "");
        assert!(known.text.contains("no account"), "{}", known.text);
        let nobody = world.get(&path.replace("{}", "nobody")).await;
        nobody.is_problem(404, "");
        assert!(nobody.text.contains("no such customer"), "{}", nobody.text);
    }
}

#[tokio::test]
async fn brands_do_not_see_each_others_accounts() {
    let world = World::open();
    acme(&world).await;
    check(&world, "2024-01-13T09:00:00Z").await;
    let other = [("x-brand-id", "other")];
    let list = world.ask(("GET", "/api/accounts"), &other, "").await.ok();
    assert_eq!(list, json!({"data": [], "next_cursor": null}));
    for path in ["/api/accounts/acme", "/api/profiles/acme/health"] {
        world.ask(("GET", path), &other, "").await.is_problem(404, "");
    }
    assert_eq!(world.brands(), ["default"], "reading made a brand");
}

#[tokio::test]
async fn what_is_no_account_is_refused_with_its_field() {
    let world = World::open();
    for (field, value) in [
        ("stage", json!("gone")),
        ("tier", json!("gold")),
        ("error_rate", json!(15)),
        ("usage_trend", json!("sideways")),
        ("api_calls", json!(-1)),
    ] {
        let event = json!({"customer_id": "acme", "event_type": "api_usage",
            "timestamp": "2024-01-10T09:00:00Z", "data": {field: value}});
        let answer = world.post("/events", event.to_string()).await;
        assert_eq!(answer.status, 400, "{}", answer.text);
        let told = answer.json()["results"][0]["field"].as_str().unwrap().to_owned();
        assert!(told.ends_with(field), "{told}");
    }
}
