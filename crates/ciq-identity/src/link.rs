//! Merges as links between origins.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ciq_event::MergeId;

use crate::CustomerKey;

/// A merge's link between two origins: the two that held the identifiers that an event brought
/// together, or the two that a person named. The links of a customer form a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Link {
    /// Which merge.
    pub merge: MergeId,
    /// One origin.
    pub a: CustomerKey,
    /// The other.
    pub b: CustomerKey,
}

/// The links at each origin, with the origin at their other end.
type Neighbours = BTreeMap<CustomerKey, Vec<(CustomerKey, Link)>>;

/// Returns the connected sets of `origins` under `links`, in order of their smallest key. Links
/// to an origin that is not among them do not count.
#[must_use]
pub fn components(origins: &BTreeSet<CustomerKey>, links: &[Link]) -> Vec<BTreeSet<CustomerKey>> {
    connected(origins, links.iter())
}

/// Returns the parts into which `origins` fall when one merge's links are cut.
#[must_use]
pub fn split(
    origins: &BTreeSet<CustomerKey>,
    links: &[Link],
    undone: MergeId,
) -> Vec<BTreeSet<CustomerKey>> {
    connected(origins, links.iter().filter(|link| link.merge != undone))
}

/// Returns the links that lead from one origin to another, in that order: why the two are one.
/// None lead from an origin to itself. `None` if the two are not one.
#[must_use]
pub fn path_between(links: &[Link], from: CustomerKey, to: CustomerKey) -> Option<Vec<Link>> {
    let neighbours = neighbours(links.iter());
    let mut arrived_by: BTreeMap<CustomerKey, Option<(CustomerKey, Link)>> =
        BTreeMap::from([(from, None)]);
    let mut queue = VecDeque::from([from]);
    while let Some(key) = queue.pop_front() {
        if key == to {
            return Some(walk_back(&arrived_by, to));
        }
        for &(next, link) in neighbours.get(&key).into_iter().flatten() {
            arrived_by.entry(next).or_insert_with(|| {
                queue.push_back(next);
                Some((key, link))
            });
        }
    }
    None
}

fn walk_back(
    arrived_by: &BTreeMap<CustomerKey, Option<(CustomerKey, Link)>>,
    to: CustomerKey,
) -> Vec<Link> {
    let mut path = Vec::new();
    let mut key = to;
    while let Some(Some((previous, link))) = arrived_by.get(&key) {
        path.push(*link);
        key = *previous;
    }
    path.reverse();
    path
}

fn connected<'a>(
    origins: &BTreeSet<CustomerKey>,
    links: impl Iterator<Item = &'a Link>,
) -> Vec<BTreeSet<CustomerKey>> {
    let neighbours = neighbours(links);
    let mut unseen = origins.clone();
    let mut parts = Vec::new();
    while let Some(first) = unseen.pop_first() {
        let mut part = BTreeSet::from([first]);
        let mut stack = vec![first];
        while let Some(key) = stack.pop() {
            for &(next, _) in neighbours.get(&key).into_iter().flatten() {
                if unseen.remove(&next) {
                    part.insert(next);
                    stack.push(next);
                }
            }
        }
        parts.push(part);
    }
    parts
}

fn neighbours<'a>(links: impl Iterator<Item = &'a Link>) -> Neighbours {
    let mut neighbours = Neighbours::new();
    for &link in links {
        neighbours.entry(link.a).or_default().push((link.b, link));
        neighbours.entry(link.b).or_default().push((link.a, link));
    }
    neighbours
}
