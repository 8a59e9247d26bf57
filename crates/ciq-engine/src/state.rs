//! What is known of a customer beside identifiers: a commutative sum of its events.

use std::collections::BTreeMap;

use ciq_event::{Account, Currency, Event, EventId, Money, Payload, Subscription};
use jiff::Timestamp;

use crate::{Fields, account, subscription};

/// The event that a customer's history begins with, by event time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FirstEvent {
    /// When it happened.
    pub at: Timestamp,
    /// Which it was; breaks ties.
    pub id: EventId,
    /// Whether it was an order: repeat orders are counted without it.
    pub is_order: bool,
}

/// A commutative sum of events: adding events and merging states in any order gives the same
/// state. Orders are added apart from events, because an order may be told more than once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// Name, company and so on, each as of its latest word.
    pub fields: Fields,
    /// What was spent, by currency. Never holds a zero.
    pub totals: BTreeMap<Currency, i64>,
    /// Distinct orders.
    pub order_count: i64,
    /// Events.
    pub event_count: i64,
    /// Visits to stores.
    pub store_visit_count: i64,
    /// Calls that its account made.
    pub api_call_count: i64,
    /// When its account made the latest.
    pub last_api_call_at: Option<Timestamp>,
    /// The earliest event. `None` only without events.
    pub first_event: Option<FirstEvent>,
    /// When the latest event happened.
    pub last_event_at: Option<Timestamp>,
}

impl State {
    /// Adds an event, but not the order that it may tell of. Tells whether a field has another
    /// value now.
    pub fn add_event(&mut self, event: &Event) -> bool {
        let is_changed = self.fields.take_profile(&event.profile, event.occurred_at);
        self.event_count += 1;
        match &event.payload {
            Payload::StoreVisit(_) => self.store_visit_count += 1,
            Payload::Account(update) => account::add(self, update, event.occurred_at),
            Payload::Subscription(update) => {
                subscription::add(&mut self.fields, update, (event.occurred_at, event.id));
            }
            Payload::Generic | Payload::Purchase(_) | Payload::WorkOrder(_) => {}
        }
        let is_order = matches!(event.payload, Payload::Purchase(_));
        let first = FirstEvent { at: event.occurred_at, id: event.id, is_order };
        self.take_bounds(Some(first), Some(event.occurred_at));
        is_changed
    }

    /// Adds an order.
    pub fn add_order(&mut self, total: Money) {
        self.order_count += 1;
        self.add_total(total.currency, total.minor);
    }

    /// Takes back an order that turned out to be an earlier one told again.
    pub fn take_back_order(&mut self, total: Money) {
        self.order_count -= 1;
        self.add_total(total.currency, -total.minor);
    }

    /// Takes in another customer's state.
    pub fn merge(&mut self, other: Self) {
        let Self {
            fields,
            totals,
            order_count,
            event_count,
            store_visit_count,
            api_call_count,
            last_api_call_at,
            first_event,
            last_event_at,
        } = other;
        self.fields.merge(fields);
        for (currency, minor) in totals {
            self.add_total(currency, minor);
        }
        self.order_count += order_count;
        self.event_count += event_count;
        self.store_visit_count += store_visit_count;
        self.api_call_count = self.api_call_count.saturating_add(api_call_count);
        self.last_api_call_at = self.last_api_call_at.max(last_api_call_at);
        self.take_bounds(first_event, last_event_at);
    }

    /// Returns the customer's account; `None` where no event told of one.
    #[must_use]
    pub fn account(&self) -> Option<Account> {
        account::of(self)
    }

    /// Returns the customer's subscriptions by id; none where no event told of one.
    #[must_use]
    pub fn subscriptions(&self) -> Vec<Subscription> {
        subscription::all_of(&self.fields)
    }

    /// Tells whether any event told of a subscription.
    #[must_use]
    pub fn has_subscriptions(&self) -> bool {
        subscription::are_in(&self.fields)
    }

    /// Returns how many orders came after the event that the history begins with.
    #[must_use]
    pub fn repeat_order_count(&self) -> u64 {
        let first = i64::from(self.first_event.is_some_and(|event| event.is_order));
        u64::try_from(self.order_count - first).unwrap_or(0)
    }

    /// Returns the total in the currency that stands for the customer: the brand's own if
    /// anything was spent in it, else the alphabetically first. Currencies are never added up.
    #[must_use]
    pub fn lifetime_value(&self, preferred: Currency) -> Money {
        let main = match self.totals.get(&preferred) {
            None => self.totals.first_key_value(),
            Some(minor) => Some((&preferred, minor)),
        };
        let (currency, minor) = main.unwrap_or((&preferred, &0));
        Money { minor: *minor, currency: *currency }
    }

    fn add_total(&mut self, currency: Currency, minor: i64) {
        let total = self.totals.entry(currency).or_insert(0);
        *total = total.saturating_add(minor);
        if *total == 0 {
            self.totals.remove(&currency);
        }
    }

    fn take_bounds(&mut self, first: Option<FirstEvent>, last: Option<Timestamp>) {
        self.first_event = match (self.first_event, first) {
            (Some(held), Some(new)) => Some(held.min(new)),
            (held, new) => held.or(new),
        };
        self.last_event_at = self.last_event_at.max(last);
    }
}
