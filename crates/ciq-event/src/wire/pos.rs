//! Transactions at a point of sale: a visit, a purchase, or both.

use jiff::Timestamp;

use crate::{
    ContactPoint, Event, EventId, EventType, IdentifierKind, Money, Payload, Purchase, Rejection,
    Source, StoreVisit,
};

use super::items::Items;
use super::mapping::set_purchase;
use super::object::Object;
use super::{Scene, Told, bare_event, contacts};

/// The service whose ids these are.
const SOURCE: &str = "pos";

/// When a transaction took place, by the fields it has.
struct Times {
    check_in_at: Option<Timestamp>,
    check_out_at: Option<Timestamp>,
    /// The time of a transaction that tells of no visit.
    sold_at: Option<Timestamp>,
    received_at: Timestamp,
}

impl Times {
    fn read(body: &Object<'_>, received_at: Timestamp) -> Result<Self, Rejection> {
        Ok(Self {
            check_in_at: body.time("check_in_at", received_at)?,
            check_out_at: body.time("check_out_at", received_at)?,
            sold_at: body.first_time(&["timestamp", "created_at"], received_at)?.0,
            received_at,
        })
    }

    fn visit_at(&self) -> Timestamp {
        let told = self.check_in_at.or(self.check_out_at).or(self.sold_at);
        told.unwrap_or(self.received_at)
    }

    fn purchase_at(&self) -> Timestamp {
        let told = self.check_out_at.or(self.check_in_at).or(self.sold_at);
        told.unwrap_or(self.received_at)
    }
}

/// Parses one transaction into its visit and its purchase.
pub(super) fn parse(scene: &Scene<'_>) -> Result<Vec<Event>, Rejection> {
    let body = scene.object()?;
    let store_id = body
        .first_text(&["store_id"])?
        .ok_or_else(|| body.rejection("store_id", "required: which store was it?"))?;
    let times = Times::read(&body, scene.received_at())?;
    let transaction_id = body.first_text(&["transaction_id"])?;
    let id = transaction_event_id(scene, &body, &store_id, transaction_id.as_deref())?;
    let currency = body.currency(scene.currency())?;
    let total = body.money("total", currency)?;
    let is_visit = ["check_in_at", "check_out_at", "detection_method"].iter().any(|k| body.has(k));

    let mut events = Vec::with_capacity(2);
    if is_visit || total.is_none() {
        events.push(visit(&body, id, &store_id, &times)?);
    }
    if let Some(total) = total {
        let purchase_id = transaction_id.map(|id| format!("pos:{store_id}:{id}"));
        events.push(purchase(&body, id, (purchase_id, total), &times)?);
    }
    Ok(events)
}

/// Derives the id that the visit's and the purchase's are derived from, so that neither depends on
/// whether the other is told.
fn transaction_event_id(
    scene: &Scene<'_>,
    body: &Object<'_>,
    store_id: &str,
    transaction_id: Option<&str>,
) -> Result<EventId, Rejection> {
    if let Some(id) = transaction_id {
        return Ok(scene.given_id(&format!("pos/{store_id}"), id));
    }
    let keys = ["check_in_at", "check_out_at", "timestamp", "created_at"];
    let (at, time) = body.first_time(&keys, scene.received_at())?;
    let customer_id = body.text("customer_id")?;
    let told = Told {
        source: SOURCE,
        event_type: "transaction",
        time: &time,
        customer_id: customer_id.as_deref().unwrap_or_default(),
    };
    Ok(scene.content_id(at, &told))
}

fn transaction_event(
    body: &Object<'_>,
    id: EventId,
    event_type: &str,
    at: Timestamp,
) -> Result<Event, Rejection> {
    let id = id.sibling(event_type);
    let mut event = bare_event(id, EventType::from_raw(event_type), at, Source::from_raw(SOURCE));
    if let Some(id) = body.text("customer_id")? {
        event.contacts.push(ContactPoint::new(IdentifierKind::CustomerId, id));
    }
    contacts::collect(body, &mut event.contacts)?;
    // The `device_id` of a transaction is the till, which every customer of the store passes.
    event.contacts.retain(|contact| contact.kind != IdentifierKind::DeviceId);
    event.profile.name = body.first_text(&["customer_name"])?;
    event.status = body.first_text(&["status"])?;
    event.agent_notes = body.first_text(&["agent_notes"])?;
    Ok(event)
}

fn visit(
    body: &Object<'_>,
    id: EventId,
    store_id: &str,
    times: &Times,
) -> Result<Event, Rejection> {
    let mut event = transaction_event(body, id, "store_visit", times.visit_at())?;
    let store_name = body.first_text(&["store_name"])?;
    event.title = Some(format!("Visit to {}", store_name.as_deref().unwrap_or(store_id)));
    event.payload = Payload::StoreVisit(StoreVisit {
        store_id: store_id.to_owned(),
        store_name,
        check_in_at: times.visit_at(),
        check_out_at: times.check_out_at,
        detection_method: body.first_text(&["detection_method"])?,
    });
    Ok(event)
}

fn purchase(
    body: &Object<'_>,
    id: EventId,
    (purchase_id, total): (Option<String>, Money),
    times: &Times,
) -> Result<Event, Rejection> {
    let mut event = transaction_event(body, id, "purchase", times.purchase_at())?;
    let items = Items::read(body, total.currency)?;
    event.line_items = items.lines;
    let purchase = Purchase {
        purchase_id: purchase_id.unwrap_or_else(|| event.id.to_string()),
        product_name: items.product_name.unwrap_or_else(|| "purchase".to_owned()),
        product_sku: items.product_sku,
        quantity: items.quantity,
        price: items.price,
        total,
        warranty_expires_at: None,
    };
    set_purchase(&mut event, purchase);
    Ok(event)
}
