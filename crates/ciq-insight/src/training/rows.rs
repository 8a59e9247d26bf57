//! Rows to learn from or to judge by: what was known at a cut, and what came after it.

use ciq_event::Currency;
use ciq_models::{Buying, Matrix, Spending};
use jiff::{SignedDuration, Timestamp};

use super::Target;
use super::count::count;
use super::features::{WIDTH, churn_features};
use crate::history::{ActKind, History, Order};
use crate::number::{days, float};

/// What is cut where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) at: Timestamp,
    pub(super) horizon_days: u16,
    pub(super) currency: Currency,
}

/// Histories as rows, one column of each list for each row.
#[derive(Debug, Clone)]
pub(super) struct Rows {
    pub(super) cut: Cut,
    pub(super) features: Matrix,
    pub(super) facts: Vec<Facts>,
}

/// What a row is about besides its features.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Facts {
    /// Orders until the cut; `None` without one.
    pub(super) buying: Option<Buying>,
    pub(super) spending: Option<Spending>,
    pub(super) order_count: usize,
    /// Days since the last order, and since the last order or act of their own.
    pub(super) order_recency: f64,
    pub(super) recency: f64,
    /// Acts within a horizon before the cut.
    pub(super) act_count: usize,
    /// Whether the customer used or visited the product within a horizon before the cut.
    pub(super) is_user: bool,
    /// Whether the customer was still there at the cut, for either target.
    pub(super) is_there: [bool; 2],
    /// Orders in the horizon and what they cost, in minor units.
    pub(super) later_orders: usize,
    pub(super) later_spent: f64,
    /// Whether the customer is lost, for either target.
    pub(super) is_lost: [bool; 2],
}

impl Cut {
    pub(super) fn end(&self) -> Timestamp {
        let horizon = SignedDuration::from_hours(24 * i64::from(self.horizon_days));
        self.at.checked_add(horizon).unwrap_or(Timestamp::MAX)
    }

    pub(super) fn start(&self) -> Timestamp {
        let horizon = SignedDuration::from_hours(24 * i64::from(self.horizon_days));
        self.at.checked_sub(horizon).unwrap_or(Timestamp::MIN)
    }

    /// The cut one horizon earlier.
    pub(super) fn earlier(&self) -> Self {
        Self { at: self.start(), ..*self }
    }
}

impl Rows {
    pub(super) fn new(cut: Cut) -> Self {
        Self { cut, features: Matrix::new(WIDTH), facts: Vec::new() }
    }

    /// Adds a customer, unless they came only after the cut. Tells whether it did.
    pub(super) fn push(&mut self, history: &History) -> bool {
        let Some(facts) = facts(history, &self.cut) else { return false };
        self.features.push(&churn_features(history, self.cut.at, self.cut.currency));
        self.facts.push(facts);
        true
    }

    /// The rows of customers who were still there.
    pub(super) fn of(&self, target: Target) -> impl Iterator<Item = (&[f64], &Facts)> {
        let rows = self.features.rows().zip(&self.facts);
        rows.filter(move |(_, facts)| facts.is_there[target.place()])
    }
}

fn facts(history: &History, cut: &Cut) -> Option<Facts> {
    let orders = history.orders_until(cut.at);
    let acts = history.acts_until(cut.at);
    let last_order = orders.last().map(|order| order.at);
    if orders.is_empty() && acts.is_empty() {
        return None;
    }
    let last_deed = acts.iter().rev().find(|act| is_deed(act.kind)).map(|act| act.at);
    let since = |at: Option<Timestamp>| at.map_or(f64::INFINITY, |at| days(at, cut.at));
    let later_orders = &history.orders_until(cut.end())[orders.len()..];
    let later_acts = &history.acts_until(cut.end())[acts.len()..];
    let start = cut.start();
    let recent = &acts[acts.partition_point(|act| act.at <= start)..];
    let is_silent =
        later_orders.is_empty() && !later_acts.iter().any(|act| is_sign_of_life(act.kind));
    let is_user = recent.iter().any(|act| is_use(act.kind));
    let in_currency = later_orders.iter().filter(|order| order.total.currency == cut.currency);
    Some(Facts {
        buying: buying(orders, cut.at),
        spending: spending(orders, cut.currency),
        order_count: orders.len(),
        order_recency: since(last_order),
        recency: since(last_order.max(last_deed)),
        act_count: recent.iter().filter(|act| is_sign_of_life(act.kind)).count(),
        is_user,
        is_there: [Target::Purchase, Target::Activity].map(|target| is_there(history, target, cut)),
        later_orders: later_orders.len(),
        later_spent: in_currency.map(|order| float(order.total.minor)).sum(),
        is_lost: [later_orders.is_empty(), is_silent || has_left(history, cut.end())],
    })
}

/// Whether the customer was still one at the cut, by the target's own idea of leaving.
pub(super) fn is_there(history: &History, target: Target, cut: &Cut) -> bool {
    let last_order = history.orders_until(cut.at).last();
    match target {
        Target::Purchase => last_order.is_some(),
        Target::Activity => {
            let start = cut.start();
            let latest = history.acts_until(cut.at).iter().rev();
            let mut recent = latest.take_while(|act| act.at > start);
            let is_active = recent.any(|act| is_sign_of_life(act.kind))
                || last_order.is_some_and(|order| order.at > start);
            is_active && !has_left(history, cut.at)
        }
    }
}

/// Whether the customer cancelled and was not seen since.
fn has_left(history: &History, as_of: Timestamp) -> bool {
    let acts = history.acts_until(as_of);
    let left = acts.iter().rev().find_map(|act| match act.kind {
        ActKind::Cancellation => Some(Some(act.at)),
        kind if is_sign_of_life(kind) => Some(None),
        _ => None,
    });
    let last_order = history.orders_until(as_of).last().map(|order| order.at);
    left.flatten().is_some_and(|at| last_order.is_none_or(|order| order < at))
}

/// Whether the customer did it, and not a machine.
fn is_deed(kind: ActKind) -> bool {
    is_sign_of_life(kind) && !matches!(kind, ActKind::Payment | ActKind::Other)
}

fn is_use(kind: ActKind) -> bool {
    matches!(kind, ActKind::Session | ActKind::Use)
}

/// Whether it shows that the customer is still one: anything but trouble with billing and leaving.
fn is_sign_of_life(kind: ActKind) -> bool {
    match kind {
        ActKind::Session
        | ActKind::View
        | ActKind::CartAdd
        | ActKind::CartRemove
        | ActKind::Wish
        | ActKind::Use
        | ActKind::StoreVisit
        | ActKind::Message
        | ActKind::Ticket(_)
        | ActKind::Payment
        | ActKind::Upgrade
        | ActKind::Downgrade
        | ActKind::Other => true,
        ActKind::BillingIssue | ActKind::Cancellation => false,
    }
}

/// Orders as the models of buying see them, in days. Orders of one calendar day (UTC) are one.
pub(super) fn buying(orders: &[Order], as_of: Timestamp) -> Option<Buying> {
    let first = orders.first()?;
    let mut distinct = 0;
    let mut last = first.at;
    for pair in orders.windows(2) {
        if crate::number::calendar_day(pair[0].at) != crate::number::calendar_day(pair[1].at) {
            distinct += 1;
            last = pair[1].at;
        }
    }
    Some(Buying {
        repeat_count: count(distinct),
        last_at: days(first.at, last),
        age: days(first.at, as_of),
    })
}

/// What orders after the first cost on average, in minor units. `None` without one in the currency.
pub(super) fn spending(orders: &[Order], currency: Currency) -> Option<Spending> {
    let repeats = orders.get(1..)?.iter().filter(|order| order.total.currency == currency);
    let amounts: Vec<f64> = repeats.map(|order| float(order.total.minor)).collect();
    let sum: f64 = amounts.iter().sum();
    let is_positive = !amounts.is_empty() && sum > 0.0;
    is_positive
        .then(|| Spending { repeat_count: count(amounts.len()), mean: sum / count(amounts.len()) })
}
