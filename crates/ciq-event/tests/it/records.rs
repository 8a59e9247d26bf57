//! Splitting bodies; wrapping and unwrapping records.

use ciq_event::{WireForm, split, unwrap_record, wrap_record};

use crate::story::{context, message, now};
use crate::{domain, envelope, pos, shopify, twilio};

#[track_caller]
fn check_split(body: &str, expected: &[&str]) {
    let expected: Vec<&[u8]> = expected.iter().map(|record| record.as_bytes()).collect();
    assert_eq!(split(body.as_bytes()), Ok(expected));
}

#[test]
fn objects_arrays_and_lines_are_split() {
    check_split(" {\"a\":\n 1} \n", &["{\"a\":\n 1}"]);
    check_split("[{\"a\":1}, {\"b\":[2]}]", &["{\"a\":1}", "{\"b\":[2]}"]);
    check_split("[ ]", &[]);
    check_split("{\"a\":1}\r\n\n  {\"b\":2}\n", &["{\"a\":1}", "{\"b\":2}"]);
    check_split("\u{feff}{\"a\":1}\n{\"b\":2}", &["{\"a\":1}", "{\"b\":2}"]);
    check_split(envelope::PURCHASE, &[envelope::PURCHASE]);
}

#[test]
fn a_bad_line_is_a_record_of_its_own() {
    check_split("{\"a\":1}\n{\"b\":\nnonsense\n{}", &["{\"a\":1}", "{\"b\":", "nonsense", "{}"]);
    check_split("nonsense\n{\"a\":1}", &["nonsense", "{\"a\":1}"]);
    check_split("[1, {\"a\":1}]", &["1", "{\"a\":1}"]);
}

#[test]
fn a_body_that_is_broken_as_a_whole_is_refused() {
    for body in ["", " \n ", "nonsense", "{\"a\":", "[{\"a\":1}", "[1] 2", "{\n\"a\": 1,\n}", "\0"]
    {
        assert_eq!(split(body.as_bytes()).unwrap_err().field, "body", "{body:?}");
    }
    assert_eq!(split(b"{\"a\": \"\xff\"}").unwrap_err().field, "body");
}

#[track_caller]
fn check_shown(record: &str, form: &str) {
    let shown = unwrap_record(record.as_bytes(), now()).unwrap();
    assert_eq!((shown.form.to_string().as_str(), shown.body.as_slice()), (form, record.as_bytes()));
    assert_eq!(shown.received_at, now());
}

#[test]
fn the_form_shows_in_the_fields() {
    check_shown(envelope::PURCHASE, "envelope");
    check_shown(domain::DECLINE, "domain");
    check_shown(r#"{"name":"x","userId":1}"#, "domain");
    check_shown(pos::CURL, "pos");
    check_shown(twilio::CURL, "twilio");
    check_shown(shopify::ORDER, "shopify:orders/create");
    check_shown(shopify::CURL, "shopify:orders/create");
    assert_eq!(unwrap_record(b"{\"x\":1}", now()).unwrap_err().field, "body");
}

#[track_caller]
fn check_wrapper(record: &str, form: WireForm, body: &str) {
    let held = unwrap_record(record.as_bytes(), now()).unwrap();
    assert_eq!((held.form, held.body.as_slice()), (form, body.as_bytes()));
}

#[test]
fn a_wrapper_tells_the_form() {
    let topic = "customers/create".to_owned();
    check_wrapper(
        r#"{"wire_form": "shopify:customers/create", "body": {"id": 1}}"#,
        WireForm::Shopify { topic },
        r#"{"id": 1}"#,
    );
    check_wrapper(
        r#"{"wire_form": "twilio-form", "body": "From=%2B1&Body=a\u0026b"}"#,
        WireForm::TwilioForm,
        "From=%2B1&Body=a&b",
    );
    check_wrapper(r#"{"wire_form":"pos","body":"{}"}"#, WireForm::Pos, "{}");
}

#[test]
fn a_wrapper_that_is_wrong_names_its_field() {
    let check = |record: &str, field| {
        assert_eq!(unwrap_record(record.as_bytes(), now()).unwrap_err().field, field, "{record}");
    };
    check(r#"{"wire_form": "fax", "body": {}}"#, "wire_form");
    check(r#"{"wire_form": "pos", "body": {}, "received_at": "soon"}"#, "received_at");
    check(r#"{"wire_form": "pos"}"#, "body");
    check(r#"{"wire_form": "pos", "body": {}, "subject": 1}"#, "subject");
    check(r#"{"wire_form": "pos", "body": {}, "message_id": "\u0000"}"#, "message_id");
    check(r#"{"wire_form": "pos", "body": 1}"#, "body");
    check(r#"{"wire_form": "twilio-form", "body": {}}"#, "body");
    check("nonsense", "body");
}

#[test]
fn every_documented_message_survives_its_wrapper() {
    for (form, body) in [
        ("envelope", envelope::PURCHASE),
        ("domain", domain::DECLINE),
        ("shopify:orders/paid", shopify::ORDER),
        ("twilio", twilio::MESSAGE),
        ("twilio-form", twilio::FORM),
        ("pos", pos::TRANSACTION),
    ] {
        let message = message(form, body);
        let record = wrap_record(&message);
        assert!(!record.contains(&b'\n'));
        let told = ciq_event::parse(&message, &context());
        let held = unwrap_record(&record, message.received_at).unwrap();
        assert_eq!(ciq_event::parse(&held, &context()), told, "{form}");
    }
}
