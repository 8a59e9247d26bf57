//! Merging customers in memory: what an event's merge and a person's have in common.

use std::collections::BTreeSet;
use std::sync::Arc;

use ciq_event::MergeId;
use ciq_identity::{CustomerKey, Link};
use jiff::Timestamp;
use serde_json::Value;

use crate::changes::MergeRow;
use crate::snapshot::snapshot;
use crate::{Changes, WorkingSet};

/// A merge to carry out.
#[derive(Debug)]
pub(crate) struct Merge {
    pub(crate) id: MergeId,
    pub(crate) merged_at: Timestamp,
    pub(crate) reason: String,
    pub(crate) actor: String,
    pub(crate) base: CustomerKey,
    pub(crate) absorbed: Vec<CustomerKey>,
    pub(crate) evidence: Value,
    /// One link for each absorbed customer, between the origins that the evidence names.
    pub(crate) links: Vec<Link>,
}

/// Carries out a merge: the base takes in the others, every origin points at the base, and the
/// history gets its row.
pub(crate) fn carry_out(working: &mut WorkingSet, changes: &mut Changes, merge: Merge) {
    let Merge { id, merged_at, reason, actor, base, absorbed, evidence, links } = merge;
    let others: Vec<_> = absorbed.iter().filter_map(|key| working.customers.remove(key)).collect();
    let Some(survivor) = working.customers.get_mut(&base).map(Arc::make_mut) else {
        debug_assert!(false, "the base of a merge is loaded");
        return;
    };
    let mut before = vec![snapshot(survivor)];
    for other in others {
        before.push(snapshot(&other));
        if other.state.has_subscriptions() {
            changes.subscribers.extend([other.key(), base]);
        }
        for origin in &other.origins {
            working.roots.insert(*origin, base);
            changes.roots.insert(*origin, base);
        }
        survivor.absorb(Arc::unwrap_or_clone(other));
    }
    changes.merges.push(MergeRow {
        id,
        merged_at,
        reason,
        actor,
        base,
        absorbed,
        evidence: evidence.to_string(),
        before: Value::from(before).to_string(),
        after: snapshot(survivor).to_string(),
    });
    changes.links.extend(links);
}

/// Returns every pair of two lists, the smaller key first.
pub(crate) fn pairs(keys: &[CustomerKey]) -> BTreeSet<(CustomerKey, CustomerKey)> {
    let mut found = BTreeSet::new();
    for (index, a) in keys.iter().enumerate() {
        for b in &keys[index + 1..] {
            found.insert((*a.min(b), *a.max(b)));
        }
    }
    found
}
