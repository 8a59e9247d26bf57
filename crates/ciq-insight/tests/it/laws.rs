//! Laws that hold for every history.

use std::collections::BTreeSet;

use ciq_event::Currency;
use ciq_insight::{
    Act, ActKind, History, IntentStatus, Order, Peers, PeersBuilder, Segment, Sentiment,
    abandoned_carts, open_carts, scorecard_churn,
};
use jiff::SignedDuration;
use proptest::prelude::*;

use crate::support::{act, act_on, day, history, order, understood, understood_among};

const KINDS: [ActKind; 17] = [
    ActKind::Session,
    ActKind::View,
    ActKind::CartAdd,
    ActKind::CartRemove,
    ActKind::Wish,
    ActKind::Use,
    ActKind::StoreVisit,
    ActKind::Message,
    ActKind::Ticket(Sentiment::Positive),
    ActKind::Ticket(Sentiment::Neutral),
    ActKind::Ticket(Sentiment::Negative),
    ActKind::Payment,
    ActKind::BillingIssue,
    ActKind::Upgrade,
    ActKind::Downgrade,
    ActKind::Cancellation,
    ActKind::Other,
];

fn orders() -> impl Strategy<Value = Vec<Order>> {
    let one = (0.0..400.0_f64, -500..100_000_i64, proptest::collection::vec(10..40_i64, 0..4));
    proptest::collection::vec(one, 0..8).prop_map(|mut orders| {
        orders.sort_by(|left, right| left.0.total_cmp(&right.0));
        orders.iter().map(|(at, minor, products)| order(day(*at), *minor, products)).collect()
    })
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let kind = (0..KINDS.len()).prop_map(|number| KINDS[number]);
    let one = (0.0..400.0_f64, kind, proptest::option::of(10..40_i64));
    proptest::collection::vec(one, 0..25).prop_map(|mut acts| {
        acts.sort_by(|left, right| left.0.total_cmp(&right.0));
        let made = acts.iter().map(|(at, kind, about)| match about {
            Some(number) => act_on(day(*at), *kind, *number),
            None => act(day(*at), *kind),
        });
        made.collect()
    })
}

fn histories() -> impl Strategy<Value = History> {
    (orders(), acts(), 0..=95_u8)
        .prop_map(|(orders, acts, strength)| History { strength, ..history(orders, acts) })
}

fn peers() -> impl Strategy<Value = Peers> {
    proptest::collection::vec(histories(), 0..8).prop_map(|histories| {
        let mut builder = PeersBuilder::new(Currency::USD);
        for history in &histories {
            builder.add(history, day(400.0));
        }
        builder.finish()
    })
}

proptest! {
    #[test]
    fn what_is_later_does_not_count(history in histories(), peers in peers(), at in 0.0..400.0_f64) {
        let as_of = day(at);
        let mut past = history.clone();
        past.orders.retain(|order| order.at <= as_of);
        past.acts.retain(|act| act.at <= as_of);
        prop_assert_eq!(
            understood_among(&history, as_of, &peers),
            understood_among(&past, as_of, &peers)
        );
        let after = SignedDuration::from_hours(2);
        let within = SignedDuration::from_hours(24 * 7);
        prop_assert_eq!(
            abandoned_carts(&history, as_of, after, within),
            abandoned_carts(&past, as_of, after, within)
        );
    }

    #[test]
    fn churn_never_falls_while_nothing_happens(
        history in histories(),
        earlier in 400.0..800.0_f64,
        wait in 0.0..400.0_f64,
    ) {
        let churn = |at| understood(&history, day(at)).prediction.churn;
        prop_assert!(churn(earlier) <= churn(earlier + wait));
    }

    #[test]
    fn lifetime_value_never_rises_while_nothing_happens(
        history in histories(),
        earlier in 400.0..800.0_f64,
        wait in 0.0..400.0_f64,
    ) {
        let value = |at| understood(&history, day(at)).prediction.lifetime_value.minor;
        prop_assert!(value(earlier) >= value(earlier + wait));
    }

    #[test]
    fn figures_stay_in_their_bounds(history in histories(), at in 0.0..800.0_f64) {
        let insight = understood(&history, day(at));
        let prediction = &insight.prediction;
        prop_assert!((0.01..=0.99).contains(&prediction.churn));
        prop_assert!(prediction.lifetime_value.minor >= insight.features.monetary.minor);
        prop_assert!(insight.journey.score <= 100);
        prop_assert!(!insight.journey.next_best_action.is_empty());
        if insight.features.is_cancelled {
            prop_assert!(prediction.churn >= 0.95);
            prop_assert_eq!(prediction.segment, Segment::Lost);
        }
    }

    #[test]
    fn a_further_order_never_raises_churn_for_who_has_not_lapsed(
        history in histories(),
        wait in 0.0..30.0_f64,
    ) {
        // Without a lapse an order is good news; after one the doubt is wanted.
        let mut buyer = history;
        buyer.acts.clear();
        let last_at = buyer.orders.last().map_or(day(0.0), |order| order.at);
        let at = last_at + SignedDuration::from_secs_f64(wait * 86_400.0);
        let before = understood(&buyer, at);
        buyer.orders.push(order(at, 1_000, &[10]));
        let after = understood(&buyer, at);
        let is_timely = after.features.mean_gap_days.is_none_or(|mean| {
            after.features.last_gap_days.is_some_and(|last| last <= mean)
        });
        if before.features.frequency > 0 && is_timely {
            prop_assert!(scorecard_churn(&after.features) <= scorecard_churn(&before.features));
        }
    }

    #[test]
    fn a_product_has_one_intent_of_each_status(history in histories(), at in 0.0..500.0_f64) {
        let intents = understood(&history, day(at)).intents;
        let keys: BTreeSet<_> =
            intents.iter().map(|intent| (intent.product, intent.status)).collect();
        prop_assert_eq!(keys.len(), intents.len());
        for intent in &intents {
            prop_assert!(intent.first_at <= intent.last_at && intent.last_at <= day(at));
            prop_assert!(intent.score <= 100);
        }
        let scores: Vec<u8> = intents
            .iter()
            .filter(|intent| intent.status == IntentStatus::Active)
            .map(|intent| intent.score)
            .collect();
        prop_assert!(scores.is_sorted_by(|left, right| left >= right));
        prop_assert!(scores.iter().all(|score| *score > 0));
    }

    #[test]
    fn what_was_just_bought_is_not_recommended(
        history in histories(),
        peers in peers(),
        at in 0.0..500.0_f64,
    ) {
        let insight = understood_among(&history, day(at), &peers);
        let named = &insight.prediction.recommendations;
        prop_assert!(named.len() <= 5);
        prop_assert_eq!(named.iter().collect::<BTreeSet<_>>().len(), named.len());
        let Some(latest) = history.orders_until(day(at)).last() else { return Ok(()) };
        for item in &latest.items {
            let is_wanted_since = insight.intents.iter().any(|intent| {
                intent.product == item.product
                    && intent.status == IntentStatus::Active
                    && intent.last_at >= latest.at
            });
            prop_assert!(is_wanted_since || !named.contains(&item.product));
        }
    }

    #[test]
    fn a_cart_was_added_and_neither_removed_nor_bought(
        history in histories(),
        at in 0.0..500.0_f64,
    ) {
        for cart in open_carts(&history, day(at)) {
            let is_about = |act: &&Act| act.item.is_some_and(|item| item.product == cart.product);
            let about: Vec<_> = history.acts_until(day(at)).iter().filter(is_about).collect();
            let since = |act: &&&Act| act.at >= cart.added_at;
            let adds = about.iter().filter(since).filter(|act| act.kind == ActKind::CartAdd);
            prop_assert_eq!(adds.count(), 1);
            prop_assert!(about.iter().filter(since).all(|act| act.kind != ActKind::CartRemove));
            let is_bought = history
                .orders_until(day(at))
                .iter()
                .filter(|order| order.at >= cart.added_at)
                .any(|order| order.items.iter().any(|item| item.product == cart.product));
            prop_assert!(!is_bought);
        }
    }

    #[test]
    fn peers_survive_their_json(peers in peers()) {
        let text = peers.to_json().unwrap();
        prop_assert_eq!(Peers::from_json(&text).unwrap(), peers);
    }
}
