//! Laws that hold for every message.

use std::sync::Arc;

use ciq_event::{Carrier, Message, parse, split, unwrap_record, wrap_record};
use proptest::prelude::*;

use crate::story::{context, event, events, message, now};
use crate::{domain, envelope, pos, shopify, stripe, subscription, twilio};

const FORMS: [&str; 8] = [
    "envelope",
    "domain",
    "shopify:orders/create",
    "shopify:customers/update",
    "twilio",
    "twilio-form",
    "pos",
    "stripe",
];

const DOCUMENTED: [&str; 14] = [
    envelope::PURCHASE,
    envelope::TICKET,
    envelope::REPAIR,
    domain::DECLINE,
    shopify::ORDER,
    shopify::CURL,
    twilio::MESSAGE,
    twilio::FORM,
    pos::TRANSACTION,
    pos::CURL,
    stripe::CREATED,
    stripe::UPDATED,
    stripe::PAID,
    subscription::UPGRADED,
];

/// Reads bytes in every way there is; a panic is the only failure.
fn read_in_every_way(body: &[u8]) {
    for form in FORMS {
        let message = message(form, body);
        if let Err(rejection) = parse(&message, &context()) {
            assert!(!rejection.field.is_empty() && !rejection.reason.is_empty());
        }
        drop(unwrap_record(&wrap_record(&message), message.received_at));
    }
    drop(split(body));
    drop(unwrap_record(body, now()));
}

fn any_form() -> impl Strategy<Value = &'static str> {
    prop::sample::select(FORMS.as_slice())
}

/// What a bus says beside the body, or nothing.
fn any_carrier() -> impl Strategy<Value = Option<Arc<Carrier>>> {
    let subject = prop_oneof![Just("customer.events.c1.purchase".to_owned()), "\\PC{0,12}"];
    let message_id = prop::option::of("\\PC{0,12}");
    prop::option::of((subject, message_id).prop_map(|(subject, message_id)| {
        Arc::new(Carrier { subject, message_id, headers: Vec::new() })
    }))
}

/// Text made of the pieces of which the forms are made.
fn jsonish() -> impl Strategy<Value = String> {
    let pieces = [
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "\\",
        "\\u0000",
        "\\ud800",
        "null",
        "true",
        "0",
        "-1",
        "1e999",
        "99999999999999999999",
        "\"event_type\":",
        "\"purchase\"",
        "\"customer_id\":",
        "\"timestamp\":1734134400",
        "\"data\":{",
        "\"items\":[{",
        "\"total\":",
        "\"From\":",
        "\"store_id\":",
        "\"name\":",
        "\"ts\":",
        "\"userId\":",
        "\"price\":",
        "\"quantity\":",
        "\"external_ids\":{",
        "\"tags\":",
        "\"custom_fields\":{",
        "\"type\":\"customer.subscription.updated\"",
        "\"created\":1734134400",
        "\"object\":{",
        "\"items\":{\"data\":[{",
        "\"unit_amount_decimal\":",
        "\"recurring\":{\"interval\":\"week\",",
        "\"subscription_id\":",
        " ",
        "\n",
        "é",
        "whatsapp:",
        "&",
        "=",
        "%00",
        "From=",
        "To=",
        "MessageStatus=sent",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..40).prop_map(|p| p.concat())
}

/// A documented message with a few bytes changed, taken out or doubled.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let damage = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 1..6);
    (prop::sample::select(DOCUMENTED.as_slice()), damage).prop_map(|(text, damage)| {
        let mut bytes = text.as_bytes().to_vec();
        for (place, byte, how) in damage {
            let place = place.index(bytes.len());
            match how {
                0 => bytes[place] = byte,
                1 => drop(bytes.remove(place)),
                _ => bytes.insert(place, byte),
            }
        }
        bytes
    })
}

/// Puts whitespace around every token of JSON.
fn spread(json: &str, space: &str) -> String {
    let mut spread = String::new();
    let (mut is_string, mut is_escape) = (false, false);
    for letter in json.chars() {
        let is_mark = !is_string && "{}[]:,".contains(letter);
        spread.push_str(if is_mark { space } else { "" });
        spread.push(letter);
        spread.push_str(if is_mark { space } else { "" });
        is_string ^= letter == '"' && !is_escape;
        is_escape = is_string && letter == '\\' && !is_escape;
    }
    spread
}

proptest! {
    #[test]
    fn any_bytes_are_events_or_a_rejection(body: Vec<u8>) {
        read_in_every_way(&body);
    }

    #[test]
    fn almost_json_is_events_or_a_rejection(body in jsonish()) {
        read_in_every_way(body.as_bytes());
    }

    #[test]
    fn damaged_messages_are_events_or_a_rejection(body in damaged()) {
        read_in_every_way(&body);
    }

    #[test]
    fn amounts_keep_every_digit(minor in 0..=i64::MAX, is_text: bool) {
        let quote = if is_text { "\"" } else { "" };
        let amount = format!("{}.{:02}", minor / 100, minor % 100);
        let body = format!(
            r#"{{"customer_id":"c","event_type":"purchase","timestamp":1734134400,
                "data":{{"total":{quote}{amount}{quote}}}}}"#
        );
        prop_assert_eq!(event("envelope", body).amount.unwrap().minor, minor);
    }

    #[test]
    fn ids_keep_every_digit(id: u64, signed: i64) {
        let body = format!(
            r#"{{"customer_id":{id},"event_type":"x","timestamp":1734134400,
                "data":{{"external_ids":{{"crm":{signed}}}}}}}"#
        );
        let contacts = event("envelope", body).contacts;
        prop_assert_eq!(&contacts[0].value, &id.to_string());
        prop_assert_eq!(&contacts[1].value, &signed.to_string());
    }

    #[test]
    fn whitespace_does_not_change_an_event(
        place in 0..DOCUMENTED.len(), form in any_form(), space in "[ \n\r\t]{1,3}",
    ) {
        let text = DOCUMENTED[place];
        if form == "twilio-form" || !text.starts_with('{') {
            return Ok(());
        }
        let (told, spread) = (events(form, text), events(form, spread(text, &space)));
        prop_assert_eq!(told, spread);
    }

    #[test]
    fn the_arrival_does_not_change_an_id(body in prop::sample::select(DOCUMENTED.as_slice()), later in 0..1_000_000_i64) {
        for form in FORMS {
            let early = message(form, body);
            let received_at = early.received_at + jiff::SignedDuration::from_secs(later);
            let late = Message { received_at, ..early.clone() };
            let ids = |message: &Message| {
                let events = parse(message, &context()).unwrap_or_default();
                events.into_iter().map(|event| event.id).collect::<Vec<_>>()
            };
            prop_assert_eq!(ids(&early), ids(&late));
        }
    }

    #[test]
    fn what_is_wrapped_unwraps_to_the_same_events(
        body in damaged(), form in any_form(), carrier in any_carrier(),
    ) {
        let Ok(text) = String::from_utf8(body) else { return Ok(()) };
        let message = Message { carrier, ..message(form, text) };
        let told = parse(&message, &context());
        if told.is_err() {
            return Ok(());
        }
        let record = wrap_record(&message);
        prop_assert!(!record.contains(&b'\n'));
        let held = unwrap_record(&record, message.received_at).unwrap();
        prop_assert_eq!(&held.form, &message.form);
        prop_assert_eq!(held.received_at, message.received_at);
        prop_assert_eq!(&held.carrier, &message.carrier);
        prop_assert_eq!(parse(&held, &context()), told);
    }
}

#[test]
fn depth_nul_and_bad_utf8_do_no_harm() {
    let deep = "[".repeat(100_000);
    let closed = format!("{deep}{}", "]".repeat(100_000));
    let envelope = |value: &str| {
        format!(
            r#"{{"customer_id":"c","event_type":"profile_update","timestamp":1,"data":{value}}}"#
        )
    };
    for body in [
        deep.clone(),
        closed.clone(),
        "{\"a\":".repeat(100_000),
        envelope(&deep),
        envelope(&format!("{{\"custom_fields\":{{\"x\":{closed}}}}}")),
        envelope("{\"custom_fields\":{\"x\":\"\\u0000\"}}"),
        envelope("{\"name\":\"\\ud800\"}"),
        "\0".repeat(10),
    ] {
        read_in_every_way(body.as_bytes());
    }
    read_in_every_way(b"{\"customer_id\":\"\xff\xfe\"}");
    let too_deep = envelope(&format!("{{\"custom_fields\":{{\"x\":{closed}}}}}"));
    assert_eq!(events("envelope", too_deep).unwrap_err().field, "body");
    let half = envelope("{\"custom_fields\":{\"x\":\"\\ud800\"}}");
    assert_eq!(events("envelope", half).unwrap_err().field, "body");
}

#[test]
fn brands_do_not_share_ids() {
    let other =
        ciq_event::ParseContext { brand: ciq_event::Brand::parse("other").unwrap(), ..context() };
    for (form, body) in [
        ("envelope", envelope::PURCHASE),
        ("domain", domain::DECLINE),
        ("shopify:orders/create", shopify::ORDER),
        ("twilio-form", twilio::FORM),
        ("pos", pos::TRANSACTION),
        ("stripe", stripe::PAID),
    ] {
        let there = parse(&message(form, body), &other).unwrap();
        assert_ne!(events(form, body).unwrap()[0].id, there[0].id, "{form}");
    }
}
