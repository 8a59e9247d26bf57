//! The message: what arrived, byte for byte.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use jiff::Timestamp;

use crate::{Event, IdentifierKind};

/// What arrived, before anyone understood it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The form it claims to be in.
    pub form: WireForm,
    /// The body, byte for byte.
    pub body: Vec<u8>,
    /// When it arrived. The shell reads the clock; nothing below does.
    pub received_at: Timestamp,
    /// What carried it, where that says something too.
    pub carrier: Option<Arc<Carrier>>,
    /// Whether its sender asks that nobody be looked for: its events make a customer of their own,
    /// whoever else holds their identifiers. An import of profiles as another system kept them.
    pub is_unresolved: bool,
}

impl Message {
    /// Makes a message whose carrier says nothing.
    #[must_use]
    pub fn new(form: WireForm, body: impl Into<Vec<u8>>, received_at: Timestamp) -> Self {
        Self { form, body: body.into(), received_at, carrier: None, is_unresolved: false }
    }
}

/// What carried a message over a bus, and speaks for it where its body does not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Carrier {
    /// The subject. One like `customer.events.{customer_id}.{event_type}` fills what an envelope
    /// leaves out.
    pub subject: String,
    /// The publisher's id of the message: equal ids are one message, whatever the body says.
    pub message_id: Option<String>,
    /// The headers as they came, in order. Kept with a dead letter only.
    pub headers: Vec<(String, String)>,
}

impl Carrier {
    /// Returns the customer and the type that the subject names, where it has the shape
    /// `….events.{customer_id}.{event_type}` of exactly four words.
    #[must_use]
    pub fn named(&self) -> Option<(&str, &str)> {
        let mut words = self.subject.split('.');
        let (Some(_), Some("events"), Some(customer), Some(event_type), None) =
            (words.next(), words.next(), words.next(), words.next(), words.next())
        else {
            return None;
        };
        (!customer.is_empty() && !event_type.is_empty()).then_some((customer, event_type))
    }

    /// Tells whether the subject names another customer or another type than the event does. The
    /// event is right then; a publisher may want to know.
    #[must_use]
    pub fn contradicts(&self, event: &Event) -> bool {
        let Some((customer, event_type)) = self.named() else { return false };
        let told = event.contacts.iter().find(|at| at.kind == IdentifierKind::CustomerId);
        event.event_type.as_str() != event_type || told.is_some_and(|told| told.value != customer)
    }
}

/// The forms in which events arrive.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WireForm {
    /// `{customer_id, event_type, timestamp, source_service, data, metadata}`.
    Envelope,
    /// `{id, ts, userId, name, props}`.
    Domain,
    /// A Shopify webhook of one topic, such as `orders/create`.
    Shopify {
        /// The value of `x-shopify-topic`.
        topic: String,
    },
    /// A Twilio webhook as JSON.
    Twilio,
    /// A Twilio webhook as `application/x-www-form-urlencoded`, which is what Twilio sends.
    TwilioForm,
    /// A transaction at a point of sale.
    Pos,
    /// An event of Stripe, as its webhooks carry it.
    Stripe,
}

/// Why a text names no wire form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a wire form: {0:?} (one of envelope, domain, shopify:TOPIC, twilio, twilio-form, pos, stripe)"
)]
pub struct WireFormError(String);

impl fmt::Display for WireForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Envelope => "envelope",
            Self::Domain => "domain",
            Self::Shopify { topic } => return write!(f, "shopify:{topic}"),
            Self::Twilio => "twilio",
            Self::TwilioForm => "twilio-form",
            Self::Pos => "pos",
            Self::Stripe => "stripe",
        })
    }
}

impl FromStr for WireForm {
    type Err = WireFormError;

    fn from_str(text: &str) -> Result<Self, WireFormError> {
        Ok(match text {
            "envelope" => Self::Envelope,
            "domain" => Self::Domain,
            "twilio" => Self::Twilio,
            "twilio-form" => Self::TwilioForm,
            "pos" => Self::Pos,
            "stripe" => Self::Stripe,
            other => match other.strip_prefix("shopify:") {
                Some(topic) if !topic.is_empty() => Self::Shopify { topic: topic.to_owned() },
                _ => return Err(WireFormError(other.chars().take(80).collect())),
            },
        })
    }
}
