//! `monitor` and `interventions`: who needs a person, and what the person does.

use std::time::Duration;

use ciq_testkit::eventually;
use serde_json::{Value, json};

use crate::service::Service;
use crate::support::Place;

/// How long anything may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(40);

/// When the tests begin.
const NINE: &str = "2026-01-10T09:00:00Z";

/// Tells of accounts: each is a customer, a time and what is told.
fn tell(place: &Place, accounts: &[(&str, &str, Value)]) {
    let line = |(customer, at, data): &(&str, &str, Value)| {
        json!({"customer_id": customer, "event_type": "account_updated", "timestamp": at,
            "source_service": "test", "data": data})
        .to_string()
            + "\n"
    };
    place.import(&accounts.iter().map(line).collect::<String>());
}

/// A place with two accounts: one whose calls fail, one that fades.
fn with_two() -> Place {
    let place = Place::new();
    let fails = json!({"company": "Acme Ltd", "tier": "pro", "api_calls": 500, "error_rate": 0.2});
    let fades = json!({"company": "Fade Ltd", "tier": "starter", "usage_trend": "declining"});
    tell(&place, &[("acme", NINE, fails), ("fade", NINE, fades)]);
    place
}

fn check(place: &Place, as_of: &str) -> Value {
    place.run(&["monitor", "check", "--as-of", as_of, "--json"]).expect(0).json()
}

/// What is listed, with further flags.
fn listed(place: &Place, flags: &[&str]) -> Vec<Value> {
    let args = [&["interventions", "list", "--json"], flags].concat();
    place.run(&args).expect(0).json()["data"].as_array().unwrap().clone()
}

/// A place where both are listed, and the id of the first.
fn checked() -> (Place, String) {
    let place = with_two();
    assert_eq!(check(&place, "2026-01-10T10:00:00Z")["opened_count"], 2);
    let id = listed(&place, &[])[0]["id"].as_str().unwrap().to_owned();
    (place, id)
}

#[test]
fn a_check_tells_what_it_did_and_what_to_do_next() {
    let place = with_two();
    let ran = place.run(&["monitor", "check", "--as-of", "2026-01-10T10:00:00Z"]).expect(0);
    for words in ["as of 2026-01-10 10:00 UTC", "accounts checked", "interventions opened"] {
        assert!(ran.out.contains(words), "{words}: {}", ran.out);
    }
    assert!(ran.err.contains("customeriq interventions"), "{}", ran.err);
    let again = check(&place, "2026-01-10T10:05:00Z");
    assert_eq!(
        again,
        json!({"as_of": "2026-01-10T10:05:00Z", "checked_count": 2, "opened_count": 0,
            "closed_count": 0, "woken_count": 0, "updated_count": 0})
    );
    Place::new().run(&["monitor", "check"]).expect(4);
    place.run(&["monitor", "check", "--as-of", "soon"]).expect(2);
}

#[test]
fn what_is_open_is_listed_the_most_severe_first() {
    let (place, id) = checked();
    let rows = listed(&place, &[]);
    let told = |field: &str| rows.iter().map(|row| row[field].clone()).collect::<Vec<_>>();
    assert_eq!(told("severity"), ["high", "medium"]);
    assert_eq!(told("kind"), ["error_debugging", "retention_outreach"]);
    assert_eq!(told("customer_name"), ["Acme Ltd", "Fade Ltd"]);
    let out = place.run(&["interventions"]).expect(0).out;
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 3, "{out}");
    assert!(lines[1].starts_with("high") && lines[1].contains(&id), "{out}");
    let first = place.run(&["interventions", "--limit", "1"]).expect(0);
    let cursor = first.err.split("--cursor ").nth(1).unwrap().trim().to_owned();
    assert_eq!(listed(&place, &["--limit", "1", "--cursor", &cursor])[0]["severity"], "medium");
    for (flags, count) in [
        (["--severity", "medium"].as_slice(), 1),
        (&["--kind", "error_debugging"], 1),
        (&["--kind", "upsell_suggestion"], 0),
        (&["--customer", "fade"], 1),
        (&["--assignee", "kim"], 0),
        (&["--status", "open,acknowledged"], 2),
        (&["--status", "resolved"], 0),
        (&["--status", "all"], 2),
    ] {
        assert_eq!(listed(&place, flags).len(), count, "{flags:?}");
    }
}

#[test]
fn one_is_shown_with_its_figures_what_to_do_and_its_history() {
    let (place, id) = checked();
    let out = place.run(&["interventions", "show", &id]).expect(0).out;
    for words in [
        "Error Debugging",
        "high error_debugging, open, of Acme Ltd (acme)",
        "opened 2026-01-10 10:00 UTC, due 2026-01-10 14:00, assigned to nobody",
        "error_rate is 0.2  (gt 0.1)",
        "what to do",
        "  1. ",
        "history",
        "monitor",
    ] {
        assert!(out.contains(words), "{words}: {out}");
    }
    let detail = place.run(&["interventions", "show", &id, "--json"]).expect(0).json();
    assert!(detail["playbook"].as_array().unwrap().len() > 1, "{detail}");
    assert_eq!(detail["history"].as_array().unwrap().len(), 1);
}

#[test]
fn a_person_takes_it_from_the_first_look_to_the_end() {
    let (place, id) = checked();
    let act = |args: &[&str]| {
        let args = [&["interventions"], args, &["--actor", "kim", "--json"]].concat();
        place.run(&args).expect(0).json()
    };
    assert_eq!(act(&["acknowledge", &id])["status"], "acknowledged");
    assert_eq!(act(&["assign", &id, "--to", "lee"])["assignee"], "lee");
    act(&["comment", &id, "Nobody there."]);
    assert_eq!(act(&["snooze", &id, "--for", "4h"])["status"], "snoozed");
    assert_eq!(act(&["reopen", &id])["snoozed_until"], json!(null));
    let resolved = act(&["resolve", &id, "--note", "A proxy."]);
    assert_eq!(
        (&resolved["status"], &resolved["close_reason"]),
        (&json!("resolved"), &json!("manual"))
    );
    assert_eq!(listed(&place, &[]).len(), 1);
    assert_eq!(listed(&place, &["--status", "resolved"])[0]["assignee"], "lee");
    assert_eq!(act(&["reopen", &id])["status"], "open");
    let last = act(&["assign", &id, "--nobody"]);
    assert_eq!(last["assignee"], json!(null));
    let history = last["history"].as_array().unwrap();
    let steps: Vec<_> = history.iter().map(|step| step["action"].as_str().unwrap()).collect();
    assert_eq!(
        steps,
        [
            "opened",
            "acknowledged",
            "assigned",
            "commented",
            "snoozed",
            "reopened",
            "resolved",
            "reopened",
            "assigned"
        ]
    );
    assert!(history[1..].iter().all(|step| step["actor"] == "kim"), "{last}");
    let said = place.run(&["interventions", "acknowledge", &id]).expect(0).out;
    assert_eq!(said, format!("{id}: acknowledged\n"));
}

#[test]
fn what_is_put_off_comes_back_by_a_later_check() {
    let (place, id) = checked();
    // The program reads the clock of the machine for what people do.
    let until = "2100-01-01T00:00:00Z";
    let ran = place.run(&["interventions", "snooze", &id, "--until", until]);
    assert_eq!(ran.code, Some(2), "a century is no snooze: {}", ran.err);
    let said = place.run(&["interventions", "snooze", &id, "--for", "2d"]).expect(0).out;
    assert!(said.contains("snoozed until"), "{said}");
    let resting = listed(&place, &["--status", "snoozed"]);
    let until = resting[0]["snoozed_until"].as_str().unwrap().to_owned();
    assert_eq!(check(&place, &until)["woken_count"], 1);
    assert_eq!(listed(&place, &["--customer", "acme"])[0]["status"], "open");
}

#[test]
fn what_cannot_be_done_says_what_can() {
    let (place, id) = checked();
    place.run(&["interventions", "resolve", &id]).expect(0);
    let ran = place.run(&["interventions", "acknowledge", &id]).expect(1);
    assert!(ran.err.contains("resolved") && ran.err.contains("reopen"), "{}", ran.err);
    let strange = format!("itv_{}", "0".repeat(32));
    for id in ["itv_1", strange.as_str()] {
        place.run(&["interventions", "show", id]).expect(4);
        place.run(&["interventions", "acknowledge", id]).expect(4);
    }
    place.run(&["interventions", "--customer", "nobody"]).expect(4);
    let ran = place.run(&["interventions", "--kind", "error_debuging"]).expect(2);
    assert!(ran.err.contains("upsell_suggestion"), "{}", ran.err);
    for args in [
        ["snooze", &id].as_slice(),
        &["snooze", &id, "--for", "soon"],
        &["snooze", &id, "--for", "4h", "--until", "2100-01-01"],
        &["snooze", &id, "--until", "2020-01-01"],
        &["assign", &id],
        &["assign", &id, "--to", "kim", "--nobody"],
        &["assign", &id, "--to", ""],
        &["comment", &id],
        &["list", "--status", "gone"],
        &["list", "--severity", "worst"],
    ] {
        place.run(&[&["interventions"], args].concat()).expect(2);
    }
    Place::new().run(&["interventions"]).expect(4);
}

#[test]
fn rules_are_written_changed_set_and_reset() {
    let place = Place::new();
    let defaults = place.run(&["monitor", "rules"]).expect(0).out;
    assert!(defaults.contains("[[rule]]") && !place.db().exists(), "{defaults}");
    place.write("same.toml", &defaults);
    let same = place.run(&["monitor", "set", "same.toml", "--json"]).expect(0).json();
    assert_eq!(same["unchanged"].as_array().unwrap().len(), 4, "{same}");

    let silent = "\n[[rule]]\nkind = \"silent\"\nseverity = \"critical\"\nwhen = [{ field = \
                  \"hours_since_last_api_call\", op = \"gt\", value = 72 }]\n";
    assert!(defaults.contains("Error Debugging"), "{defaults}");
    let ours = defaults.replace("Error Debugging", "Errors") + silent;
    let said = place.run_with(&["monitor", "set", "-"], &ours).expect(0).out;
    for line in ["silent: added", "error_debugging: changed", "upsell_suggestion: unchanged"] {
        assert!(said.contains(line), "{line}: {said}");
    }
    let rules = place.run(&["monitor", "rules", "--json"]).expect(0).json();
    let kinds: Vec<_> = rules["data"].as_array().unwrap().iter().map(|it| &it["kind"]).collect();
    assert_eq!((kinds.len(), kinds[4]), (5, &json!("silent")));
    let table = place.run(&["monitor"]).expect(0).out;
    assert!(table.contains("silent") && table.contains("not resolved: 0 critical"), "{table}");

    let said = place.run(&["monitor", "reset"]).expect(0);
    assert!(said.out.contains("silent: removed"), "{}", said.out);
    assert!(said.err.contains("next check"), "{}", said.err);
    assert_eq!(place.run(&["monitor", "rules"]).expect(0).out, defaults);
}

#[test]
fn wrong_rules_are_refused_with_the_place_and_the_remedy() {
    let place = Place::new();
    let defaults = place.run(&["monitor", "rules"]).expect(0).out;
    for (good, bad, place_at_fault, remedy) in [
        ("kind = \"error_debugging\"", "kind = \"Errors\"", "rule[1].kind", "a-z"),
        ("severity = \"high\"", "severity = \"worst\"", ".severity", "critical"),
        ("field = \"error_rate\"", "field = \"error_rat\"", "rule[1].when[0].field", "error_rate"),
        ("kind = \"error_debugging\"", "kind = \"upsell_suggestion\"", "upsell", "another"),
        ("[[rule]]", "[[rule", "TOML", ""),
    ] {
        assert!(defaults.contains(good), "{good}: {defaults}");
        place.write("bad.toml", defaults.replacen(good, bad, 1));
        let ran = place.run(&["monitor", "set", "bad.toml"]).expect(2);
        let is_told = ran.err.contains(place_at_fault) && ran.err.contains(remedy);
        assert!(is_told, "{bad}: {}", ran.err);
        assert!(ran.err.contains("customeriq monitor rules"), "{}", ran.err);
    }
    let ran = place.run_with(&["monitor", "set", "-"], "rule = []").expect(2);
    assert!(ran.err.contains("monitor reset"), "{}", ran.err);
    assert!(!place.db().exists(), "nothing was kept");
    place.run(&["monitor", "set", "nowhere.toml"]).expect(4);
}

#[test]
fn brands_have_rules_and_interventions_of_their_own() {
    let (place, id) = checked();
    place.run(&["interventions", "show", &id, "--brand", "other"]).expect(4);
    place.run_with(&["import", "-", "--brand", "other"], "").expect(0);
    place.run(&["monitor", "check", "--brand", "other"]).expect(0);
    let list = place.run(&["interventions", "--brand", "other", "--json"]).expect(0).json();
    assert_eq!(list["data"], json!([]));
}

#[test]
fn a_service_opens_and_closes_by_itself_what_it_is_told_of() {
    let place = Place::new();
    let service = Service::launch(place.command(&["serve", "--port", "0", "--every", "60s"]));
    let tell = |second: i64, data: Value| {
        service.post(
            "/events",
            &json!({"customer_id": "acme", "event_type": "api_usage",
                "timestamp": 1_767_000_000 + second, "source_service": "test", "data": data}),
        );
    };
    let status = || service.json("/api/interventions?status=all")["data"][0]["status"].clone();
    tell(0, json!({"tier": "pro", "api_calls": 500, "error_rate": 0.2}));
    assert!(eventually(LIMIT, || status() == "open"), "{}", service.stop());
    let health = service.json("/api/profiles/acme/health");
    assert!(health["score"].as_u64().unwrap() < 70, "{health}");
    tell(60, json!({"api_calls": 10, "error_rate": 0.01}));
    assert!(eventually(LIMIT, || status() == "resolved"), "{}", service.stop());
    service.stop();
}

#[test]
fn a_rebuild_keeps_what_people_did_and_an_erasure_takes_it_away() {
    let (place, id) = checked();
    place.run(&["interventions", "acknowledge", &id, "--actor", "kim"]).expect(0);
    let show = ["interventions", "show", &id, "--json"];
    let before = place.run(&show).expect(0).json();
    place.run(&["rebuild", "--replace"]).expect(0);
    assert_eq!(place.run(&show).expect(0).json(), before);
    assert_eq!(check(&place, "2026-01-10T10:30:00Z")["opened_count"], 0);
    place.run(&["erase", "acme", "--yes"]).expect(0);
    place.run(&show).expect(4);
    let left = listed(&place, &["--status", "all"]);
    assert_eq!(left.iter().map(|row| &row["customer_id"]).collect::<Vec<_>>(), ["fade"]);
}
