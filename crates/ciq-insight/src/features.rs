//! The figures of a history as of a time.

mod list;
mod tally;

use ciq_event::{Currency, Money};
use jiff::Timestamp;

use crate::history::{CategoryKey, History, Order, ProductKey};
use crate::number::{count, days, whole_days};

pub use list::features_json;
use tally::Tally;

/// The figures of a history as of a time.
///
/// Days are periods of 24 hours. "Whole" days are rounded down, the others keep their fraction.
/// `_30d` counts what happened in the 30 days up to the time. `None` means that there is nothing to
/// measure, not that the figure is 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Features {
    /// Whole days since the last order.
    pub recency_days: Option<u32>,
    /// How many orders.
    pub frequency: u32,
    /// What they cost together: see [`History::spent_until`] for the currency.
    pub monetary: Money,
    /// What one cost on average, among those in the currency of `monetary`.
    pub mean_order: Option<Money>,
    /// Mean days between orders. From two orders on.
    pub mean_gap_days: Option<f64>,
    /// Days between the last order and the one before.
    pub last_gap_days: Option<f64>,
    /// Standard deviation (of the population) of the days between orders. From three orders on.
    pub gap_deviation_days: Option<f64>,
    /// How many order lines each category has: most first, then by key.
    pub category_affinity: Vec<(CategoryKey, u32)>,
    /// How many order lines each product has: most first, then the one bought last.
    pub product_affinity: Vec<(ProductKey, u32)>,
    /// Share of the orders that were made in a store, 0 to 1.
    pub offline_ratio: Option<f64>,
    /// How well the customer is known, in percent.
    pub strength: u8,
    /// Whole days since the first event.
    pub tenure_days: Option<u32>,
    /// Whole days since the last order or act of any kind.
    pub days_since_any: Option<u32>,
    /// Whole days since the customer last did something: a visit, a view, a cart, a use, a message,
    /// an upgrade. Orders, payments, tickets and leaving have figures of their own.
    pub days_since_active: Option<u32>,
    /// Whether the customer did something, in that sense, after the last order.
    pub is_active_since_order: bool,
    /// On how many days of the calendar (UTC) the customer did something, in that sense.
    pub active_day_count: u32,
    /// Days of the calendar between the first and the last of them.
    pub active_span_days: u32,
    /// Visits.
    pub session_count: u32,
    /// Visits of the last 30 days.
    pub session_count_30d: u32,
    /// Uses of a feature.
    pub use_count: u32,
    /// Uses of the last 30 days.
    pub use_count_30d: u32,
    /// Views.
    pub view_count: u32,
    /// Views of the last 30 days.
    pub view_count_30d: u32,
    /// Times something was put into the cart.
    pub cart_add_count: u32,
    /// Times something was remembered for later.
    pub wish_count: u32,
    /// Visits to a store.
    pub store_visit_count: u32,
    /// Messages that the customer wrote.
    pub message_count: u32,
    /// Tickets by what they sounded like.
    pub ticket_counts: TicketCounts,
    /// Negative tickets since the last order, payment, upgrade or positive ticket.
    pub open_complaint_count: u32,
    /// Payments that are no orders.
    pub payment_count: u32,
    /// Whole days since the last of them.
    pub days_since_payment: Option<u32>,
    /// Whole days between the first and the last of them.
    pub payment_span_days: u32,
    /// Troubles with billing.
    pub billing_issue_count: u32,
    /// Troubles with billing since the last order, payment or upgrade.
    pub open_billing_issue_count: u32,
    /// Times more was booked.
    pub upgrade_count: u32,
    /// Times less was booked.
    pub downgrade_count: u32,
    /// Whether the customer cancelled, and neither ordered, paid nor booked since.
    pub is_cancelled: bool,
}

/// Tickets by what they sounded like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TicketCounts {
    /// Satisfied.
    pub positive: u32,
    /// Neither, or unknown.
    pub neutral: u32,
    /// Dissatisfied.
    pub negative: u32,
}

/// What the orders alone say.
struct Bought {
    monetary: Money,
    mean_order: Option<Money>,
    category_affinity: Vec<(CategoryKey, u32)>,
    product_affinity: Vec<(ProductKey, u32)>,
    offline_ratio: Option<f64>,
}

/// The days between orders.
#[derive(Default)]
struct Gaps {
    mean: Option<f64>,
    last: Option<f64>,
    deviation: Option<f64>,
}

/// Computes the figures of a history as of a time. Takes time in proportion to what happened until
/// then.
#[must_use]
pub fn features(history: &History, as_of: Timestamp, currency: Currency) -> Features {
    let orders = history.orders_until(as_of);
    let acts = history.acts_until(as_of);
    let last_order_at = orders.last().map(|order| order.at);
    let last_act_at = acts.last().map(|act| act.at);
    let tally = Tally::of(acts, last_order_at, as_of);
    let bought = bought(history, orders, (currency, as_of));
    let gaps = gaps(orders);
    Features {
        recency_days: last_order_at.map(|at| whole_days(at, as_of)),
        frequency: count(orders.len()),
        monetary: bought.monetary,
        mean_order: bought.mean_order,
        mean_gap_days: gaps.mean,
        last_gap_days: gaps.last,
        gap_deviation_days: gaps.deviation,
        category_affinity: bought.category_affinity,
        product_affinity: bought.product_affinity,
        offline_ratio: bought.offline_ratio,
        strength: history.strength,
        tenure_days: history
            .first_event_at
            .filter(|at| *at <= as_of)
            .map(|at| whole_days(at, as_of)),
        days_since_any: last_order_at.max(last_act_at).map(|at| whole_days(at, as_of)),
        days_since_active: tally.last_active_at.map(|at| whole_days(at, as_of)),
        is_active_since_order: tally.last_active_at > last_order_at,
        active_day_count: tally.active_day_count,
        active_span_days: tally.active_span_days(),
        session_count: tally.session_count,
        session_count_30d: tally.session_count_30d,
        use_count: tally.use_count,
        use_count_30d: tally.use_count_30d,
        view_count: tally.view_count,
        view_count_30d: tally.view_count_30d,
        cart_add_count: tally.cart_add_count,
        wish_count: tally.wish_count,
        store_visit_count: tally.store_visit_count,
        message_count: tally.message_count,
        ticket_counts: tally.ticket_counts,
        open_complaint_count: tally.open_complaint_count,
        payment_count: tally.payment_count,
        days_since_payment: tally.last_payment_at.map(|at| whole_days(at, as_of)),
        payment_span_days: tally.payment_span_days(),
        billing_issue_count: tally.billing_issue_count,
        open_billing_issue_count: tally.open_billing_issue_count,
        upgrade_count: tally.upgrade_count,
        downgrade_count: tally.downgrade_count,
        is_cancelled: tally.is_cancelled,
    }
}

fn bought(history: &History, orders: &[Order], preferred: (Currency, Timestamp)) -> Bought {
    let (currency, as_of) = preferred;
    // One currency is the rule. Several need the ledger of the history.
    let is_one = orders.iter().all(|order| order.total.currency == currency);
    let monetary = if is_one {
        let minor = orders.iter().fold(0, |sum: i64, order| sum.saturating_add(order.total.minor));
        Money { minor, currency }
    } else {
        history.spent_until(as_of, currency)
    };
    let counted = orders.iter().filter(|order| order.total.currency == monetary.currency).count();
    let mean_order = (counted > 0).then(|| Money {
        minor: monetary.minor / i64::from(count(counted)),
        currency: monetary.currency,
    });
    let offline = orders.iter().filter(|order| order.is_offline).count();
    let (category_affinity, product_affinity) = affinities(orders);
    Bought {
        monetary,
        mean_order,
        category_affinity,
        product_affinity,
        offline_ratio: (!orders.is_empty())
            .then(|| f64::from(count(offline)) / f64::from(count(orders.len()))),
    }
}

type Affinities = (Vec<(CategoryKey, u32)>, Vec<(ProductKey, u32)>);

fn affinities(orders: &[Order]) -> Affinities {
    let line_count = orders.iter().map(|order| order.items.len()).sum();
    let mut categories: Vec<CategoryKey> = Vec::with_capacity(line_count);
    let mut products: Vec<(ProductKey, usize)> = Vec::with_capacity(line_count);
    for (number, order) in orders.iter().enumerate() {
        for item in &order.items {
            categories.extend(item.category);
            products.push((item.product, number));
        }
    }
    categories.sort_unstable();
    let mut categories: Vec<(CategoryKey, u32)> = categories
        .chunk_by(|left, right| left == right)
        .filter_map(|same| Some((*same.first()?, count(same.len()))))
        .collect();
    categories.sort_unstable_by(|left, right| right.1.cmp(&left.1).then(left.0.cmp(&right.0)));
    products.sort_unstable();
    let mut lines: Vec<(u32, usize, ProductKey)> = products
        .chunk_by(|left, right| left.0 == right.0)
        .filter_map(|same| same.last().map(|(product, last)| (count(same.len()), *last, *product)))
        .collect();
    lines.sort_unstable_by(|left, right| {
        (right.0, right.1).cmp(&(left.0, left.1)).then(left.2.cmp(&right.2))
    });
    let products = lines.into_iter().map(|(lines, _, product)| (product, lines)).collect();
    (categories, products)
}

fn gaps(orders: &[Order]) -> Gaps {
    let (Some(first), Some(last)) = (orders.first(), orders.last()) else {
        return Gaps::default();
    };
    let gap_count = count(orders.len() - 1);
    if gap_count == 0 {
        return Gaps::default();
    }
    let mean = days(first.at, last.at) / f64::from(gap_count);
    let gap = |pair: &[Order]| days(pair[0].at, pair[1].at);
    let squares: f64 = orders.windows(2).map(|pair| (gap(pair) - mean).powi(2)).sum();
    Gaps {
        mean: Some(mean),
        last: orders.windows(2).next_back().map(gap),
        deviation: (gap_count > 1).then(|| (squares / f64::from(gap_count)).sqrt()),
    }
}
