//! The envelope `{customer_id, event_type, timestamp, source_service, data, metadata}`.

use std::borrow::Cow;

use crate::{ContactPoint, Event, EventType, IdentifierKind, Rejection, Source};

use super::mapping::{self, Terms};
use super::object::Object;
use super::{Scene, Told, bare_event, contacts};

/// Parses one envelope.
pub(super) fn parse(scene: &Scene<'_>) -> Result<Event, Rejection> {
    let body = scene.object()?;
    let (named_customer, named_type) = scene.named();
    let customer_id = body.text("customer_id")?.or(named_customer.map(Cow::Borrowed));
    let event_type = body
        .text("event_type")?
        .or(named_type.map(Cow::Borrowed))
        .ok_or_else(|| body.rejection("event_type", "required, such as purchase"))?;
    let event_type = EventType::parse(&event_type)?;
    let (at, time) = body.first_time(&["timestamp"], scene.received_at())?;
    let at = at.ok_or_else(|| {
        body.rejection("timestamp", "required: send seconds since 1970, or RFC 3339")
    })?;
    let source = match body.text("source_service")? {
        Some(source) => Source::parse(&source)?,
        None => Source::unknown(),
    };
    let data = body.object("data")?.unwrap_or_else(|| Object::empty("data"));

    let id = match body.first_text(&["event_id", "id"])? {
        Some(id) => scene.given_id(&format!("envelope/{source}"), &id),
        None => scene.content_id(
            Some(at),
            &Told {
                source: source.as_str(),
                event_type: event_type.as_str(),
                time: &time,
                customer_id: customer_id.as_deref().unwrap_or_default(),
            },
        ),
    };
    let mut event = bare_event(id, event_type, at, source);
    if let Some(id) = customer_id {
        event.contacts.push(ContactPoint::new(IdentifierKind::CustomerId, id));
    }
    contacts::collect(&data, &mut event.contacts)?;
    if let Some(metadata) = body.object("metadata")? {
        contacts::collect_visit(&metadata, &mut event.contacts)?;
    }
    if event.contacts.is_empty() {
        let remedy = "whose event is it? send customer_id, or data.email, data.phone or another id";
        return Err(body.rejection("customer_id", remedy));
    }
    let terms = Terms { received_at: scene.received_at(), currency: scene.currency() };
    mapping::fill(&mut event, &data, terms)?;
    Ok(event)
}
