//! What a run tells, event by event.

use std::collections::{BTreeMap, BTreeSet};

use ciq_event::{Currency, Event, IdentifierKind, Message, ParseContext, WireForm};

use super::*;
use crate::fixture::World;

fn told(world: &World) -> Vec<BridgeEvent> {
    events(&world.plan, &world.run, &world.snapshots, &world.found.invoices)
}

#[test]
fn the_standard_run_tells_every_change_and_every_payment() {
    let world = World::standard(1);
    let events = told(&world);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for event in &events {
        *counts.entry(event.event_type).or_default() += 1;
    }
    let of = |status: &str| {
        let all = world.found.invoices.iter();
        all.filter(|it| it.status == status && it.total_cents > 0).count()
    };
    let expect = [
        ("invoice_paid", of("paid")),
        ("payment_failed", of("open")),
        ("subscription_cancelled", 8),
        ("subscription_downgraded", 2),
        ("subscription_started", 100),
        ("subscription_upgraded", 15),
    ];
    assert_eq!(counts.into_iter().collect::<Vec<_>>(), expect);
}

#[test]
fn events_are_in_order_of_time_and_each_has_an_id() {
    let events = told(&World::standard(2));
    assert!(events.is_sorted_by_key(|event| event.at));
    let ids: BTreeSet<_> = events.iter().map(|event| &event.id).collect();
    assert_eq!(ids.len(), events.len());
    assert!(events.iter().all(|event| !event.json.contains('\n')));
}

#[test]
fn the_order_of_what_is_handed_in_does_not_matter() {
    let mut world = World::standard(1);
    let before = told(&world);
    world.snapshots.reverse();
    world.found.invoices.reverse();
    assert_eq!(told(&world), before);
}

#[test]
fn a_subscription_begins_before_its_first_invoice_and_ends_after_its_last() {
    let world = World::standard(1);
    let events = told(&world);
    let first = events.iter().position(|event| event.event_type == "invoice_paid").unwrap();
    assert!(events[..first].iter().all(|event| event.event_type == "subscription_started"));
    for end in events.iter().filter(|event| event.event_type == "subscription_cancelled") {
        let last = events.iter().rfind(|event| event.customer_id == end.customer_id).unwrap();
        assert_eq!(last.id, end.id);
    }
}

#[test]
fn an_event_of_each_type_is_pinned() {
    let events = told(&World::standard(1));
    let types = [
        "subscription_started",
        "subscription_upgraded",
        "subscription_downgraded",
        "subscription_cancelled",
        "invoice_paid",
        "payment_failed",
    ];
    let lines: Vec<_> = types
        .into_iter()
        .filter_map(|name| events.iter().find(|event| event.event_type == name))
        .map(|event| event.json.as_str())
        .collect();
    assert_eq!(lines.len(), types.len());
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn a_change_that_costs_the_same_is_not_told() {
    let mut world = World::standard(1);
    world.found.invoices.clear();
    for row in &mut world.snapshots {
        row.plan = "Free".to_owned();
        row.mrr_cents = 0;
    }
    let types: BTreeSet<_> = told(&world).iter().map(|event| event.event_type).collect();
    assert_eq!(types, BTreeSet::from(["subscription_cancelled", "subscription_started"]));
}

#[test]
fn every_event_is_read_as_what_it_tells() {
    let world = World::standard(1);
    let context = ParseContext { brand: ciq_event::Brand::default(), currency: Currency::USD };
    for event in told(&world) {
        let message = Message::new(WireForm::Envelope, event.json.clone().into_bytes(), event.at);
        let read: Event = ciq_event::parse(&message, &context).unwrap().remove(0);
        assert_eq!([read.event_type.as_str(), read.source.as_str()], [event.event_type, "stripe"]);
        assert_eq!(read.occurred_at, event.at);
        let value = |kind: IdentifierKind| {
            let contact = read.contacts.iter().find(|contact| contact.kind == kind);
            contact.map(|contact| contact.value.clone())
        };
        let stripe = IdentifierKind::External("stripe".to_owned());
        assert_eq!(value(stripe), Some(event.customer_id));
        assert!(value(IdentifierKind::Email).unwrap().ends_with("@example.com"));
    }
}
