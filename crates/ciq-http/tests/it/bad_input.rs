//! What nobody should send, sent to every route.

use serde_json::json;

use crate::world::World;

/// Signs that mean something to SQL, FTS5, JSON, paths, terminals or C.
const NASTY: [&str; 12] = [
    "'; DROP TABLE customer; --",
    "\" OR \"\"=\"",
    "\"unbalanced",
    "a* AND NEAR(b, c) NOT -d ^e",
    "customer_search:x",
    "%00",
    "\0",
    "../../etc/passwd",
    "{\"a\":1}",
    "\u{202e}\u{feff}😀",
    "1e309",
    "-1",
];

fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |text, byte| text + &format!("%{byte:02X}"))
}

#[tokio::test]
async fn no_sign_in_a_parameter_is_syntax() {
    let world = World::open();
    let event = json!({"customer_id": "c1", "event_type": "login", "timestamp": 1_700_000_000});
    world.store(&event).await;
    for nasty in NASTY {
        let text = percent_encoded(nasty);
        world.get(&format!("/api/search?q={text}")).await.ok();
        for path in [
            "customers",
            "profiles",
            "merges",
            "dead-letters",
            "insights",
            "automations/executions",
            "campaigns",
            "tasks",
        ] {
            let answer = world.get(&format!("/api/{path}?cursor={text}")).await;
            answer.is_problem(400, "cursor");
            world.get(&format!("/api/{path}?limit={text}")).await.is_problem(400, "limit");
        }
        world.get(&format!("/api/customers?sort={text}")).await.is_problem(400, "sort");
        world.get(&format!("/api/merge-queue?status={text}")).await.is_problem(400, "status");
        let timeline = format!("/api/customers/c1/timeline?cursor={text}");
        world.get(&timeline).await.is_problem(400, "cursor");
        let other = format!("/api/profiles/c1/explain?other={text}");
        world.get(&other).await.is_problem(404, "");
        for list in ["automations/executions", "campaigns", "tasks"] {
            let list = format!("/api/{list}?customer_id={text}&automation_id={text}");
            assert_eq!(world.get(&list).await.ok()["data"], json!([]));
        }
        let segment = format!("/api/insights?segment={text}");
        assert_eq!(world.get(&segment).await.ok()["data"], json!([]));
        let items = ["customers/ID", "profiles/ID", "profiles/ID/360", "profiles/ID/explain"];
        let more = ["profiles/ID/features", "profiles/ID/intents", "automations/ID"];
        for path in items.into_iter().chain(more) {
            let path = path.replace("ID", &text);
            world.get(&format!("/api/{path}")).await.is_problem(404, "");
        }
        world.ask(("DELETE", &format!("/api/profiles/{text}")), &[], "").await.is_problem(404, "");
        let merge = json!({"profile_ids": [nasty, "c1"], "reason": "x"}).to_string();
        world.post("/api/profiles/merge", merge).await.is_problem(404, "");
    }
    assert_eq!(world.get("/api/stats").await.ok()["customer_count"], 1);
}

#[tokio::test]
async fn no_sign_in_a_field_is_syntax() {
    let world = World::open();
    for (index, nasty) in NASTY.into_iter().enumerate() {
        let event = json!({"customer_id": format!("c{index}"), "event_type": "note",
            "timestamp": 1_700_000_000, "source_service": "x",
            "data": {"content": nasty, "name": nasty, "tags": [nasty]}});
        let answer = world.post("/events", event.to_string()).await;
        if nasty.contains('\0') {
            assert_eq!(answer.status, 400, "{}", answer.text);
        } else {
            assert_eq!(answer.ok()["stored"], 1, "{nasty}");
        }
        let event = json!({"customer_id": "c", "event_type": nasty, "timestamp": nasty});
        assert_eq!(world.post("/events", event.to_string()).await.status, 400);
    }
    assert_eq!(world.get("/api/dead-letters").await.status, 200);
    assert_eq!(world.get("/api/profiles").await.status, 200);
}

#[tokio::test]
async fn wrong_types_and_broken_json_are_named() {
    let world = World::open();
    let post = async |body: &'static str| world.post("/api/profiles/merge", body).await;
    post("").await.is_problem(400, "body");
    post("{\"profile_ids\": [").await.is_problem(400, "body");
    post("[]").await.is_problem(400, "body");
    post("7").await.is_problem(400, "body");
    post("{}").await.is_problem(400, "profile_ids");
    post(r#"{"profile_ids": "a"}"#).await.is_problem(400, "profile_ids");
    post(r#"{"profile_ids": [1, 2]}"#).await.is_problem(400, "profile_ids");
    post(r#"{"profile_ids": ["a", "b"], "reason": 7}"#).await.is_problem(400, "reason");
    post(r#"{"profile_ids": ["a", "b"], "reason": "a\u0000b"}"#).await.is_problem(400, "reason");
    let long = json!({"profile_ids": ["a", "b"], "reason": "x".repeat(1_001)}).to_string();
    world.post("/api/profiles/merge", long).await.is_problem(400, "reason");
    let deep = "[".repeat(100_000);
    for path in ["/api/profiles/merge", "/events", "/api/integrations/pos"] {
        world.post(path, deep.clone()).await.is_problem(400, "body");
    }
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let answer = world.ask(("POST", "/api/profiles/merge"), &form, "{}").await;
    answer.is_problem(415, "content-type");
    let wrong = r#"{"customer_id":"c","event_type":"purchase","timestamp":1700000000,
        "data":{"total":{"a":1}}}"#;
    world.post("/events", wrong).await.is_problem(400, "data.total");
}

#[tokio::test]
async fn invalid_utf8_and_nul_are_refused_wherever_they_stand() {
    let world = World::open();
    let bodies: [&[u8]; 3] = [b"\xff\xfe", b"{\"customer_id\":\"\xff\"}", b"\0"];
    for body in bodies {
        for path in ["/events", "/api/integrations/pos", "/api/integrations/twilio/webhook"] {
            let answer = world.post(path, body.to_vec()).await;
            assert_eq!(answer.status, 400, "{path}: {}", answer.text);
        }
        world.post("/api/profiles/merge", body.to_vec()).await.is_problem(400, "body");
    }
    world.get("/api/customers/%FF").await.is_problem(400, "id");
    assert_eq!(world.get("/api/search?q=%FF").await.status, 200);
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let form = world.ask(
        ("POST", "/api/integrations/twilio/webhook"),
        &headers,
        "From=%2B12025550143&Body=a%00b",
    );
    form.await.is_problem(400, "Body");
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused() {
    let world = World::open();
    let large = |size: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(size));
    world.post("/events", large(16 << 20)).await.is_problem(413, "body");
    // Larger than a webhook's limit, and an event's is larger.
    world.post("/events", large(3 << 20)).await.is_problem(400, "body");
    for path in ["integrations/pos", "integrations/twilio/webhook", "profiles/merge", "automations"]
    {
        world.post(&format!("/api/{path}"), large(2 << 20)).await.is_problem(413, "body");
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_are_problems() {
    let world = World::open();
    for path in ["/", "/api", "/api/", "/events/", "/api/customers/a/b", "/API/customers", "//"] {
        world.get(path).await.is_problem(404, "");
    }
    let answer = world.get("/events").await;
    answer.is_problem(405, "");
    assert_eq!(answer.header("allow"), "POST");
    world.ask(("PATCH", "/api/profiles/a"), &[], "").await.is_problem(405, "");
    world.ask(("BREW", "/api/customers"), &[], "").await.is_problem(405, "");
    let head = world.ask(("HEAD", "/healthz"), &[], "").await;
    assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""));
}

#[tokio::test]
async fn a_parameter_is_given_once_and_rightly() {
    let world = World::open();
    world.get("/api/customers?limit=1&limit=2").await.is_problem(400, "query");
    world.get("/api/search").await.is_problem(400, "q");
    for limit in ["x", "-1", "1.5", "99999999999999999999", "0x10"] {
        world.get(&format!("/api/search?q=a&limit={limit}")).await.is_problem(400, "limit");
    }
    for limit in ["0", "1", "1000", "4294967295"] {
        assert_eq!(world.get(&format!("/api/customers?limit={limit}")).await.status, 200);
    }
}
