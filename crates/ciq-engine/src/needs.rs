//! What a batch has to know before it can be folded.

use std::collections::BTreeSet;

use ciq_event::{CustomerId, EventId, IdentifierKind, MergeId, Payload};
use ciq_identity::Identifier;

use crate::{Action, Decision, Entry, ReviewId};

/// What a batch has to know before it can be folded. The store answers each set with one query.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Which of these events are stored already, or erased?
    pub events: BTreeSet<EventId>,
    /// Who holds these?
    pub identifiers: BTreeSet<Identifier>,
    /// Are these orders known?
    pub purchases: BTreeSet<String>,
    /// Are these work orders known?
    pub work_orders: BTreeSet<String>,
    /// Who are these?
    pub customers: BTreeSet<CustomerId>,
    /// What did this merge do? Brings the whole history of the customers concerned.
    pub undo: Option<MergeId>,
    /// Who is this review about?
    pub review: Option<ReviewId>,
}

impl Needs {
    /// Returns what a batch of messages needs.
    #[must_use]
    pub fn of_entries(entries: &[Entry]) -> Self {
        let mut needs = Self::default();
        for entry in entries {
            let Entry::Told(prepared) = entry else { continue };
            for item in &prepared.events {
                needs.events.insert(item.event.id);
                needs.take_identifiers(&item.identifiers);
                match &item.event.payload {
                    Payload::Purchase(purchase) => {
                        needs.purchases.insert(purchase.purchase_id.clone());
                    }
                    Payload::WorkOrder(order) => {
                        needs.work_orders.insert(order.work_order_id.clone());
                    }
                    Payload::StoreVisit(_)
                    | Payload::Account(_)
                    | Payload::Subscription(_)
                    | Payload::Generic => {}
                }
            }
        }
        needs
    }

    /// Returns what a decision needs.
    #[must_use]
    pub fn of_decision(decision: &Decision) -> Self {
        let mut needs = Self::default();
        match &decision.action {
            Action::Merge { customers, reason: _ } => needs.customers.extend(customers.clone()),
            Action::Undo { merge } => needs.undo = Some(*merge),
            Action::Approve { review } | Action::Reject { review } => {
                needs.review = Some(*review);
            }
            Action::Split { review, customers } => {
                needs.review = Some(*review);
                needs.customers.extend(customers.clone());
            }
            Action::Erase { customer } => drop(needs.customers.insert(customer.clone())),
        }
        needs
    }

    /// An event may name its customer by an id that we minted: then that customer is needed.
    fn take_identifiers(&mut self, identifiers: &[Identifier]) {
        for identifier in identifiers {
            if *identifier.kind() == IdentifierKind::CustomerId {
                let id = CustomerId::from_raw(identifier.value());
                if id.minting_event().is_some() {
                    self.customers.insert(id);
                }
            }
            self.identifiers.insert(identifier.clone());
        }
    }
}
