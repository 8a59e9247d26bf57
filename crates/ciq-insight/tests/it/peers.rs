//! What others did, and what to show next.

use ciq_event::Currency;
use ciq_insight::{
    ActKind, CategoryKey, History, Peers, PeersBuilder, PeersError, ProductKey, Quintiles, Rfm,
    Segment,
};

use crate::support::{act_on, day, history, order, product, understood_among};

/// Orders of these products, a day apart from day 0 on.
fn buyer(orders: &[&[i64]]) -> History {
    let orders = (0..).zip(orders).map(|(nth, products)| order(day(f64::from(nth)), 100, products));
    history(orders.collect(), Vec::new())
}

fn peers(histories: &[History]) -> Peers {
    let mut builder = PeersBuilder::new(Currency::USD);
    for history in histories {
        builder.add(history, day(100.0));
    }
    builder.finish()
}

#[track_caller]
fn check(history: &History, peers: &Peers, expected: &[i64]) {
    let insight = understood_among(history, day(10.0), peers);
    let expected: Vec<ProductKey> = expected.iter().map(|number| product(*number)).collect();
    assert_eq!(insight.prediction.recommendations, expected);
}

#[test]
fn what_others_bought_next_is_counted_once_a_customer() {
    let peers = peers(&[
        buyer(&[&[10], &[20]]),
        buyer(&[&[10], &[20], &[10], &[20]]),
        buyer(&[&[10], &[30]]),
    ]);
    assert_eq!(peers.next_by_product[&product(10)], [(product(20), 2), (product(30), 1)]);
    assert_eq!(peers.next_by_category[&CategoryKey(1)], [(product(20), 2), (product(30), 1)]);
    assert_eq!(peers.popular, [(product(10), 3), (product(20), 2), (product(30), 1)]);
    assert_eq!(peers.popular_by_category[&CategoryKey(2)], [(product(20), 2)]);
}

#[test]
fn the_next_purchase_of_others_is_recommended() {
    let peers = peers(&[buyer(&[&[10], &[20]]), buyer(&[&[10], &[20]]), buyer(&[&[11], &[30]])]);
    // After product 10 came 20; after its category also 30; popular in it is 11.
    check(&buyer(&[&[10]]), &peers, &[20, 30, 11]);
}

#[test]
fn what_is_wanted_comes_first_and_what_was_bought_last() {
    let peers = peers(&[buyer(&[&[10], &[20]])]);
    let mut customer = buyer(&[&[40], &[10]]);
    customer.acts.push(act_on(day(5.0), ActKind::Wish, 50));
    check(&customer, &peers, &[50, 20, 40]);
}

#[test]
fn what_was_bought_is_not_sold_as_news() {
    let peers = peers(&[buyer(&[&[10], &[20]])]);
    check(&buyer(&[&[20], &[10]]), &peers, &[20]);
    check(&buyer(&[&[10], &[20]]), &peers, &[10]);
}

#[test]
fn who_wants_it_again_is_shown_what_was_just_bought() {
    let mut customer = buyer(&[&[10]]);
    check(&customer, &Peers::default(), &[]);
    customer.acts.push(act_on(day(5.0), ActKind::View, 10));
    check(&customer, &Peers::default(), &[10]);
}

#[test]
fn a_stranger_is_shown_what_is_popular() {
    let peers = peers(&[buyer(&[&[10]]), buyer(&[&[10, 20]])]);
    check(&History::default(), &peers, &[10, 20]);
    let mut looker = History::default();
    looker.acts.push(act_on(day(5.0), ActKind::View, 21));
    check(&looker, &peers, &[21, 20]);
}

#[test]
fn no_more_than_five_are_named() {
    let peers = peers(&[buyer(&[&[10, 11, 12, 13, 14, 15, 16]])]);
    check(&History::default(), &peers, &[10, 11, 12, 13, 14]);
}

#[test]
fn fifths_rank_customers() {
    let customers = (1..=30_u32).map(|number| (number * 10, number, i64::from(number) * 1_000));
    let quintiles = Quintiles::of(customers).unwrap();
    assert_eq!(quintiles.recency, [60, 120, 180, 240]);
    assert_eq!(quintiles.frequency, [6, 12, 18, 24]);
    // Nine orders of 20.00 on the days 0 to 8, seen 150 days after the last.
    let mut customer = buyer(&[&[10][..]; 9]);
    customer.orders.iter_mut().for_each(|order| order.total.minor = 2_000);
    let peers = Peers { quintiles: Some(quintiles), ..Peers::default() };
    let rfm = understood_among(&customer, day(158.0), &peers).rfm;
    assert_eq!(rfm, Some(Rfm { recency: 3, frequency: 2, monetary: 3 }));
    assert_eq!(understood_among(&History::default(), day(58.0), &peers).rfm, None);
}

#[test]
fn a_champion_spends_more_than_most() {
    let customer = buyer(&[&[10][..]; 6]);
    let segment = |peers: &Peers| understood_among(&customer, day(6.0), peers).prediction.segment;
    assert_eq!(segment(&Peers::default()), Segment::Champion);
    let richer = Quintiles::of((1..=30).map(|number| (1, 1, number * 1_000)));
    assert_eq!(segment(&Peers { quintiles: richer, ..Peers::default() }), Segment::Loyal);
    let poorer = Quintiles::of((1..=30).map(|number| (1, 1, number)));
    assert_eq!(segment(&Peers { quintiles: poorer, ..Peers::default() }), Segment::Champion);
}

#[test]
fn equal_customers_have_equal_scores() {
    let quintiles = Quintiles::of([(1, 1, 1); 30]).unwrap();
    let peers = Peers { quintiles: Some(quintiles), ..Peers::default() };
    let mut customer = buyer(&[&[10]]);
    customer.orders[0].total.minor = 1;
    let rfm = understood_among(&customer, day(1.0), &peers).rfm;
    assert_eq!(rfm, Some(Rfm { recency: 5, frequency: 1, monetary: 1 }));
}

#[test]
fn a_few_customers_have_no_fifths() {
    assert_eq!(Quintiles::of([(1, 1, 1); 24]), None);
    assert_eq!(peers(&[buyer(&[&[10]])]).quintiles, None);
}

#[test]
fn peers_of_another_version_are_refused() {
    let text = Peers::default().to_json().unwrap();
    let newer = text.replace("\"version\":1", "\"version\":2");
    assert!(matches!(Peers::from_json(&newer), Err(PeersError::Version(2))));
    assert!(matches!(Peers::from_json("{}"), Err(PeersError::Json(_))));
}
