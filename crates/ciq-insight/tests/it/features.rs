//! Figures of histories.

use ciq_event::{Currency, Money};
use ciq_insight::{
    ActKind, Catalogue, CategoryKey, Features, History, ProductKey, Sentiment, features,
    features_json,
};
use serde_json::{Value, json};

use crate::support::{act, day, history, order, product, usd};

const EUR: &str = "EUR";

fn figures(history: &History, as_of: f64) -> Features {
    features(history, day(as_of), Currency::USD)
}

fn named(features: &Features, name: &str) -> Value {
    let catalogue = Catalogue {
        products: [(ProductKey(10), "Shirt".to_owned())].into(),
        categories: [(CategoryKey(1), "Apparel".to_owned()), (CategoryKey(2), "Shoes".to_owned())]
            .into(),
    };
    let text = features_json(features, &catalogue);
    serde_json::from_str::<Value>(&text).unwrap().get(name).unwrap().clone()
}

#[test]
fn nothing_has_no_figures() {
    let features = figures(&History::default(), 1.0);
    assert_eq!(features.recency_days, None);
    assert_eq!(features.frequency, 0);
    assert_eq!(features.monetary, usd(0));
    assert_eq!(features.mean_order, None);
    assert_eq!(features.tenure_days, None);
    assert_eq!(features.days_since_any, None);
    assert_eq!(features.offline_ratio, None);
}

#[test]
fn recency_is_in_whole_days() {
    let customer = history(vec![order(day(0.5), 100, &[])], Vec::new());
    let recency = |at| figures(&customer, at).recency_days;
    assert_eq!(recency(0.4), None);
    assert_eq!(recency(0.5), Some(0));
    assert_eq!(recency(1.49), Some(0));
    assert_eq!(recency(1.5), Some(1));
}

#[test]
fn gaps_have_a_mean_a_last_and_a_deviation() {
    let orders = vec![order(day(0.0), 1, &[]), order(day(30.0), 1, &[]), order(day(45.0), 1, &[])];
    let customer = history(orders, Vec::new());
    let features = figures(&customer, 45.0);
    assert_eq!(features.mean_gap_days, Some(22.5));
    assert_eq!(features.last_gap_days, Some(15.0));
    assert_eq!(features.gap_deviation_days, Some(7.5));
    let features = figures(&customer, 30.0);
    assert_eq!(features.mean_gap_days, Some(30.0));
    assert_eq!(features.gap_deviation_days, None);
    assert_eq!(figures(&customer, 29.0).mean_gap_days, None);
}

#[test]
fn currencies_are_not_added_up() {
    let mut orders = vec![order(day(0.0), 1_000, &[]), order(day(1.0), 3_000, &[])];
    let eur = Currency::parse(EUR).unwrap();
    orders.push(order(day(2.0), 70_000, &[]));
    orders[2].total = Money { minor: 70_000, currency: eur };
    let customer = history(orders, Vec::new());
    let features = figures(&customer, 3.0);
    assert_eq!(features.monetary, usd(4_000));
    assert_eq!(features.mean_order, Some(usd(2_000)));
    assert_eq!(features.frequency, 3);
    let pounds = ciq_insight::features(&customer, day(3.0), Currency::parse("GBP").unwrap());
    assert_eq!(pounds.monetary, Money { minor: 70_000, currency: eur });
}

#[test]
fn affinities_count_order_lines() {
    let orders = vec![
        order(day(0.0), 1, &[10, 20, 11]),
        order(day(1.0), 1, &[20, 21]),
        order(day(2.0), 1, &[21, 22]),
    ];
    let features = figures(&history(orders, Vec::new()), 3.0);
    assert_eq!(features.category_affinity, [(CategoryKey(2), 5), (CategoryKey(1), 2)]);
    // Most lines first, then what was bought last.
    let expected = [(21, 2), (20, 2), (22, 1), (10, 1), (11, 1)];
    assert_eq!(features.product_affinity, expected.map(|(key, lines)| (product(key), lines)));
}

#[test]
fn a_window_is_thirty_days() {
    let acts = vec![act(day(0.0), ActKind::Session), act(day(0.1), ActKind::Session)];
    let customer = history(Vec::new(), acts);
    assert_eq!(figures(&customer, 30.0).session_count_30d, 1);
    assert_eq!(figures(&customer, 30.0).session_count, 2);
    assert_eq!(figures(&customer, 31.0).session_count_30d, 0);
}

#[test]
fn active_days_are_days_of_the_calendar() {
    let acts = vec![
        act(day(0.1), ActKind::Use),
        act(day(0.9), ActKind::Session),
        act(day(1.1), ActKind::Use),
        act(day(5.0), ActKind::Use),
        act(day(7.0), ActKind::Payment),
    ];
    let features = figures(&history(Vec::new(), acts), 8.0);
    assert_eq!((features.active_day_count, features.active_span_days), (3, 5));
    assert_eq!(features.days_since_active, Some(3));
    assert_eq!(features.days_since_any, Some(1));
}

#[test]
fn a_payment_settles_what_was_open() {
    let negative = ActKind::Ticket(Sentiment::Negative);
    let mut acts = vec![
        act(day(0.0), ActKind::BillingIssue),
        act(day(1.0), negative),
        act(day(2.0), ActKind::Cancellation),
    ];
    let open = |acts: &[ciq_insight::Act]| {
        let features = figures(&history(Vec::new(), acts.to_vec()), 9.0);
        (features.open_billing_issue_count, features.open_complaint_count, features.is_cancelled)
    };
    assert_eq!(open(&acts), (1, 1, true));
    acts.push(act(day(3.0), ActKind::Payment));
    assert_eq!(open(&acts), (0, 0, false));
    acts.push(act(day(4.0), negative));
    assert_eq!(open(&acts), (0, 1, false));
    acts.push(act(day(5.0), ActKind::Ticket(Sentiment::Positive)));
    assert_eq!(open(&acts), (0, 0, false));
}

#[test]
fn an_order_settles_what_was_open_before_it() {
    let acts = vec![
        act(day(0.0), ActKind::Ticket(Sentiment::Negative)),
        act(day(2.0), ActKind::Ticket(Sentiment::Negative)),
    ];
    let features = figures(&history(vec![order(day(1.0), 1, &[])], acts), 9.0);
    assert_eq!(features.open_complaint_count, 1);
    assert_eq!(features.ticket_counts.negative, 2);
}

#[test]
fn rows_have_names_and_plain_values() {
    let orders = vec![order(day(0.0), 8_999, &[10]), order(day(2.0), 12_550, &[20])];
    let features = figures(&history(orders, Vec::new()), 3.0);
    assert_eq!(named(&features, "rfm_recency_days"), json!(1));
    assert_eq!(named(&features, "rfm_frequency"), json!(2));
    assert_eq!(named(&features, "rfm_monetary").to_string(), "215.49");
    assert_eq!(named(&features, "category_affinity"), json!({"Apparel": 1, "Shoes": 1}));
    assert_eq!(named(&features, "product_affinity"), json!({"Shirt": 1, "#20": 1}));
    assert_eq!(named(&features, "profile_strength"), json!(40));
    assert_eq!(named(&features, "days_since_payment"), Value::Null);
}

#[test]
fn amounts_without_decimals_stay_whole() {
    let mut customer = history(vec![order(day(0.0), 500, &[])], Vec::new());
    customer.orders[0].total.currency = Currency::parse("JPY").unwrap();
    let features = features(&customer, day(1.0), Currency::parse("JPY").unwrap());
    assert_eq!(named(&features, "rfm_monetary"), json!(500.0));
    assert_eq!(named(&features, "currency"), json!("JPY"));
}
