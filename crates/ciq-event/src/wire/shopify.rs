//! Shopify webhooks, by topic.

use std::borrow::Cow;

use jiff::Timestamp;

use crate::{
    ContactPoint, Event, EventId, EventType, IdentifierKind, Payload, Profile, Purchase, Rejection,
    Source,
};

use super::items::Items;
use super::mapping::{readable, set_purchase};
use super::object::Object;
use super::{Scene, Told, bare_event, contacts};

/// The system whose ids these are.
const SYSTEM: &str = "shopify";

/// What a topic tells of.
enum Kind {
    Order,
    Customer,
    Other,
}

/// Parses one webhook of a topic.
pub(super) fn parse(scene: &Scene<'_>, topic: &str) -> Result<Event, Rejection> {
    let body = scene.object()?;
    let (kind, event_type) = match topic {
        "orders/create" | "orders/paid" => (Kind::Order, Cow::Borrowed("purchase")),
        "customers/create" | "customers/update" => (Kind::Customer, "profile_update".into()),
        "carts/create" | "carts/update" => (Kind::Other, "cart_update".into()),
        "checkouts/create" | "checkouts/update" => (Kind::Other, "checkout".into()),
        other => (Kind::Other, other.replace('/', "_").into()),
    };
    let event_type = EventType::parse(&event_type)
        .map_err(|error| Rejection::new("x-shopify-topic", error.reason))?;
    let keys: &[&str] = if is_update(topic) {
        &["updated_at", "created_at", "timestamp"]
    } else {
        &["created_at", "updated_at", "timestamp"]
    };
    let (at, time) = body.first_time(keys, scene.received_at())?;
    let id = event_id(scene, topic, &body, (at, &time))?;
    let occurred_at = at.unwrap_or_else(|| scene.received_at());
    let mut event = bare_event(id, event_type, occurred_at, Source::from_raw(SYSTEM));
    event.contacts = contacts_of(&body)?;
    match kind {
        Kind::Order => fill_order(&mut event, &body, scene)?,
        Kind::Customer => fill_customer(&mut event, &body)?,
        Kind::Other => fill_other(&mut event, &body, scene, topic)?,
    }
    event.contacts.sort_by(|a, b| a.kind.cmp(&b.kind));
    Ok(event)
}

fn is_update(topic: &str) -> bool {
    topic.ends_with("/update") || topic.ends_with("/updated")
}

/// A thing is created, paid or deleted once, but updated many times: an update is one event with
/// the time of the update, and only its content tells one update from another without that time.
fn event_id(
    scene: &Scene<'_>,
    topic: &str,
    body: &Object<'_>,
    (at, time): (Option<Timestamp>, &str),
) -> Result<EventId, Rejection> {
    let scope = format!("{SYSTEM}/{topic}");
    let updated_at = body.text("updated_at")?;
    Ok(match (body.text("id")?, updated_at) {
        (Some(id), Some(updated_at)) if is_update(topic) => {
            scene.given_id(&scope, &format!("{id}@{updated_at}"))
        }
        (Some(id), _) if !is_update(topic) => scene.given_id(&scope, &id),
        _ => scene
            .content_id(at, &Told { source: SYSTEM, event_type: topic, time, ..Told::default() }),
    })
}

/// Finds what points at the customer of an order, a cart or a checkout.
fn contacts_of(body: &Object<'_>) -> Result<Vec<ContactPoint>, Rejection> {
    let mut found = Vec::new();
    contacts::push(body, &["email", "contact_email"], IdentifierKind::Email, &mut found)?;
    let customer = body.object("customer")?;
    if let Some(customer) = &customer {
        if found.is_empty() {
            contacts::push(customer, &["email"], IdentifierKind::Email, &mut found)?;
        }
        if !body.has("phone") {
            contacts::push(customer, &["phone"], IdentifierKind::Phone, &mut found)?;
        }
        let kind = IdentifierKind::External(SYSTEM.to_owned());
        contacts::push(customer, &["id"], kind, &mut found)?;
    }
    contacts::collect(body, &mut found)?;
    Ok(found)
}

fn full_name(person: &Object<'_>) -> Result<Option<String>, Rejection> {
    let first = person.text("first_name")?;
    let last = person.text("last_name")?;
    Ok(match (first, last) {
        (Some(first), Some(last)) => Some(format!("{first} {last}")),
        (one, other) => one.or(other).map(Cow::into_owned),
    })
}

fn fill_order(event: &mut Event, body: &Object<'_>, scene: &Scene<'_>) -> Result<(), Rejection> {
    // The `device_id` of an order is the till that took it, not the customer's device.
    event.contacts.retain(|contact| contact.kind != IdentifierKind::DeviceId);
    let currency = body.currency(scene.currency())?;
    let items = Items::read(body, currency)?;
    event.line_items = items.lines;
    let total = body
        .first_money(&["total_price", "total_spent"], currency)?
        .or(items.sum)
        .ok_or_else(|| body.rejection("total_price", "an order needs what it cost"))?;
    let purchase_id = body.text("id")?.map(|id| format!("{SYSTEM}:{id}"));
    let order_name = body.first_text(&["order_number", "name"])?;
    let purchase = Purchase {
        purchase_id: purchase_id.unwrap_or_else(|| event.id.to_string()),
        product_name: items
            .product_name
            .or_else(|| order_name.map(|name| format!("Order {name}")))
            .unwrap_or_else(|| "purchase".to_owned()),
        product_sku: items.product_sku,
        quantity: items.quantity,
        price: items.price,
        total,
        warranty_expires_at: None,
    };
    set_purchase(event, purchase);
    event.status = body.first_text(&["financial_status", "status"])?;
    event.description = body.first_text(&["note"])?;
    if let Some(customer) = body.object("customer")? {
        event.profile.name = full_name(&customer)?;
    }
    Ok(())
}

fn fill_customer(event: &mut Event, body: &Object<'_>) -> Result<(), Rejection> {
    let kind = IdentifierKind::External(SYSTEM.to_owned());
    contacts::push(body, &["id"], kind, &mut event.contacts)?;
    event.profile = Profile {
        name: full_name(body)?,
        email: body.first_text(&["email"])?,
        phone: body.first_text(&["phone"])?,
        tags: body.texts("tags")?,
        ..Profile::default()
    };
    event.title = Some(readable(event.event_type.as_str()));
    Ok(())
}

fn fill_other(
    event: &mut Event,
    body: &Object<'_>,
    scene: &Scene<'_>,
    topic: &str,
) -> Result<(), Rejection> {
    event.payload = Payload::Generic;
    let is_basket = topic.starts_with("carts/") || topic.starts_with("checkouts/");
    let name = if is_basket { event.event_type.as_str() } else { topic };
    event.title = Some(readable(name));
    event.status = body.first_text(&["fulfillment_status", "financial_status", "status"])?;
    if body.has("total_price") {
        event.amount = body.money("total_price", body.currency(scene.currency())?)?;
    }
    if let Some(customer) = body.object("customer")? {
        event.profile.name = full_name(&customer)?;
    }
    Ok(())
}
