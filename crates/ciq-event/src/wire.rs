//! The wire forms: what each kind of sender writes, read as events.
//!
//! - [`parse`] reads a message in the form it claims; one module per form, each a pure function;
//! - [`split`] cuts a body of many records; [`unwrap_record`] and [`wrap_record`] read and write
//!   records that carry their form along.

mod account;
mod contacts;
mod domain;
mod envelope;
mod items;
mod json_text;
mod mapping;
mod object;
mod pos;
mod record;
mod shopify;
mod stripe;
mod subscription;
mod twilio;

use jiff::Timestamp;

use crate::{
    Brand, Currency, Event, EventId, EventType, Message, Payload, Profile, Rejection, Source,
    WireForm,
};

use object::Object;

pub use record::{carried_message, split, unwrap_record, wrap_record};

/// What a parser needs to know beside the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseContext {
    /// Whose message it is. Part of every derived event id.
    pub brand: Brand,
    /// The brand's currency, for amounts that name none.
    pub currency: Currency,
}

/// Parses a message into its events, in order: one, or two where a till tells of a visit and a
/// purchase. A message id that the carrier brings goes before every other id.
pub fn parse(message: &Message, context: &ParseContext) -> Result<Vec<Event>, Rejection> {
    let scene = Scene { message, context };
    let mut events = parse_form(&scene)?;
    let given = message.carrier.as_ref().and_then(|carrier| carrier.message_id.as_deref());
    if let Some(id) = given {
        let first = scene.given_id("message", id);
        for (index, event) in events.iter_mut().enumerate() {
            event.id = if index == 0 { first } else { first.sibling(&index.to_string()) };
        }
    }
    Ok(events)
}

fn parse_form(scene: &Scene<'_>) -> Result<Vec<Event>, Rejection> {
    match &scene.message.form {
        WireForm::Envelope => envelope::parse(scene).map(|event| vec![event]),
        WireForm::Domain => domain::parse(scene).map(|event| vec![event]),
        WireForm::Shopify { topic } => shopify::parse(scene, topic).map(|event| vec![event]),
        WireForm::Twilio => twilio::parse_json(scene).map(|event| vec![event]),
        WireForm::TwilioForm => twilio::parse_form(scene).map(|event| vec![event]),
        WireForm::Pos => pos::parse(scene),
        WireForm::Stripe => stripe::parse(scene).map(|event| vec![event]),
    }
}

/// The message under the parser, and what is known beside it.
struct Scene<'a> {
    message: &'a Message,
    context: &'a ParseContext,
}

impl<'a> Scene<'a> {
    /// Reads the body as one JSON object.
    fn object(&self) -> Result<Object<'a>, Rejection> {
        let object = Object::parse(&self.message.body)?;
        if json_text::is_too_deep(&self.message.body) {
            let remedy = format!("nested deeper than {} levels", json_text::DEPTH_MAX);
            return Err(Rejection::new("body", remedy));
        }
        Ok(object)
    }

    fn received_at(&self) -> Timestamp {
        self.message.received_at
    }

    /// Returns the customer and the type that the message's subject names.
    fn named(&self) -> (Option<&'a str>, Option<&'a str>) {
        self.message.carrier.as_ref().and_then(|carrier| carrier.named()).unzip()
    }

    fn currency(&self) -> Currency {
        self.context.currency
    }

    /// Derives the id of a message that brings its own. `scope` is within what the id is unique.
    fn given_id(&self, scope: &str, id: &str) -> EventId {
        // A brand has no slash in its name, so no two pairs of brand and scope read the same.
        EventId::given(&format!("{}/{scope}", self.context.brand), id)
    }

    /// Derives the id of a message without one from all that it says, but never from its arrival:
    /// the same message twice is one event.
    fn content_id(&self, at: Option<Timestamp>, told: &Told<'_>) -> EventId {
        let body = match self.message.form {
            WireForm::TwilioForm => self.message.body.as_slice().into(),
            _ => json_text::minified(&self.message.body),
        };
        let Told { source, event_type, time, customer_id } = told;
        let brand = self.context.brand.as_str();
        let parts = [brand, source, event_type, time, customer_id].map(str::as_bytes);
        let [brand, source, event_type, time, customer_id] = parts;
        EventId::of_content(at, &[brand, source, event_type, time, customer_id, &body])
    }
}

/// The words of a message that go into a derived id beside its body.
#[derive(Debug, Default)]
struct Told<'a> {
    source: &'a str,
    event_type: &'a str,
    /// The time as written; empty where the message has none.
    time: &'a str,
    /// The customer's id; empty where the message has none.
    customer_id: &'a str,
}

/// Makes an event that says no more than that something happened.
fn bare_event(id: EventId, event_type: EventType, occurred_at: Timestamp, source: Source) -> Event {
    Event {
        id,
        event_type,
        occurred_at,
        source,
        contacts: Vec::new(),
        profile: Profile::default(),
        title: None,
        description: None,
        amount: None,
        status: None,
        agent_notes: None,
        sentiment: None,
        line_items: Vec::new(),
        payload: Payload::Generic,
        knowledge: None,
    }
}
