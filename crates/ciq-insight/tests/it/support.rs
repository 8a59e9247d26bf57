//! Histories in few words.

use ciq_event::{Currency, Money};
use ciq_insight::{
    Act, ActKind, Catalogue, CategoryKey, Context, History, Insight, Item, ModelChoice, Order,
    Peers, ProductKey, understand,
};
use jiff::{SignedDuration, Timestamp};

/// The time from which tests count days.
pub(crate) fn day(days: f64) -> Timestamp {
    let begin: Timestamp = "2024-01-01T00:00:00Z".parse().unwrap();
    begin + SignedDuration::from_secs_f64(days * 86_400.0)
}

pub(crate) fn usd(minor: i64) -> Money {
    Money { minor, currency: Currency::USD }
}

pub(crate) fn product(number: i64) -> ProductKey {
    ProductKey(number)
}

/// Products 10 to 19 are of category 1, 20 to 29 of category 2, and so on.
pub(crate) fn item(number: i64) -> Item {
    let category = Some(CategoryKey(number / 10));
    Item { product: ProductKey(number), category, quantity: 1, price: None }
}

pub(crate) fn order(at: Timestamp, minor: i64, products: &[i64]) -> Order {
    let items = products.iter().map(|number| item(*number)).collect();
    Order { at, total: usd(minor), is_offline: false, items }
}

pub(crate) fn act(at: Timestamp, kind: ActKind) -> Act {
    Act { at, kind, item: None }
}

pub(crate) fn act_on(at: Timestamp, kind: ActKind, number: i64) -> Act {
    Act { at, kind, item: Some(item(number)) }
}

/// A history whose first event is the first order or act, known as well as one identifier allows.
pub(crate) fn history(orders: Vec<Order>, acts: Vec<Act>) -> History {
    let first_order_at = orders.first().map(|order| order.at);
    let first_act_at = acts.first().map(|act| act.at);
    let first_event_at = [first_order_at, first_act_at].into_iter().flatten().min();
    let is_first_event_order = first_order_at.is_some() && first_order_at == first_event_at;
    History { first_event_at, is_first_event_order, strength: 40, orders, acts }
}

/// Understands a history as the only customer of a brand.
pub(crate) fn understood(history: &History, as_of: Timestamp) -> Insight {
    understood_among(history, as_of, &Peers::default())
}

pub(crate) fn understood_among(history: &History, as_of: Timestamp, peers: &Peers) -> Insight {
    let catalogue = Catalogue::default();
    let context = Context {
        currency: Currency::USD,
        catalogue: &catalogue,
        peers,
        model: ModelChoice::Scorecard,
    };
    understand(history, &context, as_of)
}
