//! What a history means, as of any day.
//!
//! You will see a customer who orders every three weeks, falls silent and comes back: how the
//! chance of leaving, the lifetime value, the segment and the stage follow, day by day.
#![expect(clippy::print_stdout, reason = "an example shows")]

use std::error::Error;

use ciq_event::{Currency, Money};
use ciq_insight::{
    Catalogue, Context, History, Insight, Item, ModelChoice, Order, Peers, ProductKey, understand,
};
use jiff::{SignedDuration, Timestamp};

/// The days of orders: four in a rhythm, a silence, and one more.
const ORDER_DAYS: [i64; 5] = [0, 21, 42, 63, 112];

/// The days to look at.
const LOOK_DAYS: [i64; 6] = [1, 30, 70, 90, 111, 113];

/// Returns noon of a day, counted from the first order.
fn noon(day: i64) -> Result<Timestamp, Box<dyn Error>> {
    let begin: Timestamp = "2026-01-05T12:00:00Z".parse()?;
    Ok(begin.checked_add(SignedDuration::from_hours(24 * day))?)
}

fn history() -> Result<History, Box<dyn Error>> {
    let order = |day| -> Result<Order, Box<dyn Error>> {
        let coffee = Item { product: ProductKey(1), category: None, quantity: 1, price: None };
        let total = Money { minor: 3_490, currency: Currency::USD };
        Ok(Order { at: noon(day)?, total, is_offline: false, items: vec![coffee] })
    };
    let orders = ORDER_DAYS.map(order).into_iter().collect::<Result<Vec<_>, _>>()?;
    let first_event_at = orders.first().map(|order| order.at);
    Ok(History { first_event_at, is_first_event_order: true, strength: 60, orders, acts: vec![] })
}

/// Looks at the history on each day. What is later than the day does not count.
fn looks() -> Result<Vec<(i64, Insight)>, Box<dyn Error>> {
    let history = history()?;
    // A brand with this one customer, and no model of its own yet.
    let (catalogue, peers) = (Catalogue::default(), Peers::default());
    let (currency, model) = (Currency::USD, ModelChoice::Scorecard);
    let context = Context { currency, catalogue: &catalogue, peers: &peers, model };
    let look = |day| Ok((day, understand(&history, &context, noon(day)?)));
    LOOK_DAYS.map(look).into_iter().collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    for (day, insight) in looks()? {
        let Insight { features, prediction, journey, .. } = insight;
        println!(
            "day {day}: {} orders, churn {:.2}, lifetime value {}, {}, {} ({}): {}",
            features.frequency,
            prediction.churn,
            prediction.lifetime_value,
            prediction.segment,
            journey.stage,
            journey.score,
            journey.next_best_action,
        );
    }
    Ok(())
}

#[cfg(test)]
#[test]
fn runs() {
    main().unwrap();
    let segments: Vec<_> =
        looks().unwrap().iter().map(|(_, insight)| insight.prediction.segment.name()).collect();
    assert_eq!(segments, ["new", "loyal", "loyal", "loyal", "at_risk", "loyal"]);
}
