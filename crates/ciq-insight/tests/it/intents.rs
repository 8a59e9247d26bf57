//! What customers want.

use ciq_insight::{Act, ActKind, History, Intent, IntentReason, IntentStatus, Order};

use crate::support::{act_on, day, history, order, product, understood};

/// A history that begins before its first order.
fn known(orders: Vec<Order>, acts: Vec<Act>) -> History {
    History { is_first_event_order: false, ..history(orders, acts) }
}

fn intents(history: &History, as_of: f64) -> Vec<Intent> {
    understood(history, day(as_of)).intents
}

/// The score of the one active intent that these acts, all of one time, leave after some days.
#[track_caller]
fn check_score(kinds: &[ActKind], after_days: f64, expected: u8) {
    let acts = kinds.iter().map(|kind| act_on(day(0.0), *kind, 10)).collect();
    let intents = intents(&known(Vec::new(), acts), after_days);
    let scores: Vec<u8> = intents.iter().map(|intent| intent.score).collect();
    assert_eq!(scores, [expected]);
}

#[test]
fn a_cart_says_more_than_a_wish_and_a_wish_more_than_a_view() {
    check_score(&[ActKind::View], 0.0, 25);
    check_score(&[ActKind::Wish], 0.0, 45);
    check_score(&[ActKind::CartAdd], 0.0, 65);
}

#[test]
fn further_signs_add_up_to_a_limit() {
    check_score(&[ActKind::View; 2], 0.0, 30);
    check_score(&[ActKind::View; 9], 0.0, 35);
    check_score(&[ActKind::View, ActKind::CartAdd, ActKind::Wish], 0.0, 75);
}

#[test]
fn a_score_falls_after_three_days() {
    check_score(&[ActKind::CartAdd], 3.9, 65);
    check_score(&[ActKind::CartAdd], 12.0, 43);
    check_score(&[ActKind::CartAdd], 29.9, 2);
}

#[test]
fn what_leaves_the_cart_was_viewed() {
    check_score(&[ActKind::CartAdd, ActKind::CartRemove], 0.0, 25);
    check_score(&[ActKind::Wish, ActKind::CartAdd, ActKind::CartRemove], 0.0, 50);
    let alone = known(Vec::new(), vec![act_on(day(0.0), ActKind::CartRemove, 10)]);
    assert!(intents(&alone, 0.0).is_empty());
}

#[test]
fn an_intent_expires_after_thirty_days() {
    let customer = known(Vec::new(), vec![act_on(day(0.0), ActKind::CartAdd, 10)]);
    assert_eq!(intents(&customer, 29.9)[0].status, IntentStatus::Active);
    let expired = intents(&customer, 30.0);
    assert_eq!((expired[0].status, expired[0].score), (IntentStatus::Expired, 0));
}

#[test]
fn a_later_sign_begins_anew() {
    let acts = vec![act_on(day(0.0), ActKind::CartAdd, 10), act_on(day(40.0), ActKind::View, 10)];
    let both = intents(&known(Vec::new(), acts), 41.0);
    let statuses: Vec<_> = both.iter().map(|intent| intent.status).collect();
    assert_eq!(statuses, [IntentStatus::Active, IntentStatus::Expired]);
    assert_eq!((both[0].first_at, both[0].score), (day(40.0), 25));
    assert_eq!((both[1].first_at, both[1].last_at), (day(0.0), day(0.0)));
}

#[test]
fn a_purchase_converts_what_was_wanted() {
    let acts = vec![act_on(day(0.0), ActKind::View, 10), act_on(day(1.0), ActKind::CartAdd, 10)];
    let converted = intents(&known(vec![order(day(2.0), 100, &[10])], acts), 3.0);
    assert_eq!(converted.len(), 1);
    assert_eq!(converted[0].status, IntentStatus::Converted);
    assert_eq!((converted[0].first_at, converted[0].last_at), (day(0.0), day(2.0)));
    assert_eq!((converted[0].reason, converted[0].score), (IntentReason::Carted, 100));
}

#[test]
fn a_purchase_converts_without_a_sign_before() {
    let converted = intents(&known(vec![order(day(2.0), 100, &[10, 20])], Vec::new()), 3.0);
    assert_eq!(converted.len(), 2);
    assert!(converted.iter().all(|intent| intent.reason == IntentReason::Purchased));
    assert!(converted.iter().all(|intent| intent.status == IntentStatus::Converted));
}

#[test]
fn the_order_that_a_history_begins_with_converts_nothing() {
    let customer = history(vec![order(day(0.0), 100, &[10])], Vec::new());
    assert!(intents(&customer, 1.0).is_empty());
    let again = history(
        vec![order(day(0.0), 100, &[10]), order(day(5.0), 100, &[10])],
        vec![act_on(day(1.0), ActKind::CartAdd, 10)],
    );
    // It is a purchase all the same: what is wanted again scores so.
    assert_eq!(intents(&again, 1.0)[0].score, 85);
    let converted = intents(&again, 5.0);
    assert_eq!(converted.len(), 1);
    assert!(converted[0].is_repeat);
}

#[test]
fn a_further_purchase_moves_the_converted_intent_on() {
    let orders = vec![order(day(0.0), 100, &[10]), order(day(9.0), 100, &[10])];
    let converted = intents(&known(orders, Vec::new()), 10.0);
    assert_eq!(converted.len(), 1);
    assert_eq!((converted[0].first_at, converted[0].last_at), (day(0.0), day(9.0)));
}

#[test]
fn a_cart_and_its_order_of_one_time_are_a_conversion() {
    let customer =
        known(vec![order(day(1.0), 100, &[10])], vec![act_on(day(1.0), ActKind::CartAdd, 10)]);
    let statuses: Vec<_> = intents(&customer, 1.0).iter().map(|intent| intent.status).collect();
    assert_eq!(statuses, [IntentStatus::Converted]);
}

#[test]
fn the_strongest_comes_first() {
    let acts = vec![
        act_on(day(0.0), ActKind::CartAdd, 12),
        act_on(day(0.5), ActKind::View, 10),
        act_on(day(1.0), ActKind::View, 11),
    ];
    let products: Vec<_> =
        intents(&known(Vec::new(), acts), 1.0).iter().map(|intent| intent.product).collect();
    assert_eq!(products, [product(12), product(11), product(10)]);
}

#[test]
fn names_are_read_back() {
    for status in IntentStatus::ALL {
        assert_eq!(IntentStatus::parse(status.name()), Some(status));
    }
    assert_eq!(IntentReason::Carted.name(), "cart_add");
}
