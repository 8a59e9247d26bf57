//! What a fold wants written, all in one transaction.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ciq_event::{
    EventId, EventType, Knowledge, LineItem, MergeId, Message, Money, Sentiment, Source, StoreVisit,
};
use ciq_identity::{CustomerKey, Identifier, Link};
use jiff::Timestamp;

use crate::{Customer, Decision, Fields, ReviewId};

/// The next free numbers of a brand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counters {
    /// Of customers.
    pub customer_key: i64,
    /// Of the log: messages and decisions share one sequence.
    pub log_seq: i64,
    /// Of events.
    pub event_seq: i64,
}

/// What a fold wants written, all in one transaction. A customer stands here once, however many
/// events touched it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Messages to log.
    pub messages: Vec<MessageRow>,
    /// Decisions to log.
    pub decisions: Vec<DecisionRow>,
    /// New events, in order.
    pub events: Vec<EventRow>,
    /// Orders, new or with an earlier telling than before.
    pub purchases: BTreeMap<String, PurchaseRow>,
    /// Work orders, new or moved on.
    pub work_orders: BTreeMap<String, WorkOrderRow>,
    /// New notes.
    pub knowledge: Vec<KnowledgeRow>,
    /// New visits.
    pub store_visits: Vec<StoreVisitRow>,
    /// Identifiers, new or seen earlier than before.
    pub identifiers: BTreeMap<(Identifier, CustomerKey), Timestamp>,
    /// Customers in their new state, each a root.
    pub customers: Vec<CustomerRow>,
    /// Roots whose subscriptions may be others than before, also because they are no roots any more.
    pub subscribers: BTreeSet<CustomerKey>,
    /// Customers that came into being and were merged into another in the same batch, with the
    /// events that minted them.
    pub short_lived: BTreeMap<CustomerKey, EventId>,
    /// Origins and the roots that they stand under from now on.
    pub roots: BTreeMap<CustomerKey, CustomerKey>,
    /// Merges that happened.
    pub merges: Vec<MergeRow>,
    /// Links that the merges added.
    pub links: Vec<Link>,
    /// Merges undone, each with the decision's time.
    pub undone: Vec<(MergeId, Timestamp)>,
    /// Pairs of origins that nothing automatic may join.
    pub pins: BTreeSet<(CustomerKey, CustomerKey)>,
    /// Pairs that may be joined again.
    pub lifted_pins: BTreeSet<(CustomerKey, CustomerKey)>,
    /// Sets of customers for a person to look at.
    pub reviews: Vec<QueueRow>,
    /// Reviews that were settled.
    pub review_statuses: Vec<(ReviewId, QueueStatus)>,
    /// What could not become an event.
    pub dead_letters: Vec<DeadLetterRow>,
    /// Customers to erase.
    pub erasures: Vec<Erasure>,
}

/// A message of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageRow {
    /// Its place in the log.
    pub seq: i64,
    /// The message.
    pub message: Arc<Message>,
}

/// A decision of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionRow {
    /// Its place in the log.
    pub seq: i64,
    /// The decision.
    pub decision: Decision,
}

/// An event of the timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// Its number.
    pub seq: i64,
    /// Its id.
    pub id: EventId,
    /// The message that told of it.
    pub message_seq: i64,
    /// Its origin: the customer that it was attached to first, before any merge.
    pub origin: CustomerKey,
    /// What happened.
    pub event_type: EventType,
    /// Who said so.
    pub source: Source,
    /// When.
    pub occurred_at: Timestamp,
    /// One line.
    pub title: Option<String>,
    /// The text, or its summary.
    pub description: Option<String>,
    /// The whole text where [`Self::description`] is a summary: what search reads.
    pub full_text: Option<String>,
    /// The money involved.
    pub amount: Option<Money>,
    /// A state.
    pub status: Option<String>,
    /// What an agent wrote.
    pub agent_notes: Option<String>,
    /// What it sounded like.
    pub sentiment: Option<Sentiment>,
    /// The products that it is about.
    pub line_items: Vec<LineItem>,
    /// JSON list of the identifiers that took no effect, with reasons; `None` when all did.
    pub left_out: Option<String>,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PurchaseRow {
    /// The event whose telling counts: the earliest by event time.
    pub event_seq: i64,
    /// Its id; breaks ties of time.
    pub event_id: EventId,
    /// Whose it is.
    pub origin: CustomerKey,
    /// The product, or the first of several.
    pub product_name: String,
    /// Its stock keeping unit.
    pub product_sku: Option<String>,
    /// How many.
    pub quantity: Option<i64>,
    /// Price of one.
    pub price: Option<Money>,
    /// What it cost.
    pub total: Money,
    /// When.
    pub purchased_at: Timestamp,
    /// When the warranty ends.
    pub warranty_expires_at: Option<Timestamp>,
}

/// A work order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkOrderRow {
    /// The earliest event that told of it.
    pub event_seq: i64,
    /// Its id; breaks ties of time.
    pub opened_by: EventId,
    /// When that happened.
    pub opened_at: Timestamp,
    /// Whose it is: the customer who opened it.
    pub origin: CustomerKey,
    /// Everything that moves on, each field as of its latest word.
    pub fields: Fields,
}

/// A note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnowledgeRow {
    /// The event that carried it.
    pub event_seq: i64,
    /// The note.
    pub knowledge: Knowledge,
}

/// A visit to a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreVisitRow {
    /// The event that told of it.
    pub event_seq: i64,
    /// The visit.
    pub visit: StoreVisit,
}

/// An identifier of an origin.
pub type IdentifierRow = ((Identifier, CustomerKey), Timestamp);

/// A customer in its new state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerRow {
    /// The customer.
    pub customer: Arc<Customer>,
    /// What it spent, in the currency that stands for it.
    pub lifetime_value: Money,
    /// Whether anything but sums may differ from before: names, identifiers, the first event, who
    /// stands under it.
    pub is_identity_changed: bool,
}

/// A merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeRow {
    /// Its id.
    pub id: MergeId,
    /// By the event, or the decision, that caused it.
    pub merged_at: Timestamp,
    /// `identifier_match`, `manual_review`, or a person's words.
    pub reason: String,
    /// `system`, or who decided.
    pub actor: String,
    /// Who survived.
    pub base: CustomerKey,
    /// Who was taken in.
    pub absorbed: Vec<CustomerKey>,
    /// JSON: the identifiers and the event, or the decision, that showed it.
    pub evidence: String,
    /// JSON list of the customers before.
    pub before: String,
    /// JSON of the customer after.
    pub after: String,
}

/// A set of customers for a person to look at, or more evidence for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueRow {
    /// Names the set.
    pub id: ReviewId,
    /// The customers, in order of key.
    pub customers: Vec<CustomerKey>,
    /// Why, as the first event found it.
    pub reason: String,
    /// The event that shows it.
    pub event_id: EventId,
    /// When that happened.
    pub occurred_at: Timestamp,
}

/// What became of a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueStatus {
    /// A person approved it.
    Merged,
    /// A person rejected it.
    Rejected,
}

/// What could not become an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetterRow {
    /// The message.
    pub message: Arc<Message>,
    /// The field at fault.
    pub field: String,
    /// Why.
    pub reason: String,
}

/// A customer to erase, with all its origins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// The root and everything merged into it.
    pub origins: BTreeSet<CustomerKey>,
}
