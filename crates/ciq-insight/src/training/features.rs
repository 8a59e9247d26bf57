//! What a history looks like to the churn model.

use ciq_event::Currency;
use jiff::Timestamp;

use super::count::{count, one_if, whole};
use crate::history::{Act, ActKind, History, Order, Sentiment};
use crate::number::{days, float};

/// What the numbers of a history are, in order.
pub(super) const NAMES: [&str; 49] = [
    "sessions, 3 days",
    "sessions, 7 days",
    "sessions, 14 days",
    "sessions, 30 days",
    "uses, 3 days",
    "uses, 7 days",
    "uses, 14 days",
    "uses, 30 days",
    "sessions, 7 days against before",
    "uses, 7 days against before",
    "sessions, 14 days against before",
    "uses, 14 days against before",
    "sessions, 21 days against before",
    "uses, 21 days against before",
    "sessions a day, 60 days",
    "uses for a session, 60 days",
    "uses for a session, 21 days",
    "active days, 7 days",
    "active days, 30 days",
    "days since the last activity",
    "activity overdue",
    "activity overdue, linear",
    "billing issues, 9 days",
    "billing issues, 30 days",
    "negative tickets, 30 days",
    "tickets, 30 days",
    "share of negative tickets, 60 days",
    "cancelled before",
    "upgrades",
    "downgrades",
    "days since the last payment",
    "orders, logarithm",
    "orders, root",
    "orders, one",
    "orders, two",
    "never ordered",
    "days since the last order, logarithm",
    "days since the last order, root",
    "days since the last order",
    "mean days between orders",
    "order overdue",
    "order overdue, linear",
    "time of the last order in the time since the first",
    "days since the first order",
    "days since the last order times orders",
    "value of an order",
    "spent",
    "tenure, first month",
    "days since anything",
];

/// How many numbers a history comes to.
pub(super) const WIDTH: usize = NAMES.len();

/// Windows of counts, in days.
const WINDOWS: [f64; 4] = [3.0, 7.0, 14.0, 30.0];

/// The windows that are compared with what was usual before, in days.
const LATELY: [f64; 3] = [7.0, 14.0, 21.0];

/// How far back rhythm is told, in days.
const RHYTHM_DAYS: f64 = 60.0;

/// Where histories begin is where a brand's records do, for many: models learn at one cut and are
/// asked at a later one, so nothing may grow with the length of the records. Hence tenure and the
/// time since a payment end here, and what is counted further back is taken by the day.
const MONTH_DAYS: f64 = 31.0;

/// A cell for each of those days.
type ByDay = [f64; 61];

/// Stands for the time since something that never was, in days.
const NEVER_DAYS: f64 = 365.0;

/// What is overdue by more is not coming back in any case.
const OVERDUE_MAX: f64 = 20.0;

/// Returns a history as numbers. What is later than `as_of` does not count.
///
/// Counts and times are logarithms mostly, `ln(1 + x)`: the first ones matter most.
pub(super) fn churn_features(history: &History, as_of: Timestamp, currency: Currency) -> Vec<f64> {
    let acts = history.acts_until(as_of);
    let orders = history.orders_until(as_of);
    let tenure = history.first_event_at.map_or(0.0, |at| days(at, as_of)).max(0.0);
    let spent = float(history.spent_until(as_of, currency).minor).max(0.0);
    let mut row = Vec::with_capacity(WIDTH);
    push_activity(&mut row, &Activity::of(acts, as_of), tenure);
    push_trouble(&mut row, &Trouble::of(acts, as_of));
    push_orders(&mut row, orders, as_of);
    row.push((spent / count(orders.len().max(1))).ln_1p());
    row.push(spent.ln_1p());
    row.push(tenure.min(MONTH_DAYS).ln_1p());
    let latest = [orders.last().map(|order| order.at), acts.last().map(|act| act.at)];
    let latest = latest.into_iter().flatten().max();
    row.push(latest.map_or(NEVER_DAYS, |at| days(at, as_of)).ln_1p());
    debug_assert_eq!(row.len(), WIDTH, "every history comes to as many numbers");
    row
}

/// Sessions and uses, counted in one pass.
struct Activity {
    /// By window.
    sessions: [f64; 4],
    uses: [f64; 4],
    /// By whole days ago.
    session_days: ByDay,
    use_days: ByDay,
    /// Days since the last of them.
    recency: f64,
}

impl Activity {
    fn of(acts: &[Act], as_of: Timestamp) -> Self {
        let mut activity = Self {
            sessions: [0.0; 4],
            uses: [0.0; 4],
            session_days: [0.0; 61],
            use_days: [0.0; 61],
            recency: NEVER_DAYS,
        };
        for act in acts.iter().rev() {
            let is_use = act.kind == ActKind::Use;
            if !is_use && !shows_interest(act.kind) {
                continue;
            }
            let ago = days(act.at, as_of);
            activity.recency = activity.recency.min(ago);
            if ago >= RHYTHM_DAYS {
                break;
            }
            let (windows, by_day) = if is_use {
                (&mut activity.uses, &mut activity.use_days)
            } else {
                (&mut activity.sessions, &mut activity.session_days)
            };
            windows.iter_mut().zip(WINDOWS).for_each(|(sum, window)| *sum += one_if(ago < window));
            by_day[whole(ago)] += 1.0;
        }
        activity
    }

    fn active_days(&self, within: usize) -> f64 {
        let pairs = self.session_days.iter().zip(&self.use_days).take(within);
        pairs.map(|(sessions, uses)| one_if(sessions + uses > 0.0)).sum()
    }
}

/// Whether an act shows that the customer looked in. Uses are counted apart.
fn shows_interest(kind: ActKind) -> bool {
    match kind {
        ActKind::Session
        | ActKind::View
        | ActKind::CartAdd
        | ActKind::CartRemove
        | ActKind::Wish
        | ActKind::StoreVisit
        | ActKind::Message => true,
        ActKind::Use
        | ActKind::Ticket(_)
        | ActKind::Payment
        | ActKind::BillingIssue
        | ActKind::Upgrade
        | ActKind::Downgrade
        | ActKind::Cancellation
        | ActKind::Other => false,
    }
}

fn push_activity(row: &mut Vec<f64>, activity: &Activity, tenure: f64) {
    row.extend(activity.sessions.map(f64::ln_1p));
    row.extend(activity.uses.map(f64::ln_1p));
    let known = tenure.clamp(1.0, RHYTHM_DAYS);
    for window in LATELY {
        row.push(trend(&activity.session_days, window, known));
        row.push(trend(&activity.use_days, window, known));
    }
    let sum = |by_day: &[f64]| -> f64 { by_day.iter().sum() };
    let (sessions, uses) = (sum(&activity.session_days), sum(&activity.use_days));
    row.push(((sessions + 1.0) / known).ln());
    row.push(((uses + 1.0) / (sessions + 1.0)).ln());
    let lately = [&activity.session_days, &activity.use_days].map(|by_day| sum(&by_day[..21]));
    // A few uses for a session are usual: who has no session counts as usual.
    row.push(((lately[1] + 4.0) / (lately[0] + 1.0)).ln());
    row.push(activity.active_days(7));
    row.push(activity.active_days(30).sqrt());
    let gap = known / (activity.active_days(60) + 1.0);
    let recency = activity.recency.min(RHYTHM_DAYS);
    row.push(recency.ln_1p());
    row.push((recency / gap).ln_1p());
    row.push((recency / gap).min(OVERDUE_MAX));
}

/// How much more there is in a window than was usual before it: the logarithm of the ratio, with
/// one added to either side.
fn trend(by_day: &ByDay, window: f64, known: f64) -> f64 {
    let (lately, before) = by_day.split_at(whole(window));
    let usual = (before.iter().sum::<f64>() + 1.0) / (known - window).max(1.0);
    ((lately.iter().sum::<f64>() + 1.0) / window / usual).ln()
}

/// Tickets and bills, counted in one pass.
#[derive(Default)]
struct Trouble {
    billing: [f64; 2],
    negative_tickets: [f64; 2],
    tickets: [f64; 2],
    cancellations: f64,
    upgrades: f64,
    downgrades: f64,
    last_payment: Option<f64>,
}

impl Trouble {
    fn of(acts: &[Act], as_of: Timestamp) -> Self {
        let mut trouble = Self::default();
        for act in acts {
            trouble.add(act.kind, days(act.at, as_of));
        }
        trouble
    }

    fn add(&mut self, kind: ActKind, ago: f64) {
        let within = |sums: &mut [f64], windows: &[f64]| {
            sums.iter_mut().zip(windows).for_each(|(sum, window)| *sum += one_if(ago < *window));
        };
        match kind {
            ActKind::BillingIssue => within(&mut self.billing, &[9.0, 30.0]),
            ActKind::Ticket(sentiment) => {
                within(&mut self.tickets, &[30.0, 60.0]);
                if sentiment == Sentiment::Negative {
                    within(&mut self.negative_tickets, &[30.0, 60.0]);
                }
            }
            ActKind::Payment => self.last_payment = Some(ago),
            ActKind::Upgrade => self.upgrades += 1.0,
            ActKind::Downgrade => self.downgrades += 1.0,
            ActKind::Cancellation => self.cancellations += 1.0,
            ActKind::Session
            | ActKind::View
            | ActKind::CartAdd
            | ActKind::CartRemove
            | ActKind::Wish
            | ActKind::Use
            | ActKind::StoreVisit
            | ActKind::Message
            | ActKind::Other => {}
        }
    }
}

fn push_trouble(row: &mut Vec<f64>, trouble: &Trouble) {
    row.extend(trouble.billing.map(f64::ln_1p));
    row.push(trouble.negative_tickets[0].ln_1p());
    row.push(trouble.tickets[0].ln_1p());
    row.push((trouble.negative_tickets[1] + 0.5) / (trouble.tickets[1] + 1.0));
    row.push(one_if(trouble.cancellations > 0.0));
    row.push(trouble.upgrades.ln_1p());
    row.push(trouble.downgrades.ln_1p());
    // Mostly monthly: how far into the month.
    row.push(trouble.last_payment.unwrap_or(MONTH_DAYS).min(MONTH_DAYS));
}

fn push_orders(row: &mut Vec<f64>, orders: &[Order], as_of: Timestamp) {
    let number = count(orders.len());
    let since = |order: Option<&Order>| {
        order.map_or(NEVER_DAYS, |order| days(order.at, as_of)).min(NEVER_DAYS * 3.0)
    };
    let (recency, age) = (since(orders.last()), since(orders.first()));
    // One gap more than there were, as if an order were due now: single buyers have a rhythm too.
    let gap = (age / number.max(1.0)).max(0.5);
    row.push(number.ln_1p());
    row.push(number.sqrt());
    row.push(one_if(orders.len() == 1));
    row.push(one_if(orders.len() == 2));
    row.push(one_if(orders.is_empty()));
    row.push(recency.ln_1p());
    row.push(recency.sqrt());
    row.push(recency);
    row.push(gap.ln());
    row.push((recency / gap).ln_1p());
    row.push((recency / gap).min(OVERDUE_MAX));
    row.push(if age > 0.0 { 1.0 - recency / age } else { 0.0 });
    row.push(age.ln_1p());
    row.push(recency.ln_1p() * number.ln_1p());
}
