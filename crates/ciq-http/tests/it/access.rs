//! Tokens, roles, brands, and who may not ask at all.

use ciq_http::{ApiOptions, PublicUrl};

use crate::world::{Answer, World};

const EVENT: &str = r#"{"customer_id":"c1","event_type":"login","timestamp":1700000000}"#;

async fn with_token(world: &World, target: (&str, &str), token: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let body = if target.1 == "/events" { EVENT } else { r#"{"profile_ids":[]}"# };
    world.ask(target, &headers, body).await
}

#[tokio::test]
async fn a_token_is_needed_where_tokens_are() {
    let world = World::closed();
    for path in ["/api/customers", "/api/stats", "/metrics"] {
        let answer = world.get(path).await;
        answer.is_problem(401, "");
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
        let wrong = with_token(&world, ("GET", path), "wrong-token").await;
        wrong.is_problem(401, "");
        assert!(!wrong.text.contains("wrong-token"));
        assert_eq!(with_token(&world, ("GET", path), "r").await.status, 200);
        assert_eq!(world.ask(("GET", path), &[("x-api-key", "r")], "").await.status, 200);
        world.ask(("GET", path), &[("authorization", "Basic cjpy")], "").await.is_problem(401, "");
        world.ask(("GET", path), &[("authorization", "r")], "").await.is_problem(401, "");
    }
    for path in ["/healthz", "/readyz", "/api/openapi.json", "/api/docs"] {
        assert_eq!(world.get(path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn a_role_may_do_its_own_and_what_lesser_ones_may() {
    let world = World::closed();
    let id = "00000000000000000000000000000000";
    let (undo, approve) =
        (format!("/api/merges/mrg_{id}/undo"), format!("/api/merge-queue/rev_{id}/approve"));
    let reject = approve.replace("approve", "reject");
    for (target, lowest) in [
        (("GET", "/api/customers"), 0),
        (("GET", "/api/merge-queue"), 0),
        (("POST", "/events"), 1),
        (("POST", "/api/integrations/pos"), 1),
        (("POST", "/api/integrations/shopify/webhook"), 1),
        (("POST", "/api/integrations/twilio/webhook"), 1),
        (("GET", "/api/insights"), 0),
        (("GET", "/api/profiles/c9/predictions"), 0),
        (("GET", "/api/automations"), 0),
        (("GET", "/api/automations/executions"), 0),
        (("GET", "/api/campaigns"), 0),
        (("GET", "/api/tasks"), 0),
        (("GET", "/api/models"), 0),
        (("GET", "/api/accounts"), 0),
        (("GET", "/api/accounts/c9"), 0),
        (("GET", "/api/profiles/c9/health"), 0),
        (("GET", "/api/interventions"), 0),
        (("GET", "/api/interventions/x"), 0),
        (("GET", "/api/monitor/rules"), 0),
        (("POST", "/api/interventions/x/acknowledge"), 1),
        (("POST", "/api/interventions/x/snooze"), 1),
        (("POST", "/api/interventions/x/assign"), 1),
        (("POST", "/api/interventions/x/resolve"), 1),
        (("POST", "/api/interventions/x/reopen"), 1),
        (("POST", "/api/interventions/x/comment"), 1),
        (("POST", "/api/monitor/check"), 1),
        (("PUT", "/api/monitor/rules"), 1),
        (("DELETE", "/api/monitor/rules"), 1),
        (("POST", "/api/predictions"), 1),
        (("POST", "/api/automations"), 1),
        (("PUT", "/api/automations/x"), 1),
        (("PATCH", "/api/automations/x"), 1),
        (("DELETE", "/api/automations/x"), 1),
        (("POST", "/api/automations/evaluate"), 1),
        (("POST", "/api/models/train"), 1),
        (("PUT", "/api/models/in-use"), 1),
        (("POST", "/api/profiles/merge"), 2),
        (("POST", undo.as_str()), 2),
        (("POST", approve.as_str()), 2),
        (("POST", reject.as_str()), 2),
        (("DELETE", "/api/profiles/c9"), 2),
    ] {
        for (rank, token) in ["r", "w", "a"].into_iter().enumerate() {
            let answer = with_token(&world, target, token).await;
            assert_eq!(answer.status == 403, rank < lowest, "{target:?} {token}: {}", answer.text);
            assert_ne!(answer.status, 401);
        }
    }
}

#[tokio::test]
async fn a_token_is_of_one_brand() {
    let world = World::closed();
    assert_eq!(with_token(&world, ("POST", "/events"), "w").await.status, 200);
    let read = async |token, brand| {
        let headers = [("x-api-key", token), ("x-brand-id", brand)];
        world.ask(("GET", "/api/customers/c1"), &headers, "").await
    };
    assert_eq!(read("r", "shop").await.status, 200);
    read("other", "shop").await.is_problem(403, "x-brand-id");
    read("r", "other").await.is_problem(403, "x-brand-id");
    read("other", "other").await.is_problem(404, "");
    assert_eq!(world.brands(), ["shop"]);
}

#[tokio::test]
async fn a_malformed_brand_is_named() {
    for world in [World::open(), World::closed()] {
        for brand in ["", "Shop", "../etc", "a b", "a/b", "é", &"x".repeat(65)] {
            let headers = [("x-brand-id", brand), ("x-api-key", "a")];
            let answer = world.ask(("GET", "/api/customers"), &headers, "").await;
            answer.is_problem(400, "x-brand-id");
            let answer = world.ask(("POST", "/events"), &headers, EVENT).await;
            answer.is_problem(400, "x-brand-id");
        }
    }
}

#[tokio::test]
async fn without_tokens_strangers_names_and_pages_are_refused() {
    let public_url = Some(PublicUrl::parse("https://iq.example").unwrap());
    let world = World::with(ApiOptions { public_url, ..ApiOptions::default() });
    for path in ["/api/customers", "/healthz", "/nowhere"] {
        let answer = world.ask(("GET", path), &[("host", "evil.example")], "").await;
        answer.is_problem(403, "host");
    }
    for host in ["127.0.0.1:3000", "[::1]:3000", "iq.example", "LocalHost"] {
        assert_eq!(world.ask(("GET", "/healthz"), &[("host", host)], "").await.status, 200);
    }
    let form = [("origin", "https://evil.example"), ("content-type", "text/plain")];
    world.ask(("POST", "/events"), &form, EVENT).await.is_problem(403, "origin");
    // Tokens keep strangers out by themselves.
    let closed = World::closed();
    let headers = [("host", "evil.example"), ("x-api-key", "r")];
    assert_eq!(closed.ask(("GET", "/api/customers"), &headers, "").await.status, 200);
}

#[tokio::test]
async fn every_answer_carries_its_headers() {
    let world = World::open();
    for path in ["/api/customers", "/nowhere", "/api/docs"] {
        let answer = world.ask(("GET", path), &[("x-request-id", "abc-1")], "").await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("x-request-id"), "abc-1");
        assert!(answer.header("content-security-policy").starts_with("default-src 'none'"));
    }
    for strange in ["a@customer.example.org", &"x".repeat(65)] {
        let answer = world.ask(("GET", "/healthz"), &[("x-request-id", strange)], "").await;
        assert!(answer.header("x-request-id").starts_with("req-"));
    }
}
