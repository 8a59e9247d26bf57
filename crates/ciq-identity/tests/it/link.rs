//! Links: what belongs together, what an undo leaves, why two are one.

use std::collections::BTreeSet;

use ciq_event::MergeId;
use ciq_identity::{CustomerKey, Link, components, path_between, split};

fn merge(number: u8) -> MergeId {
    MergeId::from_raw([number; 16])
}

fn link(number: u8, a: i64, b: i64) -> Link {
    Link { merge: merge(number), a: CustomerKey(a), b: CustomerKey(b) }
}

fn keys(numbers: &[i64]) -> BTreeSet<CustomerKey> {
    numbers.iter().copied().map(CustomerKey).collect()
}

fn parts(numbers: &[&[i64]]) -> Vec<BTreeSet<CustomerKey>> {
    numbers.iter().copied().map(keys).collect()
}

#[test]
fn origins_without_links_stand_alone() {
    assert_eq!(components(&keys(&[3, 1, 2]), &[]), parts(&[&[1], &[2], &[3]]));
    assert_eq!(components(&keys(&[]), &[link(1, 1, 2)]), parts(&[]));
}

#[test]
fn parts_come_in_order_of_their_smallest_key() {
    let links = [link(1, 9, 2), link(2, 3, 1), link(3, 5, 9)];
    assert_eq!(components(&keys(&[1, 2, 3, 5, 9]), &links), parts(&[&[1, 3], &[2, 5, 9]]));
}

#[test]
fn an_origin_that_is_not_asked_about_connects_nothing() {
    assert_eq!(components(&keys(&[1, 3]), &[link(1, 1, 2), link(1, 2, 3)]), parts(&[&[1], &[3]]));
}

#[test]
fn a_split_cuts_all_links_of_one_merge_and_no_other() {
    let links = [link(1, 1, 2), link(2, 2, 3), link(2, 2, 4), link(3, 4, 5)];
    let origins = keys(&[1, 2, 3, 4, 5]);
    assert_eq!(split(&origins, &links, merge(2)), parts(&[&[1, 2], &[3], &[4, 5]]));
    assert_eq!(split(&origins, &links, merge(7)), parts(&[&[1, 2, 3, 4, 5]]));
}

#[test]
fn a_path_tells_why_two_are_one() {
    let links = [link(1, 1, 2), link(2, 3, 2), link(3, 3, 4), link(4, 8, 9)];
    let path = |from, to| path_between(&links, CustomerKey(from), CustomerKey(to));
    assert_eq!(path(1, 4), Some(vec![links[0], links[1], links[2]]));
    assert_eq!(path(4, 2), Some(vec![links[2], links[1]]));
    assert_eq!(path(1, 1), Some(vec![]));
    assert_eq!(path(1, 9), None);
}

#[test]
fn a_ring_of_links_has_a_shortest_path() {
    let links = [link(1, 1, 2), link(2, 2, 3), link(3, 3, 1)];
    let path = path_between(&links, CustomerKey(1), CustomerKey(3));
    assert_eq!(path, Some(vec![links[2]]));
}
