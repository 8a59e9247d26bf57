//! A customer as matching sees it.

use std::collections::BTreeMap;
use std::fmt;

use ciq_event::{CustomerId, IdentifierKind};
use jiff::Timestamp;

use crate::{Identifier, Strength};

/// Numbers a customer within one brand. Never leaves the program: customers have a
/// [`CustomerId`] for the outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CustomerKey(pub i64);

impl fmt::Display for CustomerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How a customer came by an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// The origin that holds the value: the customer to which the bringing event was attached
    /// first, before any merge. It keeps the value when a merge is undone.
    pub origin: CustomerKey,
    /// The earliest time of an event that carried it.
    pub first_seen_at: Timestamp,
}

/// A customer as matching sees it: always the root of its merges, with all that they hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The root's key.
    pub key: CustomerKey,
    /// Its name to the outside.
    pub id: CustomerId,
    /// When its first event happened.
    pub first_seen_at: Timestamp,
    /// How well it is known.
    pub strength: Strength,
    /// Everything it holds. A value that two of its origins hold stands under the smaller origin.
    pub identifiers: BTreeMap<Identifier, Holding>,
}

impl Candidate {
    /// Tells whether the customer is somebody: has a customer id, e-mail address, telephone or
    /// `WhatsApp` number or a loyalty card.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.identifiers.keys().any(|identifier| identifier.kind().is_of_a_known_customer())
    }

    /// Returns the value that stands for a kind: the one seen first, the smallest of equals.
    #[must_use]
    pub fn primary(&self, kind: &IdentifierKind) -> Option<&Identifier> {
        self.identifiers
            .iter()
            .filter(|(identifier, _)| identifier.kind() == kind)
            .min_by_key(|(identifier, holding)| (holding.first_seen_at, identifier.value()))
            .map(|(identifier, _)| identifier)
    }
}

/// Returns which of several customers survives their merge: highest strength, then first seen,
/// then smallest id. `None` without customers.
pub fn base_of<'a>(candidates: impl IntoIterator<Item = &'a Candidate>) -> Option<CustomerKey> {
    candidates
        .into_iter()
        .min_by(|a, b| {
            b.strength
                .cmp(&a.strength)
                .then_with(|| a.first_seen_at.cmp(&b.first_seen_at))
                .then_with(|| a.id.cmp(&b.id))
        })
        .map(|candidate| candidate.key)
}
