//! What the scorecard says beyond the stories.

use ciq_event::Currency;
use ciq_insight::{
    Act, ActKind, Catalogue, Context, History, ModelChoice, Peers, Segment, Sentiment, Stage,
    understand,
};

use crate::support::{act, act_on, day, history, order, understood, usd};

/// Orders of 100.00, `gap` days apart.
fn buyer(order_count: u32, gap: f64) -> History {
    let orders = (0..order_count).map(|nth| order(day(f64::from(nth) * gap), 10_000, &[]));
    history(orders.collect(), Vec::new())
}

/// Uses a service daily and pays monthly.
fn subscriber(days: u32) -> History {
    let mut acts: Vec<Act> = (0..days).map(|nth| act(day(f64::from(nth)), ActKind::Use)).collect();
    acts.extend((0..days / 30).map(|nth| act(day(f64::from(nth) * 30.0), ActKind::Payment)));
    acts.sort_by_key(|act| act.at);
    history(Vec::new(), acts)
}

fn churn(history: &History, as_of: f64) -> f64 {
    understood(history, day(as_of)).prediction.churn
}

fn segment(history: &History, as_of: f64) -> Segment {
    understood(history, day(as_of)).prediction.segment
}

#[test]
fn a_silence_is_measured_by_the_own_rhythm() {
    let weekly = churn(&buyer(5, 7.0), 28.0 + 40.0);
    let quarterly = churn(&buyer(5, 90.0), 360.0 + 40.0);
    assert!(weekly > 0.9 && quarterly < 0.3, "{weekly} {quarterly}");
}

#[test]
fn more_orders_make_a_customer_surer() {
    let churns = [1, 2, 3, 5, 10].map(|count| {
        let customer = buyer(count, 30.0);
        churn(&customer, f64::from(count - 1) * 30.0)
    });
    assert!(churns.is_sorted_by(|left, right| left > right), "{churns:?}");
}

#[test]
fn a_visit_excuses_part_of_a_silence() {
    let silent = buyer(3, 30.0);
    let mut seen = silent.clone();
    seen.acts.push(act(day(104.0), ActKind::Session));
    assert!(churn(&seen, 105.0) < churn(&silent, 105.0) - 0.1);
}

#[test]
fn complaints_and_failed_payments_raise_churn() {
    for trouble in [ActKind::Ticket(Sentiment::Negative), ActKind::BillingIssue] {
        let calm = subscriber(60);
        let mut troubled = calm.clone();
        troubled.acts.push(act(day(59.5), trouble));
        assert!(churn(&troubled, 60.0) > churn(&calm, 60.0));
    }
}

#[test]
fn who_cancelled_has_left() {
    let mut customer = subscriber(60);
    customer.acts.push(act(day(59.5), ActKind::Cancellation));
    let insight = understood(&customer, day(60.0));
    assert!(insight.prediction.churn >= 0.95);
    assert_eq!(insight.prediction.segment, Segment::Lost);
    assert_eq!(insight.journey.stage, Stage::AtRisk);
    assert_eq!(insight.journey.next_best_action, "Ask why the customer left");
}

#[test]
fn a_subscriber_who_falls_silent_is_at_risk() {
    let customer = subscriber(120);
    assert_eq!(segment(&customer, 120.0), Segment::Loyal);
    assert_eq!(segment(&customer, 133.0), Segment::AtRisk);
    assert_eq!(segment(&subscriber(20), 20.0), Segment::New);
    assert_eq!(segment(&subscriber(60), 60.0), Segment::Promising);
}

#[test]
fn payments_alone_have_a_rhythm_of_a_month() {
    let acts = (0..6).map(|nth| act(day(f64::from(nth) * 30.0), ActKind::Payment)).collect();
    let customer = history(Vec::new(), acts);
    assert!(churn(&customer, 150.0 + 29.0) < 0.3);
    assert!(churn(&customer, 150.0 + 70.0) > 0.8);
}

#[test]
fn one_order_goes_from_new_to_lost() {
    let customer = buyer(1, 0.0);
    assert_eq!(segment(&customer, 0.0), Segment::New);
    assert_eq!(segment(&customer, 29.0), Segment::New);
    assert_eq!(segment(&customer, 45.0), Segment::Hibernating);
    assert_eq!(segment(&customer, 179.0), Segment::Hibernating);
    assert_eq!(segment(&customer, 180.0), Segment::Lost);
}

#[test]
fn who_bought_once_and_is_around_is_promising() {
    let mut customer = buyer(1, 0.0);
    customer.acts.push(act(day(39.5), ActKind::Session));
    assert_eq!(segment(&customer, 40.0), Segment::Promising);
    assert_eq!(understood(&customer, day(40.0)).journey.stage, Stage::Purchase);
}

#[test]
fn without_an_order_there_is_no_value() {
    let insight = understood(&subscriber(60), day(60.0));
    assert_eq!(insight.prediction.lifetime_value, usd(0));
    assert_eq!(understood(&History::default(), day(0.0)).prediction.lifetime_value, usd(0));
}

#[test]
fn nothing_is_a_prospect_at_the_beginning() {
    let insight = understood(&History::default(), day(0.0));
    assert_eq!(insight.prediction.segment, Segment::Prospect);
    assert_eq!(insight.journey.stage, Stage::Awareness);
    assert_eq!(insight.rfm, None);
    assert!(insight.intents.is_empty() && insight.prediction.recommendations.is_empty());
}

#[test]
fn who_wants_something_considers() {
    let cart = vec![act_on(day(0.0), ActKind::CartAdd, 10)];
    let insight = understood(&history(Vec::new(), cart), day(1.0));
    assert_eq!(insight.journey.stage, Stage::Consideration);
    assert_eq!(insight.journey.next_best_action, "Remind of the products in the cart");
    let views = (0..3).map(|nth| act(day(f64::from(nth)), ActKind::View)).collect();
    let insight = understood(&history(Vec::new(), views), day(3.0));
    assert_eq!(insight.journey.stage, Stage::Consideration);
    assert_eq!(insight.journey.next_best_action, "Help to choose a product");
    let visit = vec![act(day(0.0), ActKind::Session)];
    assert_eq!(understood(&history(Vec::new(), visit), day(1.0)).journey.stage, Stage::Awareness);
}

#[test]
fn a_satisfied_champion_of_long_is_an_advocate() {
    let mut customer = buyer(12, 20.0);
    assert_eq!(understood(&customer, day(221.0)).journey.stage, Stage::Retention);
    customer.acts.push(act(day(220.0), ActKind::Ticket(Sentiment::Positive)));
    let insight = understood(&customer, day(221.0));
    assert_eq!(insight.prediction.segment, Segment::Champion);
    assert_eq!(insight.journey.stage, Stage::Advocacy);
    assert_eq!(insight.journey.next_best_action, "Ask for a review or a referral");
}

#[test]
fn trouble_comes_before_any_offer() {
    let mut customer = buyer(3, 10.0);
    customer.acts.push(act(day(21.0), ActKind::Ticket(Sentiment::Negative)));
    let action = |customer: &History| understood(customer, day(22.0)).journey.next_best_action;
    assert_eq!(action(&customer), "Resolve the open complaint");
    customer.acts[0].kind = ActKind::BillingIssue;
    assert_eq!(action(&customer), "Help to settle the failed payment");
}

#[test]
fn names_are_read_back() {
    for segment in Segment::ALL {
        assert_eq!(Segment::parse(segment.name()), Some(segment));
    }
    for stage in Stage::ALL {
        assert_eq!(Stage::parse(stage.name()), Some(stage));
    }
    assert_eq!(Segment::parse("loyal_customer"), Some(Segment::Loyal));
    assert_eq!(Segment::parse("whale"), None);
}

/// What a trained model that gives these answers makes of a loyal customer.
#[track_caller]
fn check_trained(answers: (Option<f64>, Option<f64>), expected: (f64, i64, &str)) {
    let customer = buyer(3, 30.0);
    let peers = Peers::default();
    let catalogue = Catalogue::default();
    let context = Context {
        currency: Currency::USD,
        catalogue: &catalogue,
        peers: &peers,
        model: ModelChoice::Trained {
            version: "trained-7",
            churn: &|_, _| answers.0,
            lifetime_value: &|_, _, _| answers.1,
        },
    };
    let prediction = understand(&customer, &context, day(61.0)).prediction;
    assert!((prediction.churn - expected.0).abs() < 0.005, "{}", prediction.churn);
    assert_eq!(prediction.lifetime_value, usd(expected.1));
    assert_eq!(prediction.model_version, expected.2);
}

#[test]
fn a_trained_model_predicts() {
    check_trained((Some(0.4), Some(50_000.4)), (0.4, 50_000, "trained-7"));
}

#[test]
fn a_trained_value_is_never_below_the_spend() {
    check_trained((Some(0.4), Some(-5.0)), (0.4, 30_000, "trained-7"));
}

#[test]
fn the_scorecard_answers_where_a_trained_model_cannot() {
    let by_scorecard = understood(&buyer(3, 30.0), day(61.0)).prediction;
    let value_minor = by_scorecard.lifetime_value.minor;
    for unknown in [None, Some(f64::NAN)] {
        let expected = (by_scorecard.churn, value_minor, "scorecard-1");
        check_trained((unknown, unknown), expected);
    }
}
