//! Predictions for a brand with little history of its own.
//!
//! Rules with few constants, each with a meaning, none of them fitted: there is nothing to fit to.
//! As soon as a brand has months of history, a trained model does better.

use ciq_event::Money;
use libm::{exp, log1p, pow};

use crate::features::Features;
use crate::number::{float, whole};

/// The name of the scorecard in predictions. It changes with any constant in it.
pub const SCORECARD_VERSION: &str = "scorecard-1";

/// What a shop's customer is taken to do before there is evidence: an order a month. It weighs as
/// much as two gaps that were seen.
const ORDER_RHYTHM: Prior = Prior { gap_days: 30.0, weight: 2.0, gap_days_min: 7.0 };

/// The same of days on which a site or a service is used: one in two weeks.
const ACTIVE_RHYTHM: Prior = Prior { gap_days: 14.0, weight: 2.0, gap_days_min: 7.0 };

/// The same of payments: one a month, and no sooner.
const PAYMENT_RHYTHM: Prior = Prior { gap_days: 30.0, weight: 2.0, gap_days_min: 30.0 };

/// From this many payments and uses on, a customer counts as one who has a contract.
const CONTRACT_ACTS_MIN: u32 = 3;

/// Log odds of leaving for a regular who is not overdue.
const BASE: f64 = -3.45;
/// Half of it is added for one order, a third for two, a quarter for three: most of the new do not
/// come back.
const NOVELTY: f64 = 5.0;
/// Times the logarithm of one and the cubed silence, in rhythms: within the rhythm a silence says
/// little, beyond it much, and no two silences of different lengths say the same.
const OVERDUE: f64 = 2.25;
/// Share of the deviation of the gaps by which an irregular customer is given more time.
const PATIENCE: f64 = 0.5;
/// Added for each rhythm that the silence before the last order was too long: who came back once
/// from so far may drift off again.
const LAPSE: f64 = 1.6;
/// A lapse counts no more than this many rhythms.
const LAPSE_MAX: f64 = 3.0;
/// Share of the silence that a sign of life right now excuses. It halves after `ENGAGED_DAYS`.
const ENGAGED_SHARE: f64 = 0.5;
/// See [`ENGAGED_SHARE`].
const ENGAGED_DAYS: f64 = 7.0;
/// Added for each complaint that is open, three at most.
const COMPLAINT: f64 = 0.5;
/// Added for each trouble with billing that is open, three at most.
const BILLING_ISSUE: f64 = 0.7;
/// Added when less was booked oftener than more, and taken away in the opposite case.
const BOOKING: f64 = 0.4;
/// Troubles of one sort count no more often than this.
const TROUBLES_MAX: u32 = 3;
/// Who cancelled and did not come back has left, unless the cancellation was a mistake.
const CANCELLED_MIN: f64 = 0.95;
/// No one is certain to stay, or to leave: churn is squeezed between this and [`CHURN_MAX`], rather
/// than cut off, so that it still ranks those who are long gone.
const CHURN_MIN: f64 = 0.01;
/// See [`CHURN_MIN`].
const CHURN_MAX: f64 = 0.99;

/// So many orders make a rhythm half believed.
const CREDIBILITY_ORDERS: f64 = 2.5;
/// How far a lifetime value looks ahead.
const HORIZON_DAYS: f64 = 365.0;

/// What is believed of a rhythm before anything was seen.
struct Prior {
    /// Days between two.
    gap_days: f64,
    /// How many gaps that were seen weigh as much.
    weight: f64,
    /// No rhythm is taken to be faster: a burst is no rhythm.
    gap_days_min: f64,
}

/// What ties a customer to the brand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tie {
    /// Nothing yet.
    Visitor,
    /// Orders.
    Buyer,
    /// A contract: uses, payments, bookings.
    Subscriber,
}

impl Tie {
    /// Tells what ties a customer: a contract from three uses and payments on, or with a booking
    /// that was changed or cancelled; else orders.
    pub(crate) fn of(features: &Features) -> Self {
        let contract_acts = features.use_count.saturating_add(features.payment_count);
        let bookings = features.upgrade_count + features.downgrade_count;
        if contract_acts >= CONTRACT_ACTS_MIN || bookings > 0 || features.is_cancelled {
            Self::Subscriber
        } else if features.frequency > 0 {
            Self::Buyer
        } else {
            Self::Visitor
        }
    }
}

/// Returns how likely a customer is to have left, 0.01 to 0.99.
///
/// With `sigmoid(z) = 1 / (1 + exp(-z))`, for a customer of n orders:
///
/// ```text
/// churn   = 0.01 + 0.98 * sigmoid(z)
/// z       = -3.45 + 5 / (n + 1) + 2.25 * ln(1 + overdue^3) + 1.6 * lapse + troubles
/// rhythm  = max(7, (2 * 30 + days between first and last order) / (2 + n - 1))
/// overdue = days since the last order / (rhythm + 0.5 * standard deviation of the gaps)
///           * (1 - 0.5 / (1 + days since active / 7))
/// lapse   = last gap / rhythm before it - 1, between 0 and 3
/// ```
///
/// The odds of having left grow with a power of the silence, as in a log-logistic model of survival
/// (Klein and Moeschberger, *Survival Analysis*, section 2.5). The rhythm is the mean gap, shrunk
/// towards 30 days as if two such gaps had been seen (a mean under a conjugate prior: Gelman et al.,
/// *Bayesian Data Analysis*, chapter 2). The bracket of `overdue` is there only if the customer was
/// active since the last order. `troubles` are 0.5 per open complaint and 0.7 per open trouble with
/// billing (three of each at most), and 0.4 more or less for bookings that went down or up.
///
/// For a customer with a contract, days of activity stand for orders, with a rhythm that begins at
/// 14 days and is never below 7 (payments, with 30 and 30, for a brand that reports no activity).
/// For a customer without orders or a contract it is the same. For one who cancelled, 0.95 stands
/// for 0.01, so that the churn is 0.95 to 0.99.
///
/// While nothing happens, it never falls.
#[must_use]
pub fn scorecard_churn(features: &Features) -> f64 {
    let silence = match Tie::of(features) {
        Tie::Buyer => novelty(features.frequency) + order_silence(features),
        Tie::Subscriber | Tie::Visitor => act_silence(features),
    };
    let floor = if features.is_cancelled { CANCELLED_MIN } else { CHURN_MIN };
    floor + (CHURN_MAX - floor) * sigmoid(BASE + silence + troubles(features))
}

/// Returns what a customer will have spent a year from now, in the currency of the spend.
///
/// ```text
/// value = spent + mean order * n / (n + 2.5) * (r + r^2 + ... + r^m)
/// r = 1 - churn,  m = 365 / rhythm
/// ```
///
/// The sum is the number of orders to expect of someone who orders once a rhythm for a year, and
/// after each order leaves with the probability `churn`: the geometric series of a constant
/// retention rate (Gupta and Lehmann, *Customers as assets*, 2003). `n / (n + 2.5)` is how far a
/// rhythm of n orders is believed (Buhlmann's credibility). Never less than what was spent; no more
/// than that without an order: payments and uses carry no amount.
#[must_use]
pub fn scorecard_lifetime_value(features: &Features, churn: f64) -> Money {
    let spent = features.monetary;
    let Some(mean) = features.mean_order else { return spent };
    let retention = 1.0 - churn.clamp(CHURN_MIN, CHURN_MAX);
    let periods = HORIZON_DAYS / order_rhythm_days(features);
    let orders = retention * (1.0 - pow(retention, periods)) / (1.0 - retention);
    let expected = float(mean.minor.max(0)) * credibility(features.frequency) * orders;
    Money { minor: spent.minor.saturating_add(whole(expected)), currency: spent.currency }
}

/// Returns how far a rhythm of so many orders is believed, 0 to 1.
pub(crate) fn credibility(order_count: u32) -> f64 {
    let count = f64::from(order_count);
    count / (count + CREDIBILITY_ORDERS)
}

impl Prior {
    /// Returns the days between two, after so many gaps that took so many days together.
    fn rhythm_days(&self, gap_count: f64, span_days: f64) -> f64 {
        let mean = (self.weight * self.gap_days + span_days) / (self.weight + gap_count);
        mean.max(self.gap_days_min)
    }
}

fn order_rhythm_days(features: &Features) -> f64 {
    let gap_count = f64::from(features.frequency.saturating_sub(1));
    let span_days = features.mean_gap_days.unwrap_or_default() * gap_count;
    ORDER_RHYTHM.rhythm_days(gap_count, span_days)
}

fn order_silence(features: &Features) -> f64 {
    let Some(recency_days) = features.recency_days else { return 0.0 };
    let rhythm_days = order_rhythm_days(features);
    let engaged = match features.days_since_active {
        Some(active) if features.is_active_since_order => {
            ENGAGED_SHARE / (1.0 + f64::from(active) / ENGAGED_DAYS)
        }
        _ => 0.0,
    };
    let patience_days = PATIENCE * features.gap_deviation_days.unwrap_or_default();
    let rhythms = f64::from(recency_days) / (rhythm_days + patience_days);
    overdue(rhythms * (1.0 - engaged)) + LAPSE * lapse(features)
}

fn novelty(count: u32) -> f64 {
    NOVELTY / (f64::from(count) + 1.0)
}

fn overdue(rhythms: f64) -> f64 {
    OVERDUE * log1p(rhythms * rhythms * rhythms)
}

/// How many rhythms too long the silence before the last order was.
fn lapse(features: &Features) -> f64 {
    let (Some(mean), Some(last)) = (features.mean_gap_days, features.last_gap_days) else {
        return 0.0;
    };
    let gap_count = f64::from(features.frequency.saturating_sub(1));
    let before_days = (mean * gap_count - last).max(0.0);
    let rhythm_days = ORDER_RHYTHM.rhythm_days((gap_count - 1.0).max(0.0), before_days);
    (last / rhythm_days - 1.0).clamp(0.0, LAPSE_MAX)
}

fn act_silence(features: &Features) -> f64 {
    let (prior, count, span_days, since_days) = if let Some(since) = features.days_since_active {
        (ACTIVE_RHYTHM, features.active_day_count, features.active_span_days, since)
    } else if let Some(since) = features.days_since_payment {
        (PAYMENT_RHYTHM, features.payment_count, features.payment_span_days, since)
    } else {
        let since = features.days_since_any.or(features.tenure_days).unwrap_or_default();
        (PAYMENT_RHYTHM, 0, 0, since)
    };
    let gap_count = f64::from(count.saturating_sub(1));
    let rhythm_days = prior.rhythm_days(gap_count, f64::from(span_days));
    novelty(count) + overdue(f64::from(since_days) / rhythm_days)
}

fn troubles(features: &Features) -> f64 {
    let complaints = f64::from(features.open_complaint_count.min(TROUBLES_MAX));
    let billing_issues = f64::from(features.open_billing_issue_count.min(TROUBLES_MAX));
    let booking = match features.downgrade_count.cmp(&features.upgrade_count) {
        std::cmp::Ordering::Less => -BOOKING,
        std::cmp::Ordering::Equal => 0.0,
        std::cmp::Ordering::Greater => BOOKING,
    };
    COMPLAINT * complaints + BILLING_ISSUE * billing_issues + booking
}

fn sigmoid(log_odds: f64) -> f64 {
    1.0 / (1.0 + exp(-log_odds))
}
