//! One customer in memory: the root of its merges, with all that they hold.

use std::collections::BTreeSet;

use ciq_event::{Currency, CustomerId, EventId, IdentifierKind, Money};
use ciq_identity::{Candidate, CustomerKey, Identifier, Strength};
use jiff::Timestamp;

use crate::State;

/// One customer in memory: the root of its merges, with all that they hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// The customer as matching sees it.
    pub candidate: Candidate,
    /// The event that made the root.
    pub minted_by: EventId,
    /// The root and every origin that was merged into it.
    pub origins: BTreeSet<CustomerKey>,
    /// What its events add up to.
    pub state: State,
}

impl Customer {
    /// Makes a customer that nothing is known of yet.
    #[must_use]
    pub fn new(key: CustomerKey, minted_by: EventId) -> Self {
        let candidate = Candidate {
            key,
            id: CustomerId::minted_by(minted_by),
            first_seen_at: Timestamp::MAX,
            strength: Strength::default(),
            identifiers: std::collections::BTreeMap::new(),
        };
        Self { candidate, minted_by, origins: BTreeSet::from([key]), state: State::default() }
    }

    /// Returns the root's key.
    #[must_use]
    pub fn key(&self) -> CustomerKey {
        self.candidate.key
    }

    /// Brings what follows from identifiers and state up to date: id, first sight, strength.
    pub fn refresh(&mut self) {
        let candidate = &mut self.candidate;
        candidate.id = match candidate.primary(&IdentifierKind::CustomerId) {
            Some(identifier) => CustomerId::from_raw(identifier.value()),
            None => CustomerId::minted_by(self.minted_by),
        };
        candidate.first_seen_at = self.state.first_event.map_or(Timestamp::MAX, |event| event.at);
        candidate.strength = Strength::of(
            candidate.identifiers.keys().map(Identifier::kind),
            self.state.repeat_order_count(),
        );
    }

    /// Takes in another customer: everything it holds and did.
    pub fn absorb(&mut self, other: Self) {
        let Self { candidate, minted_by: _, origins, state } = other;
        for (identifier, theirs) in candidate.identifiers {
            let ours = self.candidate.identifiers.entry(identifier).or_insert(theirs);
            ours.origin = ours.origin.min(theirs.origin);
            ours.first_seen_at = ours.first_seen_at.min(theirs.first_seen_at);
        }
        self.origins.extend(origins);
        self.state.merge(state);
        self.refresh();
    }

    /// Returns the address to write to: the latest that the customer set, else the one seen first.
    #[must_use]
    pub fn email(&self) -> Option<String> {
        self.contact("email", &IdentifierKind::Email)
    }

    /// Returns the number to call, likewise.
    #[must_use]
    pub fn phone(&self) -> Option<String> {
        self.contact("phone", &IdentifierKind::Phone)
    }

    /// Returns what the customer spent, in the currency that stands for it.
    #[must_use]
    pub fn lifetime_value(&self, preferred: Currency) -> Money {
        self.state.lifetime_value(preferred)
    }

    fn contact(&self, field: &str, kind: &IdentifierKind) -> Option<String> {
        let set = self.state.fields.text(field);
        set.or_else(|| self.candidate.primary(kind).map(|primary| primary.value().to_owned()))
    }
}
