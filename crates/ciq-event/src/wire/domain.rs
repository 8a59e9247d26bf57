//! The domain event `{id, ts, userId, name, props}`.

use crate::{ContactPoint, Event, EventType, IdentifierKind, Rejection, Source};

use super::mapping::{self, Terms};
use super::object::Object;
use super::{Scene, Told, bare_event, contacts};

/// The generator whose form this is.
const SOURCE: &str = "mockgen";

/// Parses one domain event.
pub(super) fn parse(scene: &Scene<'_>) -> Result<Event, Rejection> {
    let body = scene.object()?;
    let user_id = body.text("userId")?;
    let name = body
        .text("name")?
        .ok_or_else(|| body.rejection("name", "required, such as session_start"))?;
    let event_type =
        EventType::parse(&name).map_err(|error| Rejection::new("name", error.reason))?;
    let (at, time) = body.first_time(&["ts"], scene.received_at())?;
    let at =
        at.ok_or_else(|| body.rejection("ts", "required: send RFC 3339, or seconds since 1970"))?;
    let props = body.object("props")?.unwrap_or_else(|| Object::empty("props"));

    let id = match body.text("id")? {
        Some(id) => scene.given_id(&format!("domain/{SOURCE}"), &id),
        None => scene.content_id(
            Some(at),
            &Told {
                source: SOURCE,
                event_type: event_type.as_str(),
                time: &time,
                customer_id: user_id.as_deref().unwrap_or_default(),
            },
        ),
    };
    let mut event = bare_event(id, event_type, at, Source::from_raw(SOURCE));
    if let Some(id) = user_id {
        event.contacts.push(ContactPoint::new(IdentifierKind::CustomerId, id));
    }
    contacts::collect(&props, &mut event.contacts)?;
    if event.contacts.is_empty() {
        let remedy = "whose event is it? send userId, or props.email, props.phone or another id";
        return Err(body.rejection("userId", remedy));
    }
    let terms = Terms { received_at: scene.received_at(), currency: scene.currency() };
    mapping::fill(&mut event, &props, terms)?;
    Ok(event)
}
