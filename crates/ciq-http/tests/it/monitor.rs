//! The monitor: its rules, and what a check by them comes to.

use serde_json::{Value, json};

use crate::accounts::{check, tell};
use crate::world::{Answer, World};

const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

const RULES: &str = "/api/monitor/rules";

async fn put(world: &World, rules: &Value) -> Answer {
    world.ask(("PUT", RULES), &JSON, json!({ "rules": rules }).to_string()).await
}

/// A rule about calls that fail.
fn calls_fail() -> Value {
    json!({"kind": "calls_fail", "title": "Calls fail", "severity": "high",
        "when": [{"field": "error_rate", "op": "gt", "value": 0.1}]})
}

/// What is on record, whatever its state: kind, customer, severity, status, reason of the end.
async fn on_record(world: &World) -> Vec<[String; 5]> {
    let list = world.get("/api/interventions?status=all").await.ok();
    let fields = ["kind", "customer_id", "severity", "status", "close_reason"];
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let rows = list["data"].as_array().unwrap().iter();
    rows.map(|row| fields.map(|field| text(&row[field]))).collect()
}

fn kinds(rules: &Value) -> Vec<&str> {
    rules["data"].as_array().unwrap().iter().map(|rule| rule["kind"].as_str().unwrap()).collect()
}

fn counts(report: &Value) -> [u64; 5] {
    ["checked", "opened", "closed", "woken", "updated"]
        .map(|name| report[format!("{name}_count")].as_u64().unwrap())
}

#[tokio::test]
async fn the_default_rules_find_who_needs_a_person() {
    let world = World::open();
    let at = "2024-01-10T09:00:00Z";
    for (customer, data) in [
        ("stuck", json!({"stage": "api_keys_generated", "tier": "trial", "signed_up_at": at})),
        ("fails", json!({"tier": "pro", "api_calls": 500, "error_rate": 0.15})),
        ("fades", json!({"tier": "enterprise", "api_calls": 900, "usage_trend": "declining"})),
        ("grows", json!({"tier": "starter", "api_calls": 5000, "usage_trend": "increasing"})),
        ("well", json!({"stage": "production_ready", "tier": "pro", "api_calls": 5000})),
    ] {
        tell(&world, customer, at, data).await;
    }
    // Keys that nobody used for a day are the only one of the four that takes time.
    assert_eq!(counts(&check(&world, "2024-01-11T09:00:00Z").await), [5, 3, 0, 0, 0]);
    assert_eq!(counts(&check(&world, "2024-01-11T09:00:01Z").await), [5, 1, 0, 0, 0]);
    assert_eq!(counts(&check(&world, "2024-01-11T09:00:02Z").await), [5, 0, 0, 0, 0]);
    let mut found = on_record(&world).await;
    found.sort();
    let expected = [
        ["error_debugging", "fails", "high", "open", "-"],
        ["onboarding_check_in", "stuck", "medium", "open", "-"],
        ["retention_outreach", "fades", "high", "open", "-"],
        ["upsell_suggestion", "grows", "medium", "open", "-"],
    ];
    assert_eq!(found, expected.map(|row| row.map(str::to_owned)));
    for row in world.get("/api/interventions").await.ok()["data"].as_array().unwrap() {
        assert!(!row["evidence"].as_array().unwrap().is_empty(), "{row}");
        assert!(!row["playbook"].as_array().unwrap().is_empty(), "{row}");
        assert!(!row["action"].as_str().unwrap().is_empty(), "{row}");
        assert!(row["due_at"].is_string(), "{row}");
    }
}

#[tokio::test]
async fn what_has_cleared_is_closed_and_its_kind_rests() {
    let world = World::open();
    put(&world, &json!([calls_fail()])).await.ok();
    let error_rate = async |rate: f64, at: &str| {
        tell(&world, "acme", at, json!({"error_rate": rate})).await;
    };
    error_rate(0.2, "2024-01-10T09:00:00Z").await;
    assert_eq!(counts(&check(&world, "2024-01-10T10:00:00Z").await), [1, 1, 0, 0, 0]);
    error_rate(0.3, "2024-01-10T10:30:00Z").await;
    assert_eq!(counts(&check(&world, "2024-01-10T11:00:00Z").await), [1, 0, 0, 0, 1]);
    error_rate(0.01, "2024-01-10T11:30:00Z").await;
    assert_eq!(counts(&check(&world, "2024-01-10T12:00:00Z").await), [1, 0, 1, 0, 0]);
    let cleared = ["calls_fail", "acme", "high", "resolved", "cleared"].map(str::to_owned);
    assert_eq!(on_record(&world).await, [cleared]);
    // It fails again soon: a day has to pass before anybody is called again.
    error_rate(0.4, "2024-01-10T13:00:00Z").await;
    for early in ["2024-01-10T13:00:00Z", "2024-01-11T11:59:59Z"] {
        assert_eq!(counts(&check(&world, early).await), [1, 0, 0, 0, 0], "{early}");
    }
    assert_eq!(counts(&check(&world, "2024-01-11T12:00:00Z").await), [1, 1, 0, 0, 0]);
    assert_eq!(on_record(&world).await.len(), 2);
}

#[tokio::test]
async fn one_of_a_kind_is_open_so_another_is_not_reopened() {
    let world = World::open();
    put(&world, &json!([calls_fail()])).await.ok();
    tell(&world, "acme", "2024-01-10T09:00:00Z", json!({"error_rate": 0.2})).await;
    check(&world, "2024-01-10T10:00:00Z").await;
    tell(&world, "acme", "2024-01-10T11:00:00Z", json!({"error_rate": 0.0})).await;
    check(&world, "2024-01-10T12:00:00Z").await;
    tell(&world, "acme", "2024-01-11T11:00:00Z", json!({"error_rate": 0.2})).await;
    check(&world, "2024-01-11T13:00:00Z").await;
    let resolved = world.get("/api/interventions?status=resolved").await.ok();
    let id = resolved["data"][0]["id"].as_str().unwrap();
    let open = world.get("/api/interventions").await.ok();
    let answer = world.post(&format!("/api/interventions/{id}/reopen"), "{}").await;
    answer.is_problem(409, "");
    let other = open["data"][0]["id"].as_str().unwrap();
    assert!(answer.text.contains(other), "{}", answer.text);
}

#[tokio::test]
async fn rules_are_replaced_as_json_or_toml_and_reset() {
    let world = World::open();
    let defaults = world.get(RULES).await.ok();
    assert_eq!(world.brands(), [""; 0], "reading made a brand");
    let all = ["onboarding_check_in", "error_debugging", "retention_outreach", "upsell_suggestion"];
    assert_eq!(kinds(&defaults), all);

    let ours = put(&world, &json!([calls_fail()])).await.ok();
    assert_eq!(kinds(&ours), ["calls_fail"]);
    assert_eq!(ours["data"][0]["cool_down"], "1d");
    assert_eq!(world.get(RULES).await.ok(), ours);
    // What is read can be written.
    assert_eq!(put(&world, &ours["data"]).await.ok(), ours);

    for toml_type in ["application/toml", "text/toml; charset=utf-8"] {
        let toml = "[[rule]]\nkind = \"silent\"\nseverity = \"critical\"\nassignment = \
                    { to = \"kim\" }\nwhen = [{ field = \"hours_since_last_api_call\", \
                    op = \"gt\", value = 72 }]\n";
        let put = world.ask(("PUT", RULES), &[("content-type", toml_type)], toml).await.ok();
        assert_eq!(kinds(&put), ["silent"]);
        assert_eq!(put["data"][0]["assignment"], json!({"to": "kim"}));
    }
    let reset = world.ask(("DELETE", RULES), &[], "").await.ok();
    assert_eq!(reset, defaults);
    assert_eq!(world.get(RULES).await.ok(), defaults);
}

#[tokio::test]
async fn a_wrong_rule_is_refused_with_its_place_and_nothing_changes() {
    let world = World::open();
    put(&world, &json!([calls_fail()])).await.ok();
    let with = |field: &str, value: Value| {
        let mut rule = calls_fail();
        rule[field] = value;
        json!([rule])
    };
    let twice = json!([calls_fail(), calls_fail()]);
    let condition =
        |field: &str, op: &str, value: Value| json!([{"field": field, "op": op, "value": value}]);
    for (rules, field, remedy) in [
        (with("severity", json!("worst")), "rules[0].severity", "critical"),
        (with("kind", json!("Calls fail")), "rules[0].kind", "a-z"),
        (with("wen", json!([])), "rules[0].wen", "when"),
        (with("when", json!([])), "rules[0].when", "error_rate"),
        (with("when", condition("error", "gt", json!(1))), "rules[0].when[0].field", "error_rate"),
        (with("when", condition("error_rate", "gt", json!(15))), "rules[0].when[0].value", "0.1"),
        (with("when", condition("stage", "eq", json!("old"))), "rules[0].when[0].value", "new"),
        (twice, "kind", "another"),
        (json!([]), "rules", "enabled"),
    ] {
        let answer = put(&world, &rules).await;
        answer.is_problem(400, field);
        assert!(answer.text.contains(remedy), "{rules}: {}", answer.text);
    }
    for (kind, body, status, field) in [
        ("application/json", r#"{"rule": []}"#, 400, "rule"),
        ("application/json", "{}", 400, "rules"),
        ("application/json", "[]", 400, "body"),
        ("application/toml", "[[rule", 400, "body"),
        ("application/toml", "", 400, "rule"),
        ("application/toml", "rule = []", 400, "rules"),
        ("text/plain", "x", 415, "content-type"),
    ] {
        let answer = world.ask(("PUT", RULES), &[("content-type", kind)], body).await;
        answer.is_problem(status, field);
    }
    assert_eq!(kinds(&world.get(RULES).await.ok()), ["calls_fail"]);
}

#[tokio::test]
async fn a_rule_that_is_gone_or_off_closes_what_it_opened() {
    for is_off in [true, false] {
        let world = World::open();
        put(&world, &json!([calls_fail()])).await.ok();
        tell(&world, "acme", "2024-01-10T09:00:00Z", json!({"error_rate": 0.2})).await;
        assert_eq!(counts(&check(&world, "2024-01-10T10:00:00Z").await), [1, 1, 0, 0, 0]);
        if is_off {
            let mut off = calls_fail();
            off["enabled"] = json!(false);
            put(&world, &json!([off])).await.ok();
        } else {
            world.ask(("DELETE", RULES), &[], "").await.ok();
        }
        assert_eq!(counts(&check(&world, "2024-01-10T11:00:00Z").await), [1, 0, 1, 0, 0]);
        let gone = ["calls_fail", "acme", "high", "resolved", "rule_gone"].map(str::to_owned);
        assert_eq!(on_record(&world).await, [gone]);
    }
}

#[tokio::test]
async fn people_get_what_opens_in_turn() {
    let world = World::open();
    let mut rule = calls_fail();
    rule["assignment"] = json!({"round_robin": ["kim", "lee"]});
    put(&world, &json!([rule])).await.ok();
    for number in 0..4 {
        let customer = format!("a{number}");
        tell(&world, &customer, "2024-01-10T09:00:00Z", json!({"error_rate": 0.2})).await;
    }
    check(&world, "2024-01-10T10:00:00Z").await;
    for name in ["kim", "lee"] {
        let list = world.get(&format!("/api/interventions?assignee={name}")).await.ok();
        assert_eq!(list["data"].as_array().unwrap().len(), 2, "{name}");
    }
}

#[tokio::test]
async fn a_time_that_is_none_is_refused() {
    let world = World::open();
    for (body, field) in [
        (r#"{"as_of": "soon"}"#, "as_of"),
        (r#"{"as_of": "2024-03-01T00:00:00Z"}"#, "as_of"),
        (r#"{"at": "2024-01-10T10:00:00Z"}"#, "at"),
        ("[]", "body"),
    ] {
        world.post("/api/monitor/check", body).await.is_problem(400, field);
    }
    let nobody = world.ask(("POST", "/api/monitor/check"), &[], "").await.ok();
    assert_eq!(counts(&nobody), [0; 5]);
}

#[tokio::test]
async fn brands_have_rules_of_their_own() {
    let world = World::open();
    put(&world, &json!([calls_fail()])).await.ok();
    let other = [("x-brand-id", "other")];
    let rules = world.ask(("GET", RULES), &other, "").await.ok();
    assert_eq!(kinds(&rules).len(), 4);
    tell(&world, "acme", "2024-01-10T09:00:00Z", json!({"error_rate": 0.2})).await;
    let report = world.ask(("POST", "/api/monitor/check"), &other, "").await.ok();
    assert_eq!(counts(&report), [0; 5]);
    assert!(on_record(&world).await.is_empty());
}

#[tokio::test]
async fn an_open_intervention_sets_an_automation_off() {
    let world = World::open();
    put(&world, &json!([calls_fail()])).await.ok();
    let automation = json!({
        "id": "tell-success",
        "trigger": {"type": "intervention", "kind": "calls_fail", "min_severity": "high"},
        "actions": [{"type": "create_task", "title": "Calls of {{ company }} fail"}],
    });
    assert_eq!(world.post("/api/automations", automation.to_string()).await.status, 201);
    let evaluate = async |as_of: &str| {
        let body = json!({"as_of": as_of}).to_string();
        world.post("/api/automations/evaluate", body).await.ok()
    };
    let company = json!({"company": "Acme Ltd", "error_rate": 0.0});
    tell(&world, "acme", "2024-01-10T08:00:00Z", company).await;
    assert_eq!(evaluate("2024-01-10T08:30:00Z").await["triggered_count"], 0);
    // Before automations are asked, accounts are checked: nobody has to do that first.
    tell(&world, "acme", "2024-01-10T09:00:00Z", json!({"error_rate": 0.2})).await;
    let report = evaluate("2024-01-10T09:30:00Z").await;
    assert_eq!((&report["triggered_count"], &report["sent_count"]), (&json!(1), &json!(1)));
    let open = ["calls_fail", "acme", "high", "open", "-"].map(str::to_owned);
    assert_eq!(on_record(&world).await, [open]);
    let tasks = world.get("/api/tasks?customer_id=acme").await.ok();
    assert_eq!(tasks["data"][0]["title"], "Calls of Acme Ltd fail");
    assert_eq!(evaluate("2024-01-10T10:30:00Z").await["triggered_count"], 0);
}
