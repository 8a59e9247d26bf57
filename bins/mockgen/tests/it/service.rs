//! The service's routes: what they do, and their defaults.

use std::net::TcpStream;

use ciq_testkit::eventually;
use serde_json::{Value, json};

use crate::served::{LIMIT, Served};

#[test]
fn it_runs_and_tells_so() {
    let served = Served::start();
    assert_eq!(served.get("/healthz").expect(200).json(), json!({"status": "ok"}));
    let status = served.get("/status").expect(200).json();
    assert_eq!((&status["users"], &status["streaming"]), (&json!(0), &json!(false)));
    assert_eq!((&status["seed"], &status["stream"]), (&Value::Null, &Value::Null));
    assert_eq!(status["sink"]["to"], "file events.ndjson");
    assert_eq!(served.get("/openapi.json").expect(200).json()["openapi"], "3.1.0");
    assert!(served.get("/docs").expect(200).body.contains("POST /seed-users"));
    let (_, said, code) = served.stop();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("stopped; 0 events delivered"), "{said}");
}

#[test]
fn localhost_is_enough_of_an_address() {
    let served = Served::start();
    let port = served.address.split(':').next_back().unwrap();
    // As curl does: every address of the name is tried.
    assert!(TcpStream::connect(format!("localhost:{port}")).is_ok());
    let host = format!("host: localhost:{port}");
    served.ask("GET", "/healthz", &[&host], "").expect(200);
    served.ask("GET", "/healthz", &["host: evil.example"], "").expect(403);
    served.ask("GET", "/healthz", &["origin: https://evil.example"], "").expect(403);
}

#[test]
fn users_follow_from_the_seed() {
    let served = Served::start();
    let body = r#"{"count":5000,"seed":42,"mix":{"power":0.2,"casual":0.6,"at_risk":0.2}}"#;
    let seeded = served.post("/seed-users", body).expect(200).json();
    let expect = json!({
        "users": 5_000, "seed": 42, "mix": {"power": 0.2, "casual": 0.6, "at_risk": 0.2},
        "region": "IN", "smsConsent": true, "emailConsent": true, "optOut": 0.0,
    });
    assert_eq!(seeded, expect);
    let users = served.get("/users?all=true").expect(200).json();
    assert_eq!(users.as_array().unwrap().len(), 5_000);
    served.post("/seed-users", r#"{"count":6000,"seed":42}"#).expect(200);
    let more = served.get("/users?all=true").expect(200).json();
    assert_eq!(more.as_array().unwrap()[..5_000], users.as_array().unwrap()[..]);
    let keys: Vec<_> = users[0].as_object().unwrap().keys().collect();
    let expect =
        ["email", "emailConsent", "id", "name", "phone", "plan", "region", "segment", "smsConsent"];
    assert_eq!(keys, expect);
}

#[test]
fn without_a_seed_one_is_drawn_and_told() {
    let served = Served::start();
    let first = served.post("/seed-users", "").expect(200).json();
    assert_eq!(first["users"], 5_000);
    let seed = first["seed"].as_u64().unwrap();
    assert!(seed < 1 << 53);
    let users = served.get("/users").expect(200).body;
    let second = served.post("/seed-users", "{}").expect(200).json();
    assert_ne!(second["seed"], first["seed"]);
    served.post("/seed-users", &json!({"seed": seed}).to_string()).expect(200);
    assert_eq!(served.get("/users").expect(200).body, users);
}

#[test]
fn pages_of_users_are_all_of_them_once() {
    let served = Served::seeded(250);
    let all = served.get("/users?all=true").expect(200).json();
    let (mut pages, mut path) = (Vec::new(), "/users".to_owned());
    loop {
        let page = served.get(&path).expect(200).json();
        assert_eq!(page["total"], 250);
        pages.extend(page["users"].as_array().unwrap().clone());
        let Some(cursor) = page["nextCursor"].as_str() else { break };
        path = format!("/users?limit=70&cursor={cursor}");
    }
    assert_eq!(Value::Array(pages), all);
}

#[test]
fn who_opts_out_shows() {
    let served = Served::start();
    served.post("/seed-users", r#"{"count":2000,"seed":1,"optOut":0.25}"#).expect(200);
    let users = served.get("/users?all=true").expect(200).json();
    let refused = |user: &&Value| user["smsConsent"] == false || user["emailConsent"] == false;
    let count = users.as_array().unwrap().iter().filter(refused).count();
    assert!((420..580).contains(&count), "{count}");
}

#[test]
fn one_event_is_sent_as_told() {
    let served = Served::seeded(100);
    let body = r#"{"name":"pre_renewal_card_decline","userId":"ABC123",
        "ts":"2025-01-20T10:00:00.000Z","props":{"daysToRenewal":3,"amount":49,"currency":"USD"}}"#;
    let known = served.get("/users?limit=1").json()["users"][0]["id"].clone();
    let body = body.replace("ABC123", known.as_str().unwrap());
    let answer = served.post("/emit", &body).expect(200).json();
    assert_eq!(answer["warnings"], json!([]));
    let event = &answer["event"];
    assert_eq!(event["ts"], "2025-01-20T10:00:00.000Z");
    assert_eq!(event["userId"], known);
    let expect = json!({"daysToRenewal": 3, "amount": 49, "currency": "USD"});
    assert_eq!(event["props"], expect);
    let short = r#"{"name":"pre_renewal_card_decline","props":{"daysToRenewal":3,"amount":49}}"#;
    let drawn = served.post("/emit", short).expect(200).json();
    assert_eq!(drawn["warnings"], json!([]), "the user who was drawn is known");
    let odd = served.post("/emit", r#"{"name":"lunch","userId":"nobody"}"#).expect(200).json();
    assert_eq!(odd["warnings"].as_array().unwrap().len(), 2, "{odd}");
    let (place, said, _) = served.stop();
    let sent = String::from_utf8(place.read("events.ndjson")).unwrap();
    let sent: Vec<Value> = sent.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(sent, [event.clone(), drawn["event"].clone(), odd["event"].clone()], "{said}");
}

#[test]
fn a_history_ends_now_and_is_in_order() {
    let served = Served::seeded(100);
    let done = served.post("/backfill", "").expect(200).json();
    assert_eq!((&done["state"], &done["progress"]), (&json!("done"), &json!(1.0)));
    let events = done["events"].as_u64().unwrap();
    // 60 days of 80 events.
    assert!((3_600..=6_000).contains(&events), "{events}");
    assert_eq!(done["warnings"], json!([]));
    let (from, to) = (done["from"].as_str().unwrap(), done["to"].as_str().unwrap());
    let (place, said, _) = served.stop();
    assert!(said.contains(&format!("stopped; {events} events delivered")), "{said}");
    let text = String::from_utf8(place.read("events.ndjson")).unwrap();
    let times: Vec<&str> = text.lines().map(|line| line.split('"').nth(7).unwrap()).collect();
    assert_eq!(times.len() as u64, events);
    assert!(times.is_sorted() && from <= times[0] && times[times.len() - 1] <= to);
}

#[test]
fn a_thin_history_warns_that_nothing_can_be_learnt() {
    let served = Served::seeded(5_000);
    let body = r#"{"days":60,"density":80,"modes":["product","billing","ticket"]}"#;
    let done = served.post("/backfill", body).expect(200).json();
    let warning = done["warnings"][0].as_str().unwrap();
    assert!(warning.contains("no model can be trained"), "{warning}");
}

#[test]
fn a_long_history_goes_on_behind_its_answer() {
    let served = Served::seeded(20_000);
    let body = r#"{"days":180,"perUserDensity":6,"dirty":true}"#;
    let begun = served.post("/backfill", body).expect(202).json();
    assert_eq!(begun["state"], "running");
    let path = format!("/backfill/{}", begun["id"].as_str().unwrap());
    let progress = || served.get(&path).expect(200).json()["progress"].as_f64().unwrap();
    let before = progress();
    assert!(eventually(LIMIT, || progress() > before));
    let told = served.get("/status").json()["backfills"][0].clone();
    assert_eq!((&told["id"], &told["state"]), (&begun["id"], &json!("running")));
    let cancelled = served.post(&format!("{path}/cancel"), "").expect(200).json();
    assert_eq!(cancelled["state"], "cancelled", "{cancelled}");
    assert_eq!(served.ask("DELETE", &path, &[], "").expect(200).json()["state"], "cancelled");
    served.get("/backfill/bf_9").expect(404);
}
