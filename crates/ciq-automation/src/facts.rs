//! What is known of one customer when a rule is asked.

use std::collections::BTreeMap;

use ciq_event::Severity;
use jiff::Timestamp;
use serde_json::Value;

use crate::Channel;

/// What is known of one customer as of a time. Plain values: whoever asks a rule gathers them.
///
/// Amounts are whole minor units of [`currency`](Self::currency), of which
/// [`currency_digits`](Self::currency_digits) are decimals.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// Who.
    pub customer_id: String,
    /// What the customer is called.
    pub name: Option<String>,
    /// Where mail goes.
    pub email: Option<String>,
    /// Digits in international form, with or without `+`.
    pub phone: Option<String>,
    /// The number on WhatsApp, with or without `+`. Without one, the phone stands in.
    pub whatsapp: Option<String>,
    /// Where the customer works.
    pub company: Option<String>,
    /// What the operator calls the state of the customer, such as `active`.
    pub status: Option<String>,
    /// The probability of leaving, 0 to 1.
    pub churn: Option<f64>,
    /// What the customer is predicted to be worth in all, minor units.
    pub lifetime_value_minor: i64,
    /// What the customer spent so far, minor units.
    pub spent_minor: i64,
    /// ISO 4217, three letters.
    pub currency: String,
    /// How many decimals the currency has.
    pub currency_digits: u32,
    /// How many orders so far.
    pub order_count: u32,
    /// Whole days since the last order.
    pub recency_days: Option<u32>,
    /// How well the customer is known, percent.
    pub strength: u8,
    /// The segment, such as `champion`.
    pub segment: Option<String>,
    /// When that segment was entered.
    pub segment_since: Option<Timestamp>,
    /// The segment before it.
    pub previous_segment: Option<String>,
    /// The stage of the journey, such as `retention`.
    pub stage: Option<String>,
    /// The score of the journey, 0 to 100.
    pub journey_score: Option<u8>,
    /// When the customer last did anything.
    pub last_event_at: Option<Timestamp>,
    /// When the customer last ordered.
    pub last_order_at: Option<Timestamp>,
    /// When the customer was last in a store.
    pub last_store_visit_at: Option<Timestamp>,
    /// Which store that was: its id or its name, as rules name it.
    pub store_visit_store: Option<String>,
    /// Every product put into the cart and neither bought nor taken out since, whatever its age.
    pub carts: Vec<CartFact>,
    /// The active intents.
    pub intents: Vec<IntentFact>,
    /// The open interventions.
    pub interventions: Vec<InterventionFact>,
    /// The tags.
    pub tags: Vec<String>,
    /// Custom fields by name.
    pub fields: BTreeMap<String, Value>,
    /// What the customer said about each channel: `true` is a yes, `false` a no.
    pub consents: BTreeMap<Channel, bool>,
    /// Whether the customer wants nothing from us on any channel.
    pub is_unsubscribed: bool,
    /// Whether the customer was erased.
    pub is_erased: bool,
    /// What went out to the customer in the last 31 days. Sends that a worker has, and those of
    /// which nobody knows whether they arrived, count as well; the one that is asked about does not.
    pub sent: Vec<SentFact>,
}

/// A product that waits in a cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CartFact {
    /// What it is called.
    pub product_name: String,
    /// Its category.
    pub category: Option<String>,
    /// Its price, minor units.
    pub price_minor: Option<i64>,
    /// When it was put there.
    pub added_at: Timestamp,
}

/// A product that the customer seems to want.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntentFact {
    /// What it is called.
    pub product_name: String,
    /// Its category.
    pub category: Option<String>,
    /// How much, 0 to 100.
    pub score: u8,
    /// When the intent began. It tells one intent from the next.
    pub first_at: Timestamp,
    /// When it last showed.
    pub last_at: Timestamp,
}

/// An open intervention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterventionFact {
    /// Its kind, such as `error_debugging`.
    pub kind: String,
    /// How bad it is.
    pub severity: Severity,
    /// Since when.
    pub opened_at: Timestamp,
}

/// A message that went out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentFact {
    /// When.
    pub at: Timestamp,
    /// How.
    pub channel: Channel,
    /// The id of the automation that sent it.
    pub automation: String,
}
