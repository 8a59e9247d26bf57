//! The event: one thing that happened, whatever form it arrived in.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;

use crate::{AccountUpdate, ContactPoint, EventId, Money, Rejection, SubscriptionUpdate};

/// One thing that happened. Immutable; its raw bytes stay with the [`crate::Message`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Equal for equal messages.
    pub id: EventId,
    /// What happened.
    pub event_type: EventType,
    /// When it happened, by the message; the arrival where the message does not say.
    pub occurred_at: Timestamp,
    /// Which service said so.
    pub source: Source,
    /// What points at the customer, as sent.
    pub contacts: Vec<ContactPoint>,
    /// What the event says about the customer as a person or account.
    pub profile: Profile,
    /// One line for a timeline.
    pub title: Option<String>,
    /// The text, whole.
    pub description: Option<String>,
    /// The money involved.
    pub amount: Option<Money>,
    /// A state, such as `open`.
    pub status: Option<String>,
    /// What an agent wrote beside it.
    pub agent_notes: Option<String>,
    /// What it sounded like, where the event says.
    pub sentiment: Option<Sentiment>,
    /// The products that it is about.
    pub line_items: Vec<LineItem>,
    /// What the event does beyond standing in the timeline.
    pub payload: Payload,
    /// A note worth remembering about the customer, where the event carries one.
    pub knowledge: Option<Knowledge>,
}

/// A product in an order, a cart or on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineItem {
    /// What it is called; its number where it has no name.
    pub product_name: String,
    /// What kind of product it is.
    pub category: Option<String>,
    /// How many; 1 where the event does not say.
    pub quantity: i64,
    /// Price of one.
    pub price: Option<Money>,
}

/// What a customer's words sounded like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sentiment {
    /// Dissatisfied.
    Negative,
    /// Neither, or in words that are not known.
    Neutral,
    /// Satisfied.
    Positive,
}

impl Sentiment {
    /// Reads what events say, in any case: `positive`, `negative` and words like them. Anything
    /// else is neutral.
    #[must_use]
    pub fn of(text: &str) -> Self {
        match text.trim().to_ascii_lowercase().as_str() {
            "positive" | "happy" | "satisfied" => Self::Positive,
            "negative" | "angry" | "frustrated" | "dissatisfied" => Self::Negative,
            _ => Self::Neutral,
        }
    }

    /// Returns the name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Negative => "negative",
            Self::Neutral => "neutral",
            Self::Positive => "positive",
        }
    }
}

/// What an event does beyond standing in the timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    /// Nothing.
    Generic,
    /// Money was spent.
    Purchase(Purchase),
    /// A repair or service request was opened or moved on.
    WorkOrder(WorkOrder),
    /// The customer was in a store.
    StoreVisit(StoreVisit),
    /// An account moved on, or was used.
    Account(AccountUpdate),
    /// A subscription began, changed or ended, or a payment for it went well or failed.
    Subscription(SubscriptionUpdate),
}

/// An order. One per `purchase_id`, however often it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purchase {
    /// Unique within the brand; prefixed with the system where the system's ids are its own.
    pub purchase_id: String,
    /// The product, or the first of several.
    pub product_name: String,
    /// Its stock keeping unit.
    pub product_sku: Option<String>,
    /// How many.
    pub quantity: Option<i64>,
    /// Price of one.
    pub price: Option<Money>,
    /// What the order cost: this is what lifetime value adds up.
    pub total: Money,
    /// When the warranty ends.
    pub warranty_expires_at: Option<Timestamp>,
}

/// A work order as one event tells it: fields that the event does not mention are `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkOrder {
    /// Unique within the brand.
    pub work_order_id: String,
    /// Such as `repair`.
    pub order_type: String,
    /// What is wrong.
    pub issue_description: Option<String>,
    /// What was done.
    pub resolution: Option<String>,
    /// Such as `open`, `completed`.
    pub status: Option<String>,
    /// Such as `high`.
    pub priority: Option<String>,
    /// Who works on it.
    pub assigned_to: Option<String>,
    /// When it was done, where the event says.
    pub completed_at: Option<Timestamp>,
    /// What it cost.
    pub cost: Option<Money>,
}

/// A visit to a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreVisit {
    /// Which store.
    pub store_id: String,
    /// Its name.
    pub store_name: Option<String>,
    /// When the customer came.
    pub check_in_at: Timestamp,
    /// When the customer left.
    pub check_out_at: Option<Timestamp>,
    /// How the visit was noticed, such as `qr_scan`.
    pub detection_method: Option<String>,
}

/// A note worth remembering about a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Knowledge {
    /// The note.
    pub content: String,
    /// What it is about.
    pub category: Option<String>,
    /// Such as `high`.
    pub importance: Option<String>,
    /// Free words.
    pub tags: Vec<String>,
}

/// What an event says about the customer. A later event's word replaces an earlier one's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// The customer's name.
    pub name: Option<String>,
    /// The address to write to, where the event sets it (a profile update does; a purchase that
    /// merely carries an address does not).
    pub email: Option<String>,
    /// The number to call, likewise.
    pub phone: Option<String>,
    /// The company.
    pub company: Option<String>,
    /// Such as `active`.
    pub status: Option<String>,
    /// Free words; a later list replaces an earlier one.
    pub tags: Option<Vec<String>>,
    /// Further fields by name; each value is JSON text, minified.
    pub custom_fields: BTreeMap<String, String>,
}

/// Defines a short, validated text.
macro_rules! short_text {
    ($(#[$doc:meta])* $name:ident, $field:literal, $max:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Most bytes it may have.
            pub const LENGTH_MAX: usize = $max;

            /// Parses a text of 1 to the most bytes, without control characters.
            pub fn parse(text: &str) -> Result<Self, Rejection> {
                let text = text.trim();
                if text.is_empty() || text.len() > Self::LENGTH_MAX {
                    let remedy = format!("send 1 to {} bytes", Self::LENGTH_MAX);
                    return Err(Rejection::new($field, remedy));
                }
                if text.chars().any(char::is_control) {
                    return Err(Rejection::new($field, "must not contain control characters"));
                }
                Ok(Self(text.to_owned()))
            }

            /// Trusts a text that was parsed before.
            pub fn from_raw(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// Returns the text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

short_text!(
    /// What happened, such as `purchase`.
    EventType,
    "event_type",
    128
);
short_text!(
    /// Which service said so, such as `e-commerce-service`.
    Source,
    "source_service",
    128
);

impl EventType {
    /// Tells whether events of a type of this name tell of an order.
    #[must_use]
    pub fn is_name_of_order(name: &str) -> bool {
        matches!(name, "purchase" | "order" | "order_placed")
    }
}

impl Source {
    /// The source of an event that does not say.
    #[must_use]
    pub fn unknown() -> Self {
        Self("unknown".to_owned())
    }

    /// Tells whether a service of this name stands in a store, so that its orders are made there.
    #[must_use]
    pub fn is_name_of_store(name: &str) -> bool {
        matches!(name, "pos" | "till" | "store" | "retail")
    }
}
