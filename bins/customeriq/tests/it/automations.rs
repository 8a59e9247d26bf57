//! `automations`, `executions`, `campaigns`: rules by hand.

use serde_json::json;

use crate::shop::{HOUR, NOON, cart, rfc3339, rule, whatsapp};
use crate::support::{Place, ran};

/// A place where the default set is in a file, and kept.
fn with_defaults() -> Place {
    let place = Place::new();
    let defaults = place.run(&["automations", "defaults"]).expect(0).out;
    place.write("a.toml", defaults);
    place.run(&["automations", "add", "a.toml"]).expect(0);
    place
}

#[test]
fn the_default_set_is_added_and_switched_on_and_off() {
    let place = with_defaults();
    let list = place.run(&["automations", "list"]).expect(0).out;
    assert!(list.contains("cart-recovery") && list.contains("cart_abandonment"), "{list}");
    let is_on = list.lines().skip(1).any(|line| line.contains(" on "));
    assert!(!is_on, "nothing acts before somebody wants it: {list}");
    place.run(&["automations", "enable", "cart-recovery", "vip-treatment"]).expect(0);
    let is_on = || {
        let view = place.run(&["automations", "show", "cart-recovery", "--json"]).expect(0).json();
        view["definition"]["enabled"].clone()
    };
    assert_eq!(is_on(), true);
    place.run(&["automations", "disable", "cart-recovery"]).expect(0);
    assert_eq!(is_on(), false);
    let all = place.run(&["automations", "--json"]).expect(0).json();
    let all = all["data"].as_array().unwrap();
    let on = all.iter().filter(|view| view["definition"]["enabled"] == true);
    assert_eq!((all.len(), on.count()), (5, 1));
}

#[test]
fn what_is_shown_can_be_added_again() {
    let place = with_defaults();
    let show = ["automations", "show", "churn-retention"];
    let shown = place.run(&show).expect(0).out;
    place.run(&["automations", "remove", "churn-retention"]).expect(0);
    place.run(&show).expect(4);
    place.run_with(&["automations", "add", "-"], &shown).expect(0);
    assert_eq!(place.run(&show).expect(0).out, shown);
}

#[test]
fn an_automation_that_is_there_is_replaced_only_when_asked() {
    let place = with_defaults();
    let changed = place.read("a.toml").replace("CART10", "CART15");
    place.write("a.toml", changed);
    let ran = place.run(&["automations", "add", "a.toml"]).expect(2);
    assert!(ran.err.contains("cart-recovery") && ran.err.contains("--replace"), "{}", ran.err);
    place.run(&["automations", "add", "--replace", "a.toml"]).expect(0);
    let shown = place.run(&["automations", "show", "cart-recovery"]).expect(0).out;
    assert!(shown.contains("CART15"), "{shown}");
}

#[test]
fn a_bad_definition_is_refused_with_its_field_and_the_remedy() {
    let place = Place::new();
    let defaults = place.run(&["automations", "defaults"]).expect(0).out;
    for (good, bad, field, remedy) in [
        ("threshold = 0.7", "threshold = 70", "automation[2].trigger.threshold", "up to 1"),
        (
            "type = \"segment_entered\"",
            "type = \"segmnt\"",
            "automation[1].trigger",
            "segment_entered",
        ),
        ("priority = 50", "prioritee = 50", "automation[0]", "priority"),
        ("id = \"vip-treatment\"", "id = \"cart-recovery\"", "cart-recovery", "another"),
        ("priority = 50", "priority", "TOML", ""),
    ] {
        assert!(defaults.contains(good), "{good}");
        place.write("bad.toml", defaults.replacen(good, bad, 1));
        let ran = place.run(&["automations", "add", "bad.toml"]).expect(2);
        assert!(ran.err.contains(field) && ran.err.contains(remedy), "{bad}: {}", ran.err);
        assert!(ran.err.contains("automations defaults"), "{}", ran.err);
    }
    assert!(!place.db().exists(), "nothing was kept");
    place.run(&["automations", "add", "nowhere.toml"]).expect(4);
}

#[test]
fn unknown_automations_and_customers_are_not_found() {
    let place = Place::with_story();
    for args in [
        ["automations", "show", "nothing"],
        ["automations", "enable", "nothing"],
        ["automations", "remove", "nothing"],
        ["executions", "--customer", "nobody"],
        ["campaigns", "--customer", "nobody"],
    ] {
        place.run(&args).expect(4);
    }
    assert!(place.run(&["automations"]).expect(0).err.contains("automations defaults"));
    assert!(place.run(&["executions"]).expect(0).err.contains("nothing was triggered"));
    place.run(&["campaigns", "--status", "lost"]).expect(2);
}

#[test]
fn a_moment_is_played_and_its_message_goes_to_the_console() {
    let place = Place::new();
    place.import(&format!("{}\n", cart(NOON)));
    place.write("rule.toml", format!("automation = [{}]", inline(&rule(&whatsapp()))));
    place.run(&["automations", "add", "rule.toml"]).expect(0);
    let at = rfc3339(NOON + 3 * HOUR);
    let evaluate = ["automations", "evaluate", "--as-of", &at, "--json"];
    let ran = place.run(&evaluate).expect(0);
    assert!(ran.err.contains("leave this machine: none"), "{}", ran.err);
    assert!(ran.err.contains("message was not sent"), "{}", ran.err);
    let told = ran.json();
    assert_eq!(told["sent_count"], 1, "{told}");
    assert_eq!(place.run(&evaluate).expect(0).json()["sent_count"], 0);
    let executions = place.run(&["executions", "--customer", "cust_ada"]).expect(0).out;
    assert!(executions.contains("executed"), "{executions}");
    let campaigns = place.run(&["campaigns", "--status", "sent", "--json"]).expect(0).json();
    let campaign = &campaigns["data"][0];
    assert_eq!(campaign["content"], "Hi Ada! Desk Lamp is waiting.", "{campaigns}");
    let shown = place.run(&["show", "cust_ada"]).expect(0).out;
    for text in ["what it means", "segment", "next action", "wish", "triggered"] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
    let whole = place.run(&["show", "cust_ada", "--json"]).expect(0).json();
    assert_eq!(whole["executions"][0]["automation_id"], "cart");
    assert_eq!(whole["insight"]["customer_id"], "cust_ada");
    assert!(place.run(&["campaigns"]).expect(0).out.contains("whatsapp"));
}

#[test]
fn what_was_sent_is_not_sent_again_from_a_rebuilt_file() {
    let place = Place::new();
    place.import(&format!("{}\n", cart(NOON)));
    place.write("rule.toml", format!("automation = [{}]", inline(&rule(&whatsapp()))));
    place.run(&["automations", "add", "rule.toml"]).expect(0);
    let at = rfc3339(NOON + 3 * HOUR);
    let evaluate = ["automations", "evaluate", "--as-of", &at, "--json"];
    assert_eq!(place.run(&evaluate).expect(0).json()["sent_count"], 1);
    place.run(&["rebuild", "--replace"]).expect(0);
    let told = place.run(&evaluate).expect(0).json();
    assert_eq!((&told["customer_count"], &told["sent_count"]), (&json!(1), &json!(0)), "{told}");
    let campaigns = place.run(&["campaigns", "--json"]).expect(0).json();
    assert_eq!(campaigns["data"].as_array().unwrap().len(), 1);
}

#[test]
fn a_provider_half_set_up_stops_what_would_send() {
    let place = Place::with_story();
    let mut command = place.command(&["automations", "evaluate"]);
    command.env("SMTP_HOST", "mail.example.com");
    let ran_it = ran(command, b"").expect(2);
    assert!(ran_it.err.contains("SMTP_FROM"), "{}", ran_it.err);
    let mut command = place.command(&["doctor", "--port", "0", "--json"]);
    command.env("SMTP_HOST", "mail.example.com");
    let told = ran(command, b"").expect(1).json();
    let checks = told["checks"].as_array().unwrap();
    let messages = checks.iter().find(|check| check["name"] == "messages").unwrap();
    assert_eq!(messages["state"], "bad");
    assert!(messages["finding"].as_str().unwrap().contains("SMTP_FROM"), "{messages}");
    // The token that checks what Twilio sends to us asks for nothing else.
    let mut command = place.command(&["doctor", "--port", "0"]);
    command.env("TWILIO_AUTH_TOKEN", "hush");
    let told = ran(command, b"").expect(0).out;
    assert!(told.contains("whatsapp messages: go to the console (TWILIO_ACCOUNT_SID"), "{told}");
}

/// Writes JSON as an inline table of TOML.
fn inline(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Object(object) => {
            let fields: Vec<String> =
                object.iter().map(|(name, value)| format!("{name} = {}", inline(value))).collect();
            format!("{{ {} }}", fields.join(", "))
        }
        serde_json::Value::Array(list) => {
            let list: Vec<String> = list.iter().map(inline).collect();
            format!("[{}]", list.join(", "))
        }
        other => json!(other).to_string(),
    }
}
