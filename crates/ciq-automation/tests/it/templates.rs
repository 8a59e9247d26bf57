//! What texts may name, and what becomes of them.

use ciq_automation::{Automation, Facts, SendVerdict, Suppression};
use serde_json::{Value, json};

use crate::support::{cart, definition, facts, fired, hours, now, rule, send};

fn cart_rule(body: &str) -> Value {
    let actions = json!([{"type": "send_message", "body": body}]);
    definition(json!({"type": "cart_abandonment"}), json!({"actions": actions}))
}

fn churn_rule(body: &str) -> Value {
    let actions = json!([{"type": "send_message", "body": body}]);
    definition(json!({"type": "churn_risk"}), json!({"actions": actions}))
}

fn known() -> Facts {
    Facts {
        churn: Some(0.756),
        lifetime_value_minor: 45_000,
        spent_minor: 21_549,
        order_count: 2,
        segment: Some("loyal".to_owned()),
        fields: [("size".to_owned(), json!("M"))].into(),
        carts: vec![cart("Premium Sneakers", now() - hours(3))],
        ..facts()
    }
}

fn verdict(definition: &Value, facts: &Facts) -> SendVerdict {
    let rule = Automation::parse_json(definition).unwrap();
    let triggered = fired(&rule, facts, &[], now()).unwrap();
    send(&rule, facts, &triggered, now())
}

#[track_caller]
fn check(body: &str, expected: &str) {
    let SendVerdict::Send(message) = verdict(&cart_rule(body), &known()) else { panic!("{body}") };
    assert_eq!(message.body, expected);
}

#[track_caller]
fn refused(definition: &Value, words: &[&str]) {
    let text = Automation::parse_json(definition).unwrap_err().to_string();
    assert!(text.starts_with("actions[0].body: "), "{text}");
    for word in words {
        assert!(text.contains(word), "{word:?} is not in {text:?}");
    }
}

#[test]
fn gaps_are_filled() {
    check("Hi {{ first_name }} ({{ name }})", "Hi Ada (Ada Example)");
    check("{{ product }}, {{ category }}, {{ price }}", "Premium Sneakers, Footwear, 125.50 USD");
    check("{{ lifetime_value }} {{ spent }}", "450.00 USD 215.49 USD");
    check("{{ churn_percent }}% {{ order_count }} {{ segment }}", "76% 2 loyal");
    check("{{ fields.size | default('any') }} {{ fields.hue | default('any') }}", "M any");
    check("{% if order_count > 1 %}again{% else %}first{% endif %}", "again");
    check("{{ stage | default('new') | upper }}", "NEW");
    check("{% if fields.size is defined %}{{ fields.size }}{% endif %}!", "M!");
    check("<b>{{ name }}</b> & 'co'", "<b>Ada Example</b> & 'co'");
}

#[test]
fn yen_have_no_decimals() {
    let yen = Facts { currency: "JPY".to_owned(), currency_digits: 0, ..known() };
    let SendVerdict::Send(message) = verdict(&cart_rule("{{ spent }}"), &yen) else { panic!() };
    assert_eq!(message.body, "21549 JPY");
}

#[test]
fn a_name_that_does_not_exist_is_found_when_it_is_written() {
    refused(&cart_rule("{{ naem }}"), &["\"naem\" does not exist", "did you mean \"name\"?"]);
    refused(&cart_rule("{% if false %}{{ secret }}{% endif %}"), &["\"secret\""]);
    refused(&cart_rule("{{ name.first }}"), &["\"name.first\""]);
    refused(&cart_rule("{{ fields }}"), &["fields.NAME"]);
    refused(&cart_rule("{{ name | md5 }}"), &["md5"]);
    refused(&cart_rule("{{ name "), &["no valid template", "line 1"]);
}

#[test]
fn what_not_everybody_has_needs_a_default() {
    refused(&cart_rule("{{ fields.hue }}"), &["needs a default", "fields.hue | default"]);
    refused(&churn_rule("{{ product }}"), &["needs a default", "churn_risk does not know it"]);
    let sent = verdict(&churn_rule("{{ product | default('a favourite') }}"), &known());
    assert!(matches!(sent, SendVerdict::Send(message) if message.body == "a favourite"));
}

#[test]
fn texts_neither_loop_nor_grow() {
    refused(&cart_rule("{% for x in range(9) %}{{ x }}{% endfor %}"), &["{% for %}"]);
    refused(&cart_rule("{%- set a = name ~ name %}{{ a }}"), &["{% set %}"]);
    refused(&cart_rule(&"x".repeat(4097)), &["4096 bytes"]);
    refused(&cart_rule("{{ 'x' * 99999999999 }}"), &["too large"]);
}

#[test]
fn nothing_is_sent_with_a_gap_in_it() {
    let nameless = Facts { name: None, ..known() };
    let suppressed = SendVerdict::Suppress { reason: Suppression::TextIncomplete };
    assert_eq!(verdict(&cart_rule("Hi {{ name }}"), &nameless), suppressed);
    assert_eq!(verdict(&cart_rule("{% if name %}Hi{% endif %}"), &nameless), suppressed);
    let guarded = verdict(&cart_rule("Hi {{ name | default('you') }}"), &nameless);
    assert!(matches!(guarded, SendVerdict::Send(message) if message.body == "Hi you"));
}

#[test]
fn a_subject_is_one_line() {
    let tricky = Facts { name: Some("Ada\r\nBcc: all@example.com".to_owned()), ..known() };
    let actions = json!([{"type": "send_email", "subject": "Hi {{ name }}", "body": "x"}]);
    let rule = rule(json!({"type": "cart_abandonment"}), json!({"actions": actions}));
    let triggered = fired(&rule, &tricky, &[], now()).unwrap();
    let SendVerdict::Send(message) = send(&rule, &tricky, &triggered, now()) else { panic!() };
    assert_eq!(message.subject.as_deref(), Some("Hi Ada Bcc: all@example.com"));
}
