//! The fold: entries over a working set.

use std::collections::BTreeMap;
use std::sync::Arc;

use ciq_event::{Event, EventId, MergeId, Message, Payload, Rejection};
use ciq_identity::{
    CustomerKey, Directory, Holding, Identifier, Link, Outcome, Review, Verdict, decide,
};
use serde_json::json;

use crate::changes::{
    CustomerRow, DeadLetterRow, KnowledgeRow, MessageRow, QueueRow, StoreVisitRow,
};
use crate::merge::{Merge, carry_out};
use crate::rows::{Place, event_row, merge_work_order, purchase_row, work_order_row};
use crate::{
    Changes, Customer, Entry, EntryOutcome, EventOutcome, EventRow, Prepared, PreparedEvent,
    PurchaseRow, ReviewId, Settings, Settled, WorkingSet,
};

/// The reason of a merge that identifiers show.
const IDENTIFIER_MATCH: &str = "identifier_match";

/// The actor of a merge that no person decided.
const SYSTEM: &str = "system";

/// Walks entries in order over the working set. Returns what to write and what became of each.
/// The working set is then as if all had been written and loaded again.
pub fn fold(
    working: &mut WorkingSet,
    entries: &[Entry],
    settings: &Settings,
) -> (Changes, Vec<EntryOutcome>) {
    fold_settled(working, entries, &BTreeMap::new(), settings)
}

/// Does the same, but nobody is looked for and nobody merged for the events that are `settled`:
/// each goes to its origin again, which must be loaded, with all that was merged with it since and
/// all that it holds. Work orders are left to the caller.
pub fn fold_settled(
    working: &mut WorkingSet,
    entries: &[Entry],
    settled: &BTreeMap<EventId, Settled>,
    settings: &Settings,
) -> (Changes, Vec<EntryOutcome>) {
    let mut folding = Folding {
        working,
        settings,
        settled,
        changes: Changes::default(),
        touched: BTreeMap::new(),
        created: BTreeMap::new(),
    };
    let outcomes = entries.iter().map(|entry| folding.take(entry)).collect();
    (folding.finish(), outcomes)
}

/// Whether the events of a message get a customer of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Own {
    /// They go to whoever holds their identifiers.
    NotWanted,
    /// The next one makes a customer.
    Wanted,
    /// This one was made for them.
    Made(CustomerKey),
}

/// The verdict on an event for which nobody is looked for.
fn unresolved(item: &PreparedEvent, outcome: Outcome) -> Verdict {
    let kept = item.identifiers.clone();
    Verdict { outcome, kept, left_out: Vec::new(), review: None }
}

/// How much of a customer changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Touch {
    /// Sums only.
    Sums,
    /// Also names, identifiers, the first event, or who stands under it.
    Identity,
}

struct Folding<'a> {
    working: &'a mut WorkingSet,
    settings: &'a Settings,
    settled: &'a BTreeMap<EventId, Settled>,
    changes: Changes,
    touched: BTreeMap<CustomerKey, Touch>,
    created: BTreeMap<CustomerKey, EventId>,
}

impl Folding<'_> {
    fn take(&mut self, entry: &Entry) -> EntryOutcome {
        match entry {
            Entry::Told(prepared) => EntryOutcome::Events(self.take_message(prepared)),
            Entry::Rejected { message, rejection } => {
                self.bury(message, rejection);
                EntryOutcome::Rejected(rejection.clone())
            }
        }
    }

    fn bury(&mut self, message: &Arc<Message>, rejection: &Rejection) {
        let Rejection { field, reason } = rejection.clone();
        self.changes.dead_letters.push(DeadLetterRow {
            message: Arc::clone(message),
            field,
            reason,
        });
    }

    fn take_message(&mut self, prepared: &Prepared) -> Vec<EventOutcome> {
        let Prepared { message, events } = prepared;
        let message_seq = self.working.next.log_seq;
        let mut own = if message.is_unresolved { Own::Wanted } else { Own::NotWanted };
        let outcomes: Vec<_> =
            events.iter().map(|item| self.take_event(item, message_seq, &mut own)).collect();
        let is_any = |wanted: fn(&EventOutcome) -> bool| outcomes.iter().any(wanted);
        if is_any(|outcome| matches!(outcome, EventOutcome::Stored { .. })) {
            self.working.next.log_seq += 1;
            self.changes
                .messages
                .push(MessageRow { seq: message_seq, message: Arc::clone(message) });
        } else if let Some(EventOutcome::Refused { rejection, .. }) =
            outcomes.iter().find(|outcome| matches!(outcome, EventOutcome::Refused { .. }))
        {
            self.bury(message, rejection);
        }
        outcomes
    }

    fn take_event(
        &mut self,
        item: &PreparedEvent,
        message_seq: i64,
        own: &mut Own,
    ) -> EventOutcome {
        let event = &item.event;
        if self.working.known_events.contains(&event.id) {
            return EventOutcome::Duplicate { event: event.id };
        }
        if let Some(settled) = self.settled.get(&event.id)
            && self.working.roots.contains_key(&settled.origin)
        {
            return self.take_settled(event, message_seq, settled);
        }
        let verdict = match own {
            Own::NotWanted => decide(&item.identifiers, &*self.working, &self.settings.policy),
            Own::Wanted => unresolved(item, Outcome::Create),
            Own::Made(root) => unresolved(item, Outcome::Attach(*root)),
        };
        let Some(root) = self.settle(item, &verdict) else {
            let reason = "nobody known holds its identifiers, and NATS_AUTO_CREATE_CUSTOMER is off";
            let rejection = Rejection::new("customer_id", reason);
            return EventOutcome::Refused { event: event.id, rejection };
        };
        if *own == Own::Wanted {
            *own = Own::Made(root);
        }
        let origin = self.origin_of(root, &item.identifiers);
        let place = self.place(event.id, message_seq, origin);
        let limit = self.settings.summary_length_max;
        self.changes.events.push(event_row(event, place, &verdict.left_out, limit));
        self.hold(root, origin, &verdict.kept, event);
        self.add(root, place, event);
        self.apply(root, place, event);
        if let Some(review) = verdict.review {
            self.queue(&review, event);
        }
        let customer = self.refresh(root);
        EventOutcome::Stored { event: event.id, customer }
    }

    fn take_settled(&mut self, event: &Event, message_seq: i64, settled: &Settled) -> EventOutcome {
        let root = self.working.root_of(settled.origin);
        let place = self.place(event.id, message_seq, settled.origin);
        let row = event_row(event, place, &[], self.settings.summary_length_max);
        self.changes.events.push(EventRow { left_out: settled.left_out.clone(), ..row });
        self.add(root, place, event);
        let is_applied = match &event.payload {
            Payload::Purchase(_) => settled.is_order_counted,
            Payload::WorkOrder(_) => false,
            Payload::StoreVisit(_)
            | Payload::Account(_)
            | Payload::Subscription(_)
            | Payload::Generic => true,
        };
        if is_applied {
            self.apply(root, place, event);
        }
        let customer = self.refresh(root);
        EventOutcome::Stored { event: event.id, customer }
    }

    /// Gives a new event its number.
    fn place(&mut self, event: EventId, message_seq: i64, origin: CustomerKey) -> Place {
        self.working.known_events.insert(event);
        let seq = self.working.next.event_seq;
        self.working.next.event_seq += 1;
        Place { seq, message_seq, origin }
    }

    /// Makes or merges customers as the verdict says; returns the root that the event goes to.
    fn settle(&mut self, item: &PreparedEvent, verdict: &Verdict) -> Option<CustomerKey> {
        match &verdict.outcome {
            Outcome::Refuse => None,
            Outcome::Attach(root) => Some(*root),
            Outcome::Create => {
                let key = CustomerKey(self.working.next.customer_key);
                self.working.next.customer_key += 1;
                let customer = Customer::new(key, item.event.id);
                self.working.customers.insert(key, Arc::new(customer));
                self.working.roots.insert(key, key);
                self.created.insert(key, item.event.id);
                self.touched.insert(key, Touch::Identity);
                Some(key)
            }
            Outcome::Merge { base, absorbed } => {
                self.merge(item, *base, absorbed.clone());
                Some(*base)
            }
        }
    }

    fn merge(&mut self, item: &PreparedEvent, base: CustomerKey, absorbed: Vec<CustomerKey>) {
        let id = MergeId::caused_by_event(item.event.id);
        let shown = |root: CustomerKey| self.origin_of(root, &item.identifiers);
        let base_origin = shown(base);
        let links = absorbed.iter().map(|root| Link { merge: id, a: shown(*root), b: base_origin });
        let identifiers: Vec<_> = item
            .identifiers
            .iter()
            .filter(|identifier| !self.working.holders(identifier).is_empty())
            .map(|held| json!({"kind": held.kind().name(), "value": held.value()}))
            .collect();
        let merge = Merge {
            id,
            merged_at: item.event.occurred_at,
            reason: IDENTIFIER_MATCH.to_owned(),
            actor: SYSTEM.to_owned(),
            base,
            links: links.collect(),
            evidence: json!({"event_id": item.event.id.to_string(), "identifiers": identifiers}),
            absorbed,
        };
        for root in &merge.absorbed {
            self.touched.remove(root);
        }
        carry_out(self.working, &mut self.changes, merge);
        self.touched.insert(base, Touch::Identity);
    }

    /// The origin under a root that holds the most trusted of the identifiers; the root itself
    /// where none does.
    fn origin_of(&self, root: CustomerKey, identifiers: &[Identifier]) -> CustomerKey {
        let mut held = identifiers.iter().filter_map(|id| self.working.origin_under(root, id));
        held.next().unwrap_or(root)
    }

    fn hold(&mut self, root: CustomerKey, origin: CustomerKey, kept: &[Identifier], event: &Event) {
        let at = event.occurred_at;
        let held_by_root = self.working.customers.get_mut(&root).map(Arc::make_mut);
        let Some(customer) = held_by_root else { return };
        for identifier in kept {
            let held = customer.candidate.identifiers.get_mut(identifier);
            let owner = match held {
                Some(holding) if holding.first_seen_at <= at => continue,
                Some(holding) => {
                    holding.first_seen_at = at;
                    holding.origin
                }
                None => {
                    let holding = Holding { origin, first_seen_at: at };
                    customer.candidate.identifiers.insert(identifier.clone(), holding);
                    self.working.holders.entry(identifier.clone()).or_default().insert(origin);
                    origin
                }
            };
            // What is seen first stands for its kind, so an earlier sight is a change too.
            if identifier.kind().is_lasting() && !identifier.kind().is_of_a_device() {
                self.touched.insert(root, Touch::Identity);
            }
            self.changes.identifiers.insert((identifier.clone(), owner), at);
        }
    }

    /// Adds an event to its customer, without what it tells of besides.
    fn add(&mut self, root: CustomerKey, place: Place, event: &Event) {
        if let Some(customer) = self.working.customer_mut(root) {
            let first = customer.state.first_event;
            let mut is_changed = customer.state.add_event(event);
            is_changed |= customer.state.first_event != first;
            self.touch(root, if is_changed { Touch::Identity } else { Touch::Sums });
        }
        if let Some(knowledge) = event.knowledge.clone() {
            self.changes.knowledge.push(KnowledgeRow { event_seq: place.seq, knowledge });
        }
    }

    /// Carries out what an event tells of: an order, a work order, a visit.
    fn apply(&mut self, root: CustomerKey, place: Place, event: &Event) {
        match &event.payload {
            Payload::Generic | Payload::Account(_) => {}
            Payload::Subscription(_) => drop(self.changes.subscribers.insert(root)),
            Payload::Purchase(purchase) => {
                let row = purchase_row(event, purchase, place);
                self.take_order(purchase.purchase_id.clone(), row);
            }
            Payload::WorkOrder(order) => {
                let told = work_order_row(event, order, place);
                let id = order.work_order_id.clone();
                let held = self.working.work_orders.entry(id.clone());
                let row =
                    held.and_modify(|held| merge_work_order(held, told.clone())).or_insert(told);
                self.changes.work_orders.insert(id, row.clone());
            }
            Payload::StoreVisit(visit) => {
                let visit = visit.clone();
                self.changes.store_visits.push(StoreVisitRow { event_seq: place.seq, visit });
            }
        }
    }

    /// An order counts once: by its earliest telling, whatever order the tellings arrive in.
    fn take_order(&mut self, id: String, told: PurchaseRow) {
        if let Some(held) = self.working.purchases.get(&id) {
            if (held.purchased_at, held.event_id) <= (told.purchased_at, told.event_id) {
                return;
            }
            let (holder, total) = (self.working.root_of(held.origin), held.total);
            if let Some(customer) = self.working.customer_mut(holder) {
                customer.state.take_back_order(total);
                self.touch(holder, Touch::Sums);
                self.refresh(holder);
            }
        }
        let root = self.working.root_of(told.origin);
        if let Some(customer) = self.working.customer_mut(root) {
            customer.state.add_order(told.total);
            self.touch(root, Touch::Sums);
        }
        self.working.purchases.insert(id.clone(), told.clone());
        self.changes.purchases.insert(id, told);
    }

    fn queue(&mut self, review: &Review, event: &Event) {
        let minted = review
            .customers
            .iter()
            .filter_map(|key| self.working.customers.get(key))
            .map(|customer| &customer.minted_by);
        self.changes.reviews.push(QueueRow {
            id: ReviewId::of_set(minted),
            customers: review.customers.clone(),
            reason: review.reason.to_string(),
            event_id: event.id,
            occurred_at: event.occurred_at,
        });
    }

    fn touch(&mut self, root: CustomerKey, touch: Touch) {
        let held = self.touched.entry(root).or_insert(touch);
        *held = touch.max(*held);
    }

    fn refresh(&mut self, root: CustomerKey) -> ciq_event::CustomerId {
        let Some(customer) = self.working.customer_mut(root) else {
            debug_assert!(false, "an event's customer is loaded");
            return ciq_event::CustomerId::from_raw("");
        };
        customer.refresh();
        customer.candidate.id.clone()
    }

    fn finish(mut self) -> Changes {
        for (key, touch) in self.touched {
            let Some(customer) = self.working.customers.get(&key) else { continue };
            self.created.remove(&key);
            self.changes.customers.push(CustomerRow {
                lifetime_value: customer.lifetime_value(self.settings.context.currency),
                customer: Arc::clone(customer),
                is_identity_changed: touch == Touch::Identity,
            });
        }
        self.changes.short_lived = self.created;
        self.changes
    }
}
