//! Limits: how many values of one kind a customer may come to hold.

use std::collections::BTreeSet;

use ciq_event::{CustomerId, IdentifierKind};

use super::matching::Matched;
use crate::{Candidate, Identifier, Limits};

/// Tells whether a limit would be broken if the customers became one and took in the event's
/// identifiers. A customer who holds too many already breaks none with what it holds.
pub(super) fn is_broken(event: &[&Identifier], matched: &Matched<'_>, limits: &Limits) -> bool {
    if matched.len() < 2 {
        attaching_breaks(event, matched.values().next().copied(), limits)
    } else {
        different_customer_ids(matched).is_some() || merging_breaks(event, matched, limits)
    }
}

/// Returns the customer ids, in order, if they are more than any one of the customers has.
pub(super) fn different_customer_ids(matched: &Matched<'_>) -> Option<Vec<CustomerId>> {
    if matched.len() < 2 {
        return None;
    }
    let kind = &IdentifierKind::CustomerId;
    let all: BTreeSet<&str> = matched
        .values()
        .flat_map(|candidate| of_kind(candidate, kind))
        .map(Identifier::value)
        .collect();
    (all.len() > 1 && all.len() > count_of_the_richest(matched, kind))
        .then(|| all.into_iter().map(CustomerId::from_raw).collect())
}

fn attaching_breaks(event: &[&Identifier], to: Option<&Candidate>, limits: &Limits) -> bool {
    event.chunk_by(|a, b| a.kind() == b.kind()).any(|same_kind| {
        let is_new = |one: &Identifier| to.is_none_or(|held| !held.identifiers.contains_key(one));
        let new_count = same_kind.iter().filter(|one| is_new(one)).count();
        new_count > 0
            && same_kind.first().is_some_and(|one| {
                let held_count = to.map_or(0, |held| of_kind(held, one.kind()).count());
                held_count + new_count > limits.of(one.kind())
            })
    })
}

fn merging_breaks(event: &[&Identifier], matched: &Matched<'_>, limits: &Limits) -> bool {
    let held = matched.values().flat_map(|candidate| candidate.identifiers.keys());
    let all: BTreeSet<&Identifier> = held.chain(event.iter().copied()).collect();
    let all: Vec<&Identifier> = all.into_iter().collect();
    all.chunk_by(|a, b| a.kind() == b.kind()).any(|same_kind| {
        same_kind.first().is_some_and(|one| {
            same_kind.len() > limits.of(one.kind())
                && same_kind.len() > count_of_the_richest(matched, one.kind())
        })
    })
}

fn count_of_the_richest(matched: &Matched<'_>, kind: &IdentifierKind) -> usize {
    matched.values().map(|candidate| of_kind(candidate, kind).count()).max().unwrap_or(0)
}

/// Returns what a customer holds of one kind. Identifiers order by kind first.
fn of_kind<'a>(
    candidate: &'a Candidate,
    kind: &'a IdentifierKind,
) -> impl Iterator<Item = &'a Identifier> {
    candidate
        .identifiers
        .range(Identifier::from_raw(kind.clone(), "")..)
        .map(|(identifier, _)| identifier)
        .take_while(move |identifier| identifier.kind() == kind)
}
