//! What cannot be is refused, and the place at fault is named.

use crate::served::Served;

#[test]
fn nothing_happens_before_there_are_users() {
    let served = Served::start();
    for path in ["/backfill", "/start-stream"] {
        let problem = served.post(path, "").expect(409).json();
        assert!(problem["detail"].as_str().unwrap().contains("POST /seed-users"), "{problem}");
    }
    served.post("/emit", r#"{"name":"lunch"}"#).expect(409);
    served.post("/emit", r#"{"name":"lunch","userId":"me"}"#).expect(200);
    assert_eq!(served.get("/users").expect(200).json()["total"], 0);
    assert_eq!(served.get("/users?all=true").expect(200).body, "[]\n");
}

#[test]
fn the_place_at_fault_is_named() {
    let served = Served::seeded(10);
    for (path, body, pointer) in [
        ("/seed-users", r#"{"count":0}"#, "/count"),
        ("/seed-users", r#"{"count":1000001}"#, "/count"),
        ("/seed-users", r#"{"count":"5"}"#, "/count"),
        ("/seed-users", r#"{"count":1.5}"#, "/count"),
        ("/seed-users", r#"{"seed":-1}"#, "/seed"),
        ("/seed-users", r#"{"mix":{"power":0.9,"casual":0.6,"at_risk":0.2}}"#, "/mix"),
        ("/seed-users", r#"{"mix":{"power":"much","casual":0.6,"at_risk":0.2}}"#, "/mix/power"),
        ("/seed-users", r#"{"mix":{"power":0.2,"casual":0.8}}"#, "/mix/at_risk"),
        ("/seed-users", r#"{"optOut":1.5}"#, "/optOut"),
        ("/seed-users", r#"{"cuont":5}"#, "/cuont"),
        ("/start-stream", r#"{"rate":0}"#, "/rate"),
        ("/start-stream", r#"{"rate":6000001}"#, "/rate"),
        ("/start-stream", r#"{"rate":"fast"}"#, "/rate"),
        ("/start-stream", r#"{"jitter":1}"#, "/jitter"),
        ("/start-stream", r#"{"modes":[]}"#, "/modes"),
        ("/start-stream", r#"{"modes":["product","lunch"]}"#, "/modes/1"),
        ("/start-stream", r#"{"modes":["product",3]}"#, "/modes/1"),
        ("/emit", "", "/name"),
        ("/emit", r#"{"name":""}"#, "/name"),
        ("/emit", r#"{"name":"a","userId":7}"#, "/userId"),
        ("/emit", r#"{"name":"a","userId":"a\nb"}"#, "/userId"),
        ("/emit", r#"{"name":"a","ts":"2025-02-30T00:00:00Z"}"#, "/ts"),
        ("/emit", r#"{"name":"a","ts":"yesterday"}"#, "/ts"),
        ("/emit", r#"{"name":"a","ts":"1969-12-31T00:00:00Z"}"#, "/ts"),
        ("/emit", r#"{"name":"a","props":[]}"#, "/props"),
        ("/backfill", r#"{"days":0}"#, "/days"),
        ("/backfill", r#"{"days":731}"#, "/days"),
        ("/backfill", r#"{"density":0}"#, "/density"),
        ("/backfill", r#"{"perUserDensity":-1}"#, "/perUserDensity"),
        ("/backfill", r#"{"density":5,"perUserDensity":1}"#, "/perUserDensity"),
        ("/backfill", r#"{"modes":["lunch"]}"#, "/modes/0"),
        ("/backfill", r#"{"dirty":3}"#, "/dirty"),
        ("/backfill", r#"{"dirty":{"late":2}}"#, "/dirty/late"),
        ("/backfill", r#"{"dirty":{"mud":0.1}}"#, "/dirty/mud"),
        ("/emit", "[1]", ""),
        ("/emit", r#"{"name":"a""#, ""),
        ("/emit", r#"{"name":"a"} {}"#, ""),
    ] {
        let answer = served.post(path, body).expect(400);
        assert!(answer.head.contains("application/problem+json"), "{}", answer.head);
        let problem = answer.json();
        assert_eq!(problem["pointer"], pointer, "{path} {body}: {problem}");
        assert_eq!(problem["type"], "urn:mockgen:problem:invalid-request");
        assert!(!problem["detail"].as_str().unwrap().is_empty());
    }
    for (path, name) in [
        ("/users?limit=0", "limit"),
        ("/users?limit=1001", "limit"),
        ("/users?limit=x", "limit"),
        ("/users?cursor=nobody", "cursor"),
        ("/users?all=perhaps", "all"),
    ] {
        assert_eq!(served.get(path).expect(400).json()["pointer"], name, "{path}");
    }
}

#[test]
fn a_path_a_method_and_a_body_that_do_not_fit_are_refused() {
    let served = Served::start();
    for path in ["/", "/nope", "/users/1"] {
        let problem = served.get(path).expect(404).json();
        assert_eq!(problem["type"], "urn:mockgen:problem:not-found");
    }
    let answer = served.get("/seed-users").expect(405);
    assert!(answer.head.contains("allow: post"), "{}", answer.head);
    assert!(answer.head.contains("application/problem+json"));
    served.ask("POST", "/emit", &["content-type: text/plain"], r#"{"name":"a"}"#).expect(415);
    served.ask("POST", "/emit", &[], r#"{"name":"a"}"#).expect(415);
    let large = format!(r#"{{"name":"{}"}}"#, "a".repeat(2 << 20));
    let answer = served.post("/emit", &large);
    // A server may cut the connection while the body still comes.
    assert!([0, 413].contains(&answer.status), "{}", answer.head);
}
