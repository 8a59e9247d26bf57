//! Loading ahead: over what the batch before has in hand.

use std::collections::BTreeSet;
use std::sync::Arc;

use ciq_engine::{Needs, WorkingSet};
use ciq_event::CustomerId;
use ciq_identity::CustomerKey;

use super::{fill, possible_holders, resolve};
use crate::open::counters;
use crate::{Reader, StoreError};

impl Reader {
    /// Loads a batch while the one before it may still be on its way into the file: `before` is
    /// that one's working set after its fold, and outranks what the file says. Everything older
    /// must be committed. [`crate::Writer::commit_ahead`] tells whether the outcome still holds.
    pub fn load_ahead(
        &self,
        needs: &Needs,
        before: Option<&WorkingSet>,
    ) -> Result<WorkingSet, StoreError> {
        let doing = StoreError::doing("load ahead");
        // One transaction, so that all tables are of one moment.
        let moment = self.connection.moment().map_err(&doing)?;
        let next = match before {
            Some(before) => before.next,
            None => counters(&moment).map_err(&doing)?,
        };
        let mut set = WorkingSet::new(next);
        for id in &needs.customers {
            let stored = resolve(&moment, id)?;
            let made = || before.and_then(|before| minted_in(before, id));
            if let Some(key) = stored.or_else(made) {
                set.named.insert(id.clone(), key);
            }
        }
        let holders = possible_holders(&moment, needs)?;
        fill(&moment, needs, holders, before, &mut set)?;
        Ok(set)
    }
}

fn minted_in(before: &WorkingSet, id: &CustomerId) -> Option<CustomerKey> {
    let event = id.minting_event()?;
    let mut customers = before.customers.values();
    customers.find(|customer| customer.minted_by == event).map(|customer| customer.key())
}

/// What the batch before stored of the needed events and orders.
pub(super) fn overlay_events(needs: &Needs, before: &WorkingSet, set: &mut WorkingSet) {
    set.known_events.extend(needs.events.intersection(&before.known_events));
    for id in &needs.purchases {
        if let Some(row) = before.purchases.get(id) {
            set.purchases.insert(id.clone(), row.clone());
        }
    }
    for id in &needs.work_orders {
        if let Some(row) = before.work_orders.get(id) {
            set.work_orders.insert(id.clone(), row.clone());
        }
    }
}

/// Takes over the customers that the batch before had in hand, whole; returns the origins that
/// are left to load.
pub(super) fn overlay_customers(
    needs: &Needs,
    before: &WorkingSet,
    origins: BTreeSet<CustomerKey>,
    set: &mut WorkingSet,
) -> BTreeSet<CustomerKey> {
    let (in_hand, left): (BTreeSet<_>, BTreeSet<_>) =
        origins.into_iter().partition(|origin| before.roots.contains_key(origin));
    for origin in in_hand {
        let root = before.root_of(origin);
        let Some(customer) = before.customers.get(&root) else { continue };
        set.roots.extend(customer.origins.iter().map(|origin| (*origin, root)));
        set.customers.insert(root, Arc::clone(customer));
    }
    for customer in set.customers.values() {
        for (held, holding) in &customer.candidate.identifiers {
            if needs.identifiers.contains(held) {
                set.holders.entry(held.clone()).or_default().insert(holding.origin);
            }
        }
    }
    left
}
