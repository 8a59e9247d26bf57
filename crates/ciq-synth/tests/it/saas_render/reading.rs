//! What customeriq makes of the lines.

use ciq_event::{Brand, Currency, IdentifierKind, ParseContext, parse, unwrap_record};
use ciq_synth::saas::{Event, Format, Payload, Renderer, user_id};
use jiff::Timestamp;

use super::lines::events;
use super::{population, rendered};

/// Reads a line as an import does.
fn read(line: &str) -> ciq_event::Event {
    let arrived_at: Timestamp = "2026-06-01T00:00:00Z".parse().unwrap();
    let context =
        ParseContext { brand: Brand::default(), currency: Currency::parse("EUR").unwrap() };
    let message = unwrap_record(line.trim_end().as_bytes(), arrived_at).unwrap();
    let mut events = parse(&message, &context).unwrap();
    assert_eq!(events.len(), 1);
    events.remove(0)
}

/// Reads every event that a format has a form for.
fn each(format: Format, check: impl Fn(&Event, &ciq_event::Event)) {
    let renderer = Renderer::new(&population(), format);
    for event in events().iter().filter(|event| renderer.takes(event.payload)) {
        let told = read(&rendered(format, event));
        assert_eq!(told.occurred_at.as_millisecond(), event.at_ms);
        check(event, &told);
    }
}

fn contact(told: &ciq_event::Event, kind: &IdentifierKind) -> Option<String> {
    told.contacts.iter().find(|contact| contact.kind == *kind).map(|it| it.value.clone())
}

/// What an event paid or was to pay, in cents.
fn amount_cents(event: &Event) -> Option<i64> {
    match event.payload {
        Payload::CardDecline { amount_cents, .. }
        | Payload::RenewalFailed { amount_cents, .. }
        | Payload::PlanRenewed { amount_cents }
        | Payload::InvoicePaid { amount_cents } => Some(amount_cents.into()),
        _ => None,
    }
}

#[test]
fn customeriq_reads_the_domain_form() {
    each(Format::Mockgen, |event, told| {
        assert_eq!(told.event_type.as_str(), event.payload.name());
        let id = user_id(&population(), event.user).to_string();
        assert_eq!(contact(told, &IdentifierKind::CustomerId), Some(id));
        assert_eq!(told.amount.map(|money| money.minor), amount_cents(event));
    });
}

#[test]
fn customeriq_reads_the_envelope() {
    each(Format::Customeriq, |event, told| {
        let id = user_id(&population(), event.user).to_string();
        assert_eq!(contact(told, &IdentifierKind::CustomerId), Some(id));
        assert_eq!(told.amount.map(|money| money.minor), amount_cents(event));
        let has_device =
            matches!(event.payload, Payload::UserIdentified | Payload::SessionStart { .. });
        assert_eq!(contact(told, &IdentifierKind::DeviceId).is_some(), has_device);
        if event.payload == Payload::UserIdentified {
            assert_eq!(told.event_type.as_str(), "profile_update");
            assert!(told.profile.name.is_some() && told.profile.email.is_some());
        } else {
            assert_eq!(told.event_type.as_str(), event.payload.name());
        }
    });
}

#[test]
fn customeriq_reads_webhooks_and_counts_the_money_once() {
    each(Format::Shopify, |event, told| {
        assert_eq!(told.amount.map(|money| money.minor), amount_cents(event));
        assert!(contact(told, &IdentifierKind::Email).is_some());
        assert!(told.profile.name.is_some());
        let is_purchase = matches!(told.payload, ciq_event::Payload::Purchase(_));
        assert_eq!(is_purchase, matches!(event.payload, Payload::InvoicePaid { .. }));
    });
}

#[test]
fn an_event_sent_twice_is_one() {
    for event in events() {
        let line = rendered(Format::Customeriq, &event);
        let later = Event { at_ms: event.at_ms + 1, ..event };
        assert_eq!(read(&line).id, read(&rendered(Format::Customeriq, &later)).id);
    }
}
