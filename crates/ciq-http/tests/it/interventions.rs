//! Interventions: listed, shown, and acted on.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::accounts::{check, tell};
use crate::world::{Answer, World};

const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

/// Long enough for anything that should happen, on any machine.
const SOON: Duration = Duration::from_secs(8);

/// Rules of our own, so that the figures of the default set may change.
fn rules() -> Value {
    json!({"rules": [
        {"kind": "calls_fail", "title": "Calls fail", "severity": "high", "cool_down": "24h",
            "when": [{"field": "error_rate", "op": "gt", "value": 0.1}],
            "playbook": ["Look at the log", "Call them"], "action": "Find out which calls fail"},
        {"kind": "fades", "title": "Use goes down", "severity": "low", "cool_down": "24h",
            "when": [{"field": "usage_trend", "op": "eq", "value": "declining"}],
            "playbook": [], "action": "Ask why"},
    ]})
}

/// A world with these rules, and an account whose calls fail.
async fn world() -> World {
    let world = World::open();
    let put = world.ask(("PUT", "/api/monitor/rules"), &JSON, rules().to_string()).await;
    put.ok();
    fails(&world, "acme", 10).await;
    world
}

/// From nine o'clock of a day on, many calls fail.
async fn fails(world: &World, customer: &str, day: u32) {
    let data = json!({"company": "Acme Ltd", "tier": "pro", "error_rate": 0.2});
    tell(world, customer, &format!("2024-01-{day}T09:00:00Z"), data).await;
}

/// The only intervention that there is, whatever its state.
async fn only(world: &World) -> Value {
    let list = world.get("/api/interventions?status=all").await.ok();
    let [one] = &list["data"].as_array().unwrap()[..] else { panic!("{list}") };
    one.clone()
}

/// A world with one intervention, and its address.
async fn with_one() -> (World, String) {
    let world = world().await;
    assert_eq!(check(&world, "2024-01-10T10:00:00Z").await["opened_count"], 1);
    let id = only(&world).await["id"].as_str().unwrap().to_owned();
    (world, format!("/api/interventions/{id}"))
}

async fn act(world: &World, path: &str, action: &str, body: &Value) -> Answer {
    world.post(&format!("{path}/{action}"), body.to_string()).await
}

/// What became of an intervention: action, actor, status.
fn steps(detail: &Value) -> Vec<[&str; 3]> {
    detail["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| ["action", "actor", "status"].map(|name| step[name].as_str().unwrap()))
        .collect()
}

#[tokio::test]
async fn an_intervention_tells_why_it_is_there_and_what_to_do() {
    let (world, path) = with_one().await;
    let one = only(&world).await;
    assert_eq!(world.get("/api/interventions").await.ok()["data"], json!([one]));
    for (field, value) in [
        ("customer_id", json!("acme")),
        ("customer_name", json!("Acme Ltd")),
        ("kind", json!("calls_fail")),
        ("title", json!("Calls fail")),
        ("severity", json!("high")),
        ("status", json!("open")),
        ("opened_at", json!("2024-01-10T10:00:00Z")),
        ("snoozed_until", json!(null)),
        ("closed_at", json!(null)),
        ("close_reason", json!(null)),
        ("assignee", json!(null)),
        ("action", json!("Find out which calls fail")),
        ("playbook", json!(["Look at the log", "Call them"])),
        ("currency", json!("USD")),
    ] {
        assert_eq!(one[field], value, "{field}: {one}");
    }
    assert_eq!(
        one["evidence"],
        json!([{"field": "error_rate", "value": 0.2, "op": "gt", "threshold": 0.1}])
    );
    let detail = world.get(&path).await.ok();
    assert_eq!(detail["playbook"], one["playbook"]);
    assert_eq!(steps(&detail), [["opened", "monitor", "open"]]);
}

#[tokio::test]
async fn people_act_and_the_history_names_them() {
    let (world, path) = with_one().await;
    let seen = act(&world, &path, "acknowledge", &json!({"by": "kim"})).await.ok();
    assert_eq!(seen["status"], "acknowledged");
    let given = act(&world, &path, "assign", &json!({"to": " lee ", "by": "kim"})).await.ok();
    assert_eq!((&given["assignee"], &given["status"]), (&json!("lee"), &json!("acknowledged")));
    let mine = world.get("/api/interventions?assignee=lee").await.ok();
    assert_eq!(mine["data"].as_array().unwrap().len(), 1);
    act(&world, &path, "comment", &json!({"text": "Nobody there."})).await.ok();
    let done = act(&world, &path, "resolve", &json!({"note": "A proxy.", "by": "lee"})).await.ok();
    assert_eq!((&done["status"], &done["close_reason"]), (&json!("resolved"), &json!("manual")));
    assert!(done["closed_at"].is_string(), "{done}");
    let list = world.get("/api/interventions").await.ok();
    assert_eq!(list, json!({"data": [], "next_cursor": null}));
    let again = act(&world, &path, "reopen", &json!({})).await.ok();
    assert_eq!((&again["status"], &again["closed_at"]), (&json!("open"), &json!(null)));
    let nobody = act(&world, &path, "assign", &json!({"to": null})).await.ok();
    assert_eq!(nobody["assignee"], json!(null));
    assert_eq!(
        steps(&nobody),
        [
            ["opened", "monitor", "open"],
            ["acknowledged", "kim", "acknowledged"],
            ["assigned", "kim", "acknowledged"],
            // Without a name it was whoever has the role.
            ["commented", "admin", "acknowledged"],
            ["resolved", "lee", "resolved"],
            ["reopened", "admin", "open"],
            ["assigned", "admin", "open"],
        ]
    );
    let details: Vec<_> =
        nobody["history"].as_array().unwrap().iter().map(|step| &step["detail"]).collect();
    assert_eq!((details[3], details[4]), (&json!("Nobody there."), &json!("A proxy.")));
}

#[tokio::test]
async fn what_makes_no_sense_in_a_state_says_what_does() {
    let (world, path) = with_one().await;
    let reopened = act(&world, &path, "reopen", &json!({})).await;
    reopened.is_problem(409, "");
    assert!(reopened.text.contains("open"), "{}", reopened.text);
    act(&world, &path, "resolve", &json!({})).await.ok();
    for (action, body) in
        [("acknowledge", json!({})), ("snooze", json!({"for": "4h"})), ("resolve", json!({}))]
    {
        let answer = act(&world, &path, action, &body).await;
        answer.is_problem(409, "");
        assert!(answer.text.contains("reopen"), "{action}: {}", answer.text);
    }
    assert_eq!(steps(&world.get(&path).await.ok()).len(), 2, "a refusal leaves no trace");
}

#[tokio::test]
async fn what_is_put_off_comes_back_by_itself() {
    let (world, path) = with_one().await;
    // The clock of the world stands at eight.
    let body = json!({"until": "2024-02-01T12:00:00Z"});
    let resting = act(&world, &path, "snooze", &body).await.ok();
    assert_eq!(
        (&resting["status"], &resting["snoozed_until"]),
        (&json!("snoozed"), &json!("2024-02-01T12:00:00Z"))
    );
    let early = check(&world, "2024-02-01T11:59:00Z").await;
    assert_eq!((&early["woken_count"], &early["closed_count"]), (&json!(0), &json!(0)));
    assert_eq!(only(&world).await["status"], "snoozed");
    let late = check(&world, "2024-02-01T12:00:00Z").await;
    assert_eq!((&late["woken_count"], &late["opened_count"]), (&json!(1), &json!(0)));
    let awake = world.get(&path).await.ok();
    assert_eq!((&awake["status"], &awake["snoozed_until"]), (&json!("open"), &json!(null)));
    assert_eq!(steps(&awake).last(), Some(&["woken", "monitor", "open"]));
    let shortly = act(&world, &path, "snooze", &json!({"for": "90m"})).await.ok();
    assert!(shortly["snoozed_until"].as_str().unwrap().starts_with("2024-02-01T09:3"), "{shortly}");
}

#[tokio::test]
async fn a_wrong_body_names_its_field_and_what_to_send() {
    let (world, path) = with_one().await;
    let long = "x".repeat(2_001);
    for (action, body, field, remedy) in [
        ("snooze", json!({}), "until", "4h"),
        ("snooze", json!({"until": "2024-02-01T07:00:00Z"}), "until", "in the past"),
        ("snooze", json!({"until": "2024-02-01T12:00:00Z", "for": "4h"}), "for", "one of the two"),
        ("snooze", json!({"until": "noon"}), "until", "RFC 3339"),
        ("snooze", json!({"for": "a while"}), "for", "2d"),
        ("snooze", json!({"til": "2024-02-01T12:00:00Z"}), "til", "until"),
        ("assign", json!({}), "to", "null"),
        ("assign", json!({"to": ""}), "to", "null"),
        ("assign", json!({"to": 7}), "to", "text"),
        ("assign", json!({"to": "x".repeat(121)}), "to", "120"),
        ("resolve", json!({"note": long}), "note", "2000"),
        ("resolve", json!({"reason": "done"}), "reason", "note"),
        ("comment", json!({}), "text", "required"),
        ("comment", json!({"text": "a\u{0}b"}), "text", "NUL"),
        ("acknowledge", json!({"by": "x".repeat(121)}), "by", "120"),
        ("acknowledge", json!({"by": 1}), "by", "text"),
        ("reopen", json!([]), "body", "object"),
    ] {
        let answer = act(&world, &path, action, &body).await;
        answer.is_problem(400, field);
        assert!(answer.text.contains(remedy), "{action} {body}: {}", answer.text);
    }
    let form = world.ask(("POST", &format!("{path}/snooze")), &[], "for=4h").await;
    form.is_problem(415, "content-type");
    assert_eq!(steps(&world.get(&path).await.ok()).len(), 1);
}

#[tokio::test]
async fn an_intervention_that_is_none_is_not_found() {
    let (world, _) = with_one().await;
    let strange = format!("itv_{}", "0".repeat(32));
    for id in ["x", "itv_1", &strange] {
        let path = format!("/api/interventions/{id}");
        world.get(&path).await.is_problem(404, "");
        act(&world, &path, "acknowledge", &json!({})).await.is_problem(404, "");
        act(&world, &path, "comment", &json!({"text": "x"})).await.is_problem(404, "");
    }
}

#[tokio::test]
async fn the_most_severe_come_first_page_by_page() {
    let world = world().await;
    for number in 0..3 {
        let fades = json!({"usage_trend": "declining"});
        tell(&world, &format!("low-{number}"), "2024-01-10T09:00:00Z", fades).await;
        fails(&world, &format!("high-{number}"), 10).await;
    }
    assert_eq!(check(&world, "2024-01-10T10:00:00Z").await["opened_count"], 7);
    let list = async |query: &str| {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("/api/interventions?{query}&limit=2&cursor={cursor}");
            let page = world.get(&path).await.ok();
            let rows = page["data"].as_array().unwrap();
            seen.extend(rows.iter().map(|row| row["severity"].as_str().unwrap().to_owned()));
            let Some(next) = page["next_cursor"].as_str() else { return seen };
            next.clone_into(&mut cursor);
        }
    };
    assert_eq!(list("").await, ["high", "high", "high", "high", "low", "low", "low"]);
    for (query, count) in [
        ("severity=high", 4),
        ("kind=fades", 3),
        ("kind=fades&severity=high", 0),
        ("customer=low-1", 1),
        ("customer=nobody", 0),
        ("assignee=kim", 0),
        ("status=open,acknowledged", 7),
        ("status=resolved", 0),
        ("status=all", 7),
    ] {
        assert_eq!(list(query).await.len(), count, "{query}");
    }
}

#[tokio::test]
async fn a_wrong_parameter_lists_what_there_is() {
    let (world, _) = with_one().await;
    for (query, field, remedy) in [
        ("status=gone", "status", "acknowledged"),
        ("status=open,,", "status", "snoozed"),
        ("severity=worst", "severity", "critical"),
        ("kind=call_fails", "kind", "calls_fail"),
        ("cursor=worst-1", "cursor", "begin again"),
        ("cursor=0", "cursor", "begin again"),
        ("cursor=high-x", "cursor", "begin again"),
        ("limit=many", "limit", "50"),
    ] {
        let answer = world.get(&format!("/api/interventions?{query}")).await;
        answer.is_problem(400, field);
        assert!(answer.text.contains(remedy), "{query}: {}", answer.text);
    }
    // What an old rule opened is on record under its kind, and may be asked for.
    world.ask(("DELETE", "/api/monitor/rules"), &[], "").await.ok();
    world.get("/api/interventions?kind=calls_fail").await.ok();
}

#[tokio::test]
async fn brands_do_not_see_each_others_interventions() {
    let (world, path) = with_one().await;
    let other = [("x-brand-id", "other"), ("content-type", "application/json")];
    let list = world.ask(("GET", "/api/interventions?status=all"), &other, "").await.ok();
    assert_eq!(list, json!({"data": [], "next_cursor": null}));
    world.ask(("GET", &path), &other, "").await.is_problem(404, "");
    for (action, body) in [
        ("acknowledge", "{}"),
        ("snooze", r#"{"for":"4h"}"#),
        ("assign", r#"{"to":"kim"}"#),
        ("resolve", "{}"),
        ("reopen", "{}"),
        ("comment", r#"{"text":"x"}"#),
    ] {
        let path = format!("{path}/{action}");
        world.ask(("POST", &path), &other, body).await.is_problem(404, "");
    }
    assert_eq!(world.brands(), ["default"], "acting made a brand");
    // Nor where the other brand has a file.
    world.ask(("POST", "/api/monitor/check"), &other, "{}").await.ok();
    world.ask(("GET", &path), &other, "").await.is_problem(404, "");
    let path = format!("{path}/acknowledge");
    world.ask(("POST", &path), &other, "{}").await.is_problem(404, "");
    assert_eq!(only(&world).await["status"], "open");
}

#[tokio::test]
async fn what_becomes_of_an_intervention_is_streamed() {
    let (world, path) = with_one().await;
    act(&world, &path, "acknowledge", &json!({"by": "kim"})).await.ok();
    act(&world, &path, "resolve", &json!({"by": "kim"})).await.ok();
    let kinds = "intervention.opened,intervention.changed,intervention.closed";
    let target = format!("/api/stream?after=beginning&types={kinds}");
    let request = Request::get(target).header("host", "localhost").body(Body::empty()).unwrap();
    let answer = world.app.clone().oneshot(request).await.unwrap();
    let mut body = answer.into_body().into_data_stream();
    let mut text = String::new();
    let reading = async {
        while text.matches("\ndata: ").count() < 3 {
            text.push_str(std::str::from_utf8(&body.next().await.unwrap().unwrap()).unwrap());
        }
    };
    tokio::time::timeout(SOON, reading).await.unwrap();
    let changes = text.lines().filter_map(|line| line.strip_prefix("data: "));
    let changes: Vec<Value> = changes.map(|data| serde_json::from_str(data).unwrap()).collect();
    let told: Vec<_> = changes
        .iter()
        .map(|change| (change["type"].as_str().unwrap(), change["data"]["actor"].as_str().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            ("intervention.opened", "monitor"),
            ("intervention.changed", "kim"),
            ("intervention.closed", "kim"),
        ]
    );
    let id = path.rsplit('/').next().unwrap();
    assert_eq!(changes[0]["data"]["intervention_id"], id);
    assert_eq!(changes[0]["data"]["customer_id"], "acme");
}
