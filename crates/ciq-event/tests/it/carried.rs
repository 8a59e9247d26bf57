//! Messages that a bus carried: what the subject and the publisher's id say.

use ciq_event::{Carrier, Event, EventId, Rejection, carried_message, parse};

use crate::story::{context, now};

fn carrier(subject: &str, message_id: Option<&str>) -> Carrier {
    let message_id = message_id.map(str::to_owned);
    Carrier { subject: subject.to_owned(), message_id, headers: Vec::new() }
}

fn events(carrier: Carrier, body: &str) -> Result<Vec<Event>, Rejection> {
    let message = carried_message(body.as_bytes(), carrier, now());
    parse(&message.map_err(|(_, rejection)| rejection)?, &context())
}

fn event(subject: &str, body: &str) -> Event {
    events(carrier(subject, None), body).unwrap().remove(0)
}

#[test]
fn the_subject_fills_what_the_body_leaves_out() {
    let event = event("customer.events.cust_7.login", r#"{"timestamp": 1734134400}"#);
    assert_eq!(event.event_type.as_str(), "login");
    assert_eq!(event.contacts[0].value, "cust_7");
}

#[test]
fn the_body_is_right_where_it_contradicts_its_subject() {
    let body = r#"{"customer_id": "a", "event_type": "login", "timestamp": 1734134400}"#;
    let named = carrier("customer.events.b.login", None);
    let event = events(named.clone(), body).unwrap().remove(0);
    assert_eq!(event.contacts[0].value, "a");
    assert!(named.contradicts(&event));
    assert!(!carrier("customer.events.a.login", None).contradicts(&event));
    assert!(carrier("customer.events.a.logout", None).contradicts(&event));
    assert!(!carrier("anything.else", None).contradicts(&event));
}

#[test]
fn a_subject_and_a_body_that_say_the_same_make_one_event() {
    let whole = r#"{"customer_id":"a","event_type":"login","timestamp":1734134400}"#;
    let over_http = parse(&ciq_event::unwrap_record(whole.as_bytes(), now()).unwrap(), &context());
    assert_eq!(over_http.unwrap()[0].id, event("customer.events.a.login", whole).id);
}

#[test]
fn equal_message_ids_are_one_event_whatever_the_body_says() {
    let id = |at: i64, message_id| {
        let body = format!(r#"{{"customer_id": "a", "event_type": "x", "timestamp": {at}}}"#);
        events(carrier("s", message_id), &body).unwrap()[0].id
    };
    assert_eq!(id(1_734_134_400, Some("m1")), id(1_734_134_999, Some("m1")));
    assert_ne!(id(1_734_134_400, Some("m1")), id(1_734_134_400, Some("m2")));
    assert_ne!(id(1_734_134_400, Some("m1")), id(1_734_134_400, None));
}

#[test]
fn a_wrapped_record_keeps_its_own_message_id_where_the_bus_brings_none() {
    let wrapped = r#"{"wire_form":"envelope","subject":"a.b","message_id":"m1","body":{
        "customer_id":"a","event_type":"x","timestamp":1734134400}}"#;
    let bare = r#"{"customer_id":"a","event_type":"x","timestamp":1734134400}"#;
    let id = |message_id, body| events(carrier("s", message_id), body).unwrap()[0].id;
    assert_eq!(id(None, wrapped), id(Some("m1"), bare));
    assert_eq!(id(Some("m2"), wrapped), id(Some("m2"), bare));
}

#[test]
fn each_event_of_a_message_has_an_id_of_its_own() {
    let till = r#"{"wire_form": "pos", "body": {"store_id": "S1", "transaction_id": "T1",
        "check_in_at": "2025-01-15T10:00:00Z", "customer_phone": "+1-202-555-0142", "total": "5.00",
        "items": [{"name": "Pen", "price": "5.00"}]}}"#;
    let ids: Vec<EventId> =
        events(carrier("tills", Some("m1")), till).unwrap().iter().map(|event| event.id).collect();
    assert_eq!(ids.len(), 2);
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn other_forms_are_seen_by_their_fields() {
    let event = event(
        "customer.events.u1.page_view",
        r#"{"id": "1", "ts": "2025-01-15T10:00:00Z", "userId": "u1", "name": "page_view"}"#,
    );
    assert_eq!(event.event_type.as_str(), "page_view");
}

#[test]
fn what_is_no_event_is_refused() {
    for (subject, body, field) in [
        ("customer.events.a.login", "{", "body"),
        ("customer.events.a.login", "{}", "timestamp"),
        ("customer.events", "{}", "body"),
        ("customer.events.a.login", r#"{"wire_form": "morse"}"#, "wire_form"),
    ] {
        let rejection = events(carrier(subject, None), body).unwrap_err();
        assert_eq!(rejection.field, field, "{subject} {body}");
    }
}
