//! What was left in the cart.

use ciq_insight::{Act, ActKind, History, abandoned_carts, open_carts};
use jiff::{SignedDuration, Timestamp};

use crate::support::{act_on, day, history, order, product};

const AFTER: SignedDuration = SignedDuration::from_hours(2);
const WITHIN: SignedDuration = SignedDuration::from_hours(7 * 24);

fn hour(hours: i64) -> Timestamp {
    day(0.0) + SignedDuration::from_hours(hours)
}

fn carted(acts: &[(i64, ActKind, i64)]) -> History {
    let acts: Vec<Act> =
        acts.iter().map(|(at, kind, number)| act_on(hour(*at), *kind, *number)).collect();
    history(Vec::new(), acts)
}

#[track_caller]
fn check(history: &History, as_of: Timestamp, expected: &[(i64, i64)]) {
    let found: Vec<_> = abandoned_carts(history, as_of, AFTER, WITHIN)
        .iter()
        .map(|cart| (cart.product, cart.added_at))
        .collect();
    let expected: Vec<_> =
        expected.iter().map(|(number, at)| (product(*number), hour(*at))).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_cart_is_abandoned_after_more_than_the_time_and_within_the_other() {
    let customer = carted(&[(0, ActKind::CartAdd, 10)]);
    check(&customer, hour(2), &[]);
    check(&customer, hour(2) + SignedDuration::from_secs(1), &[(10, 0)]);
    check(&customer, hour(7 * 24), &[(10, 0)]);
    check(&customer, hour(7 * 24) + SignedDuration::from_secs(1), &[]);
}

#[test]
fn the_latest_time_counts() {
    let customer = carted(&[(0, ActKind::CartAdd, 10), (9, ActKind::CartAdd, 10)]);
    check(&customer, hour(10), &[]);
    check(&customer, hour(12), &[(10, 9)]);
}

#[test]
fn what_was_taken_out_is_not_abandoned() {
    let customer = carted(&[
        (0, ActKind::CartAdd, 10),
        (1, ActKind::CartAdd, 11),
        (2, ActKind::CartRemove, 10),
    ]);
    check(&customer, hour(12), &[(11, 1)]);
    let again = carted(&[
        (0, ActKind::CartAdd, 10),
        (1, ActKind::CartRemove, 10),
        (2, ActKind::CartAdd, 10),
    ]);
    check(&again, hour(12), &[(10, 2)]);
}

#[test]
fn what_was_bought_since_is_not_abandoned() {
    let mut customer = carted(&[(5, ActKind::CartAdd, 10), (6, ActKind::CartAdd, 20)]);
    customer.orders = vec![order(hour(1), 100, &[10]), order(hour(7), 100, &[20])];
    check(&customer, hour(12), &[(10, 5)]);
    customer.orders[1] = order(hour(5), 100, &[10]);
    check(&customer, hour(12), &[(20, 6)]);
}

#[test]
fn a_cart_without_a_product_is_none() {
    let mut customer = carted(&[(0, ActKind::CartAdd, 10)]);
    customer.acts[0].item = None;
    check(&customer, hour(12), &[]);
}

#[test]
fn an_open_cart_has_no_age() {
    let customer = carted(&[(0, ActKind::CartAdd, 10), (9_000, ActKind::CartAdd, 11)]);
    let open: Vec<_> = open_carts(&customer, hour(9_000)).iter().map(|cart| cart.product).collect();
    assert_eq!(open, [product(10), product(11)]);
}
