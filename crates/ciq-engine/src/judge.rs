//! Decisions carried out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ciq_event::{CustomerId, EventId, MergeId, parse};
use ciq_identity::{Candidate, CustomerKey, Holding, Link, base_of, split};
use serde_json::json;

use crate::changes::{CustomerRow, DecisionRow, Erasure, QueueStatus};
use crate::merge::{Merge, carry_out, pairs};
use crate::{
    Action, Changes, Customer, Decision, LoadedMerge, LoadedReview, ReviewId, Settings, WorkingSet,
};

/// The reason of a merge that a person approved.
const MANUAL_REVIEW: &str = "manual_review";

/// What became of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecisionOutcome {
    /// These became one.
    Merged {
        /// The merge; `None` where they were one already.
        merge: Option<MergeId>,
        /// The survivor.
        customer: CustomerId,
    },
    /// A merge was taken apart.
    Undone {
        /// The customers that it fell into.
        customers: Vec<CustomerId>,
    },
    /// A review was rejected.
    Rejected,
    /// A customer is gone.
    Erased,
}

/// Why a decision cannot be carried out. A mistake of the caller, never of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecisionError {
    /// Nobody has that id.
    #[error("no customer has the id {0}")]
    UnknownCustomer(CustomerId),
    /// All the ids given are of one customer.
    #[error("a merge takes at least two different customers")]
    OneCustomer,
    /// The review is not about that customer.
    #[error("the review is not about the customer {0}")]
    NotInReview(CustomerId),
    /// No merge has that id.
    #[error("no merge has the id {0}")]
    UnknownMerge(MergeId),
    /// It was undone before.
    #[error("merge {0} is undone already")]
    AlreadyUndone(MergeId),
    /// No review has that id.
    #[error("no review has the id {0}")]
    UnknownReview(ReviewId),
    /// It was settled before.
    #[error("review {0} is settled already")]
    AlreadySettled(ReviewId),
}

/// Carries out a decision over a working set that was loaded for it.
pub fn decide_on(
    working: &mut WorkingSet,
    decision: &Decision,
    settings: &Settings,
) -> Result<(Changes, DecisionOutcome), DecisionError> {
    let mut changes = Changes::default();
    let outcome = match &decision.action {
        Action::Merge { customers, reason } => {
            let keys = named(working, customers)?;
            if keys.len() < 2 {
                return Err(DecisionError::OneCustomer);
            }
            join(working, &mut changes, decision, (keys, reason), settings)
        }
        Action::Approve { review } => {
            let LoadedReview { customers, .. } = pending(working, *review)?;
            let roots: BTreeSet<_> = customers.iter().map(|key| working.root_of(*key)).collect();
            changes.review_statuses.push((*review, QueueStatus::Merged));
            join(working, &mut changes, decision, (roots, MANUAL_REVIEW), settings)
        }
        Action::Reject { review } => {
            let LoadedReview { customers, .. } = pending(working, *review)?;
            changes.review_statuses.push((*review, QueueStatus::Rejected));
            changes.pins = pairs(&customers);
            DecisionOutcome::Rejected
        }
        Action::Split { review, customers } => {
            let about = pending(working, *review)?.customers;
            let keys = of_review(working, customers, &about)?;
            changes.review_statuses.push((*review, QueueStatus::Merged));
            let joined = join(working, &mut changes, decision, (keys, MANUAL_REVIEW), settings);
            changes.pins = pairs(&about);
            changes.pins.retain(|(a, b)| working.root_of(*a) != working.root_of(*b));
            joined
        }
        Action::Undo { merge } => take_apart(working, &mut changes, decision, *merge, settings)?,
        Action::Erase { customer } => {
            let keys = named(working, std::slice::from_ref(customer))?;
            for root in keys.iter().filter_map(|key| working.customers.get(key)) {
                changes.erasures.push(Erasure { origins: root.origins.clone() });
            }
            DecisionOutcome::Erased
        }
    };
    let seq = working.next.log_seq;
    working.next.log_seq += 1;
    changes.decisions.push(DecisionRow { seq, decision: decision.clone() });
    Ok((changes, outcome))
}

fn named(
    working: &WorkingSet,
    customers: &[CustomerId],
) -> Result<BTreeSet<CustomerKey>, DecisionError> {
    let root = |id: &CustomerId| {
        let key = working.named.get(id).map(|key| working.root_of(*key));
        key.ok_or_else(|| DecisionError::UnknownCustomer(id.clone()))
    };
    customers.iter().map(root).collect()
}

/// Whom a person names of the customers that a review is about.
fn of_review(
    working: &WorkingSet,
    customers: &[CustomerId],
    about: &[CustomerKey],
) -> Result<BTreeSet<CustomerKey>, DecisionError> {
    let about: BTreeSet<_> = about.iter().map(|key| working.root_of(*key)).collect();
    let mut keys = BTreeSet::new();
    for id in customers {
        let one = named(working, std::slice::from_ref(id))?;
        if !one.is_subset(&about) {
            return Err(DecisionError::NotInReview(id.clone()));
        }
        keys.extend(one);
    }
    if keys.len() < 2 {
        return Err(DecisionError::OneCustomer);
    }
    Ok(keys)
}

fn pending(working: &WorkingSet, id: ReviewId) -> Result<LoadedReview, DecisionError> {
    match &working.review {
        None => Err(DecisionError::UnknownReview(id)),
        Some(review) if !review.is_pending => Err(DecisionError::AlreadySettled(id)),
        Some(review) => Ok(review.clone()),
    }
}

/// A person says that customers are one: nothing limits that, and pins between them are lifted.
fn join(
    working: &mut WorkingSet,
    changes: &mut Changes,
    decision: &Decision,
    (roots, reason): (BTreeSet<CustomerKey>, &str),
    settings: &Settings,
) -> DecisionOutcome {
    let candidates: Vec<&Candidate> =
        roots.iter().filter_map(|key| working.customers.get(key)).map(|c| &c.candidate).collect();
    let Some(base) = base_of(candidates) else {
        // Everybody concerned was erased since: nothing is left to merge.
        return DecisionOutcome::Merged { merge: None, customer: CustomerId::from_raw("") };
    };
    let absorbed: Vec<_> = roots
        .into_iter()
        .filter(|key| *key != base && working.customers.contains_key(key))
        .collect();
    let id = MergeId::caused_by_decision(decision.id);
    let is_one_already = absorbed.is_empty();
    if !is_one_already {
        let links = absorbed.iter().map(|root| Link { merge: id, a: *root, b: base }).collect();
        let merge = Merge {
            id,
            merged_at: decision.decided_at,
            reason: reason.to_owned(),
            actor: decision.actor.clone(),
            base,
            absorbed,
            evidence: json!({"decision_id": decision.id.to_string()}),
            links,
        };
        carry_out(working, changes, merge);
    }
    let Some(customer) = working.customers.get(&base) else {
        debug_assert!(false, "the base of a merge survives it");
        return DecisionOutcome::Rejected;
    };
    let within = |pin: &&(CustomerKey, CustomerKey)| {
        customer.origins.contains(&pin.0) && customer.origins.contains(&pin.1)
    };
    changes.lifted_pins = working.pins.iter().filter(within).copied().collect();
    let customer = Arc::clone(customer);
    let survivor = customer.candidate.id.clone();
    changes.customers.push(changed_row(customer, settings));
    let merge = if is_one_already { None } else { Some(id) };
    DecisionOutcome::Merged { merge, customer: survivor }
}

/// Cuts one merge's links; every part becomes a customer of its own, made of its own events.
fn take_apart(
    working: &mut WorkingSet,
    changes: &mut Changes,
    decision: &Decision,
    id: MergeId,
    settings: &Settings,
) -> Result<DecisionOutcome, DecisionError> {
    let loaded = working.merge.take().ok_or(DecisionError::UnknownMerge(id))?;
    if loaded.is_undone {
        return Err(DecisionError::AlreadyUndone(id));
    }
    let origins: BTreeSet<CustomerKey> = loaded.minted.keys().copied().collect();
    let mut ids = Vec::new();
    for part in split(&origins, &loaded.links, id) {
        let root = root_of_part(&part, working, &loaded);
        let Some(minted_by) = loaded.minted.get(&root) else { continue };
        let customer = rebuilt(root, *minted_by, part, &loaded, settings);
        for origin in &customer.origins {
            working.roots.insert(*origin, root);
            changes.roots.insert(*origin, root);
        }
        ids.push(customer.candidate.id.clone());
        let customer = Arc::new(customer);
        working.customers.insert(root, Arc::clone(&customer));
        changes.customers.push(changed_row(customer, settings));
    }
    // Whatever the customer subscribed to is a part's now, and no longer the others'.
    if changes.customers.iter().any(|row| row.customer.state.has_subscriptions()) {
        changes.subscribers.extend(changes.customers.iter().map(|row| row.customer.key()));
    }
    let ends: BTreeSet<CustomerKey> = loaded
        .links
        .iter()
        .filter(|link| link.merge == id)
        .flat_map(|link| [link.a, link.b])
        .collect();
    changes.pins = pairs(&ends.into_iter().collect::<Vec<_>>());
    changes.undone.push((id, decision.decided_at));
    Ok(DecisionOutcome::Undone { customers: ids })
}

fn changed_row(customer: Arc<Customer>, settings: &Settings) -> CustomerRow {
    let lifetime_value = customer.lifetime_value(settings.context.currency);
    CustomerRow { customer, lifetime_value, is_identity_changed: true }
}

/// The root of a part: the customer's root where the part keeps it, else the customer that the
/// merge took in, else the first that ever was.
fn root_of_part(
    part: &BTreeSet<CustomerKey>,
    working: &WorkingSet,
    loaded: &LoadedMerge,
) -> CustomerKey {
    let first = part.first().copied().unwrap_or(CustomerKey(0));
    let current = working.root_of(first);
    if part.contains(&current) {
        return current;
    }
    loaded.participants.iter().copied().find(|key| part.contains(key)).unwrap_or(first)
}

/// Makes a customer of the events, orders and identifiers of its origins.
fn rebuilt(
    root: CustomerKey,
    minted_by: EventId,
    origins: BTreeSet<CustomerKey>,
    loaded: &LoadedMerge,
    settings: &Settings,
) -> Customer {
    let mut customer = Customer::new(root, minted_by);
    for item in loaded.history.iter().filter(|item| origins.contains(&item.origin)) {
        let events = parse(&item.message, &settings.context).unwrap_or_default();
        if let Some(event) = events.iter().find(|event| event.id == item.event) {
            customer.state.add_event(event);
        }
    }
    for order in loaded.orders.iter().filter(|order| origins.contains(&order.origin)) {
        customer.state.add_order(order.total);
    }
    let held: &mut BTreeMap<_, _> = &mut customer.candidate.identifiers;
    for ((identifier, origin), first_seen_at) in &loaded.identifiers {
        if origins.contains(origin) {
            let new = Holding { origin: *origin, first_seen_at: *first_seen_at };
            let holding = held.entry(identifier.clone()).or_insert(new);
            holding.origin = holding.origin.min(new.origin);
            holding.first_seen_at = holding.first_seen_at.min(new.first_seen_at);
        }
    }
    customer.origins = origins;
    customer.refresh();
    customer
}
