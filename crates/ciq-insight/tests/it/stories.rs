//! Four customers whose figures a reader would give by hand.

use ciq_event::Currency;
use ciq_insight::{
    ActKind, History, Insight, IntentReason, IntentStatus, PeersBuilder, ProductKey, Segment, Stage,
};
use jiff::{SignedDuration, Timestamp};

use crate::support::{
    act, act_on, day, history, order, product, understood, understood_among, usd,
};

const SHIRT: i64 = 10;
const SNEAKERS: i64 = 20;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[track_caller]
fn check(insight: &Insight, churn: f64, value_minor: i64, segment: Segment) {
    let prediction = &insight.prediction;
    assert!((prediction.churn - churn).abs() <= 0.05, "churn {}", prediction.churn);
    let value = prediction.lifetime_value;
    assert!((value.minor - value_minor).abs() * 100 <= value_minor * 15, "lifetime value {value}");
    assert_eq!(prediction.segment, segment);
    assert_eq!(prediction.model_version, "scorecard-1");
}

#[track_caller]
fn check_journey(insight: &Insight, stage: Stage, score: u8) {
    assert_eq!(insight.journey.stage, stage);
    assert!(insight.journey.score.abs_diff(score) <= 5, "score {}", insight.journey.score);
}

/// Buys online, writes, buys in a store, and puts the same again into the cart.
fn omnichannel() -> History {
    let first = order(at("2024-01-15T10:00:00Z"), 8_999, &[SHIRT]);
    let mut second = order(at("2024-01-17T11:45:00Z"), 12_550, &[SNEAKERS]);
    second.is_offline = true;
    let acts = vec![
        act(at("2024-01-15T14:30:00Z"), ActKind::Message),
        act(at("2024-01-17T11:00:00Z"), ActKind::StoreVisit),
        act_on(at("2024-01-19T15:00:00Z"), ActKind::CartAdd, SNEAKERS),
    ];
    History { strength: 85, ..history(vec![first, second], acts) }
}

/// Buys five times in a week; was known before.
fn high_value() -> (History, Timestamp) {
    let orders = vec![
        order(day(1.0), 19_999, &[11]),
        order(day(3.0), 8_999, &[12]),
        order(day(5.0), 5_334, &[13]),
        order(day(6.0), 5_334, &[14]),
        order(day(7.0), 5_334, &[15]),
    ];
    let mut customer = history(orders, Vec::new());
    customer.first_event_at = Some(day(0.0));
    customer.is_first_event_order = false;
    customer.strength = 80;
    (customer, day(8.0))
}

fn lapsed() -> History {
    let orders = vec![
        order(day(0.0), 15_000, &[31]),
        order(day(30.0), 7_500, &[32]),
        order(day(45.0), 10_000, &[33]),
    ];
    History { strength: 60, ..history(orders, Vec::new()) }
}

#[test]
fn a_new_customer_of_two_channels_is_loyal() {
    // The whole of the sixth day, whenever on it.
    for hours in 0..24 {
        let as_of = at("2024-01-20T00:00:00Z") + SignedDuration::from_hours(hours);
        let insight = understood(&omnichannel(), as_of);
        check(&insight, 0.15, 45_000, Segment::Loyal);
        check_journey(&insight, Stage::Retention, 78);
        assert_eq!(insight.journey.next_best_action, "Send personalized product recommendations");
    }
}

#[test]
fn the_figures_of_a_customer_of_two_channels_are_plain() {
    let features = understood(&omnichannel(), at("2024-01-20T06:00:00Z")).features;
    assert_eq!(features.recency_days, Some(2));
    assert_eq!(features.frequency, 2);
    assert_eq!(features.monetary, usd(21_549));
    assert_eq!(features.offline_ratio, Some(0.5));
    let lines: Vec<u32> = features.category_affinity.iter().map(|(_, lines)| *lines).collect();
    assert_eq!(lines, [1, 1]);
}

#[test]
fn what_is_wanted_comes_before_what_was_bought() {
    let customer = omnichannel();
    let as_of = at("2024-01-20T06:00:00Z");
    let expected = [product(SNEAKERS), product(SHIRT)];
    assert_eq!(understood(&customer, as_of).prediction.recommendations, expected);
    // A brand with this one customer has the same.
    let mut builder = PeersBuilder::new(Currency::USD);
    builder.add(&customer, as_of);
    let insight = understood_among(&customer, as_of, &builder.finish());
    assert_eq!(insight.prediction.recommendations, expected);
}

#[test]
fn a_purchase_in_the_store_converts_and_a_cart_wants_again() {
    let customer = omnichannel();
    let before = understood(&customer, at("2024-01-18T00:00:00Z")).intents;
    let statuses: Vec<_> = before.iter().map(|intent| (intent.product, intent.status)).collect();
    assert_eq!(statuses, [(ProductKey(SNEAKERS), IntentStatus::Converted)]);
    let after = understood(&customer, at("2024-01-20T06:00:00Z")).intents;
    let statuses: Vec<_> = after.iter().map(|intent| (intent.product, intent.status)).collect();
    let sneakers = ProductKey(SNEAKERS);
    assert_eq!(statuses, [(sneakers, IntentStatus::Active), (sneakers, IntentStatus::Converted)]);
    assert_eq!((after[0].score, after[0].reason), (85, IntentReason::Carted));
    assert!(after[0].is_repeat);
}

#[test]
fn five_orders_in_a_week_make_a_champion() {
    let (customer, as_of) = high_value();
    for hours in [-23, 0, 12] {
        let insight = understood(&customer, as_of + SignedDuration::from_hours(hours));
        check(&insight, 0.08, 120_000, Segment::Champion);
    }
    let insight = understood(&customer, as_of);
    assert_eq!(insight.features.category_affinity.len(), 1);
    assert_eq!(insight.features.category_affinity[0].1, 5);
    assert_eq!(insight.features.recency_days, Some(1));
}

#[test]
fn a_silence_of_two_rhythms_puts_a_customer_at_risk() {
    for hours in [0, 12, 24] {
        let insight = understood(&lapsed(), day(90.0) + SignedDuration::from_hours(hours));
        check(&insight, 0.75, 35_000, Segment::AtRisk);
        check_journey(&insight, Stage::AtRisk, 45);
    }
}

#[test]
fn an_order_after_a_silence_makes_a_customer_loyal_with_some_doubt() {
    let mut customer = lapsed();
    customer.orders.push(order(day(92.0), 12_000, &[34]));
    customer.strength = 70;
    for hours in [0, 1, 12] {
        let insight = understood(&customer, day(92.0) + SignedDuration::from_hours(hours));
        check(&insight, 0.25, 60_000, Segment::Loyal);
        check_journey(&insight, Stage::Retention, 72);
    }
}
