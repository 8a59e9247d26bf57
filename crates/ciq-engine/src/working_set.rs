//! What the store loaded for a batch, and what the fold has changed of it so far.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ciq_event::{CustomerId, EventId, IdentifierKind, MergeId, Message};
use ciq_identity::{Candidate, CustomerKey, Directory, Identifier, Link};

use crate::{Counters, Customer, PurchaseRow, ReviewId, WorkOrderRow};

/// Everything a batch may touch. The store fills it from [`crate::Needs`]; the fold keeps it up
/// to date, so that an event sees what the ones before it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkingSet {
    /// The next free numbers.
    pub next: Counters,
    /// The needed events that are stored or erased.
    pub known_events: BTreeSet<EventId>,
    /// The roots.
    pub customers: BTreeMap<CustomerKey, Arc<Customer>>,
    /// Every loaded origin and its root.
    pub roots: BTreeMap<CustomerKey, CustomerKey>,
    /// The origins that hold the needed identifiers.
    pub holders: BTreeMap<Identifier, BTreeSet<CustomerKey>>,
    /// The needed orders that are stored.
    pub purchases: BTreeMap<String, PurchaseRow>,
    /// The needed work orders that are stored.
    pub work_orders: BTreeMap<String, WorkOrderRow>,
    /// Pairs of origins that nothing automatic may join, the smaller first.
    pub pins: BTreeSet<(CustomerKey, CustomerKey)>,
    /// Who the needed customer ids are, as roots.
    pub named: BTreeMap<CustomerId, CustomerKey>,
    /// The merge to undo.
    pub merge: Option<LoadedMerge>,
    /// The review to settle.
    pub review: Option<LoadedReview>,
}

/// A merge to undo, with all that is needed to tell the parts apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadedMerge {
    /// Its id.
    pub id: MergeId,
    /// Whether it was undone before.
    pub is_undone: bool,
    /// The roots that it joined, the base first.
    pub participants: Vec<CustomerKey>,
    /// All links that hold the customer together now.
    pub links: Vec<Link>,
    /// The event that minted each origin.
    pub minted: BTreeMap<CustomerKey, EventId>,
    /// Every event of the customer, in any order.
    pub history: Vec<HistoryItem>,
    /// Every order of the customer.
    pub orders: Vec<PurchaseRow>,
    /// Every identifier, with each origin that holds it.
    pub identifiers: Vec<crate::IdentifierRow>,
}

/// A past event: its message is parsed again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryItem {
    /// Which event.
    pub event: EventId,
    /// The customer it was attached to first.
    pub origin: CustomerKey,
    /// The message that told of it.
    pub message: Message,
}

/// A review to settle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadedReview {
    /// Its id.
    pub id: ReviewId,
    /// Whether it waits for a person.
    pub is_pending: bool,
    /// The customers that it is about, as they were then.
    pub customers: Vec<CustomerKey>,
}

impl WorkingSet {
    /// Makes an empty working set.
    #[must_use]
    pub fn new(next: Counters) -> Self {
        Self {
            next,
            known_events: BTreeSet::new(),
            customers: BTreeMap::new(),
            roots: BTreeMap::new(),
            holders: BTreeMap::new(),
            purchases: BTreeMap::new(),
            work_orders: BTreeMap::new(),
            pins: BTreeSet::new(),
            named: BTreeMap::new(),
            merge: None,
            review: None,
        }
    }

    /// Returns a root to change.
    pub fn customer_mut(&mut self, root: CustomerKey) -> Option<&mut Customer> {
        self.customers.get_mut(&root).map(Arc::make_mut)
    }

    /// Returns the root that an origin stands under.
    #[must_use]
    pub fn root_of(&self, origin: CustomerKey) -> CustomerKey {
        self.roots.get(&origin).copied().unwrap_or(origin)
    }

    /// Returns the origin under `root` that holds an identifier: the smallest of several.
    #[must_use]
    pub fn origin_under(&self, root: CustomerKey, identifier: &Identifier) -> Option<CustomerKey> {
        let mut origins = self.origins_holding(identifier);
        origins.find(|origin| self.root_of(*origin) == root)
    }

    /// The origins that hold an identifier, and the customer whose minted id it is.
    fn origins_holding(&self, identifier: &Identifier) -> impl Iterator<Item = CustomerKey> + '_ {
        let named = match identifier.kind() {
            IdentifierKind::CustomerId if !self.named.is_empty() => {
                self.named.get(&CustomerId::from_raw(identifier.value())).copied()
            }
            _ => None,
        };
        let holding = self.holders.get(identifier).into_iter().flatten().copied();
        holding.chain(named)
    }
}

impl Directory for WorkingSet {
    fn holders(&self, identifier: &Identifier) -> Vec<CustomerKey> {
        let mut roots: Vec<_> =
            self.origins_holding(identifier).map(|origin| self.root_of(origin)).collect();
        roots.sort_unstable();
        roots.dedup();
        roots
    }

    fn candidate(&self, key: CustomerKey) -> Option<&Candidate> {
        self.customers.get(&key).map(|customer| &customer.candidate)
    }

    fn is_pinned_apart(&self, a: CustomerKey, b: CustomerKey) -> bool {
        let pair = |x: CustomerKey, y: CustomerKey| {
            let (x, y) = (self.root_of(x), self.root_of(y));
            (x.min(y), x.max(y))
        };
        let wanted = pair(a, b);
        self.pins.iter().any(|(x, y)| pair(*x, *y) == wanted)
    }
}
