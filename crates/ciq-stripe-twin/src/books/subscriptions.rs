//! Subscriptions: what a customer pays for again and again.

use serde_json::Value;

use super::agenda::Due;
use super::calendar::{Cadence, HOUR, Moment, Period};
use super::given::{self, Metadata, TimeRange};
use super::ids::{
    ClockId, CustomerId, InvoiceId, ItemId, PaymentMethodId, PriceId, SubscriptionId,
};
use super::lines::Line;
use super::{Answer, Books};
use crate::ApiError;
use crate::params::Params;

mod create;
mod cycle;
mod end;
mod items;
mod update;

/// How long a first invoice may stay unpaid.
const INCOMPLETE_MAX: i64 = 23 * HOUR;

/// Where a subscription stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Incomplete,
    IncompleteExpired,
    Trialing,
    Active,
    PastDue,
    Unpaid,
    Paused,
    Canceled,
}

impl Status {
    /// Returns Stripe's word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::IncompleteExpired => "incomplete_expired",
            Self::Trialing => "trialing",
            Self::Active => "active",
            Self::PastDue => "past_due",
            Self::Unpaid => "unpaid",
            Self::Paused => "paused",
            Self::Canceled => "canceled",
        }
    }

    /// Tells whether it is over for good.
    pub(super) fn is_ended(self) -> bool {
        matches!(self, Self::Canceled | Self::IncompleteExpired)
    }
}

/// How changes of price are billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BillingMode {
    /// Going from free to paid begins a new cycle.
    Classic,
    /// The cycle stays.
    Flexible,
}

/// What becomes of a trial that ends without a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TrialEnd {
    CreateInvoice,
    Cancel,
    Pause,
}

/// Why a subscription ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EndReason {
    Requested,
    PaymentFailed,
}

/// What was said about an end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Cancellation {
    pub(super) comment: Option<String>,
    pub(super) feedback: Option<String>,
    pub(super) reason: Option<EndReason>,
}

/// One price of a subscription, so many times.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    pub(super) id: ItemId,
    pub(super) created: Moment,
    pub(super) price: PriceId,
    pub(super) quantity: u64,
    pub(super) metadata: Metadata,
}

/// A subscription.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Subscription {
    pub(super) id: SubscriptionId,
    pub(super) serial: u64,
    pub(super) created: Moment,
    pub(super) clock: Option<ClockId>,
    pub(super) customer: CustomerId,
    pub(super) status: Status,
    pub(super) currency: String,
    pub(super) billing_mode: BillingMode,
    /// From where periods are counted.
    pub(super) anchor: Moment,
    pub(super) cadence: Cadence,
    /// The period that is paid for, or tried out.
    pub(super) period: Period,
    pub(super) items: Vec<Item>,
    /// Prorations that the next invoice takes.
    pub(super) pending: Vec<Line>,
    pub(super) trial: Option<Period>,
    pub(super) trial_end: TrialEnd,
    pub(super) cancel_at: Option<Moment>,
    pub(super) cancel_at_period_end: bool,
    /// Whether an end within a period gives money back.
    pub(super) credits_at_end: bool,
    /// When the end was asked for.
    pub(super) canceled_at: Option<Moment>,
    pub(super) ended_at: Option<Moment>,
    pub(super) cancellation: Cancellation,
    pub(super) default_payment_method: Option<PaymentMethodId>,
    pub(super) description: Option<String>,
    pub(super) metadata: Metadata,
    /// Its invoices, the latest last.
    pub(super) invoices: Vec<InvoiceId>,
}

impl Subscription {
    /// Returns the full period of which the current one is all or a part.
    pub(super) fn whole_period(&self) -> Period {
        self.cadence.period_at(self.anchor, self.period.start)
    }

    /// Returns when something happens by itself.
    fn next_due(&self) -> Option<Moment> {
        match self.status {
            Status::Canceled | Status::IncompleteExpired => None,
            Status::Incomplete => Some(self.created.plus(INCOMPLETE_MAX)),
            Status::Paused => self.cancel_at,
            Status::Trialing | Status::Active | Status::PastDue | Status::Unpaid => {
                Some(self.cancel_at.map_or(self.period.end, |at| at.min(self.period.end)))
            }
        }
    }
}

impl Books {
    /// Returns a subscription.
    pub(super) fn retrieve_subscription(&self, id: &str) -> Answer {
        Ok(self.render_subscription(self.subscription(id, "id")?))
    }

    /// Returns a subscription that a parameter names.
    pub(super) fn subscription(&self, id: &str, param: &str) -> Result<&Subscription, ApiError> {
        let found = self.subscriptions.get(id);
        found.ok_or_else(|| ApiError::no_such("subscription", id, param))
    }

    /// Returns a customer's subscriptions that are not over, the oldest first.
    pub(super) fn subscriptions_of(&self, customer: &CustomerId) -> Vec<SubscriptionId> {
        let theirs = |subscription: &&Subscription| {
            subscription.customer == *customer && !subscription.status.is_ended()
        };
        let mut found: Vec<_> = self.subscriptions.values().filter(theirs).collect();
        found.sort_by_key(|subscription| subscription.serial);
        found.into_iter().map(|subscription| subscription.id.clone()).collect()
    }

    /// Changes a subscription by a function, tells of it, and notes when it falls due.
    pub(super) fn change_subscription(
        &mut self,
        id: &SubscriptionId,
        change: impl FnOnce(&mut Subscription),
    ) {
        let Some(before) = self.subscriptions.get(id) else { return };
        let (old, was_over) = (self.render_subscription(before), before.status.is_ended());
        let mut after = before.clone();
        change(&mut after);
        let (new, at) = (self.render_subscription(&after), self.time_of(after.clock.as_ref()));
        let is_canceled = after.status == Status::Canceled && !was_over;
        self.put_subscription(after);
        if is_canceled {
            self.emit("customer.subscription.deleted", at, new);
        } else {
            self.emit_update("customer.subscription.updated", at, &old, &new);
        }
    }

    /// Stores a subscription and notes when it falls due.
    fn put_subscription(&mut self, subscription: Subscription) {
        if let Some(at) = subscription.next_due() {
            let due = Due::Subscription(subscription.id.clone());
            self.agenda.add(subscription.clock.clone(), at, subscription.serial, due);
        }
        self.subscriptions.insert(subscription.id.clone(), subscription);
    }

    /// Returns all subscriptions that match, the newest first. Those on test clocks are listed
    /// only by their clock or their customer.
    pub(super) fn list_subscriptions(&self, params: &Params) -> Answer {
        let known = [
            "collection_method",
            "created",
            "current_period_end",
            "current_period_start",
            "customer",
            "price",
            "status",
            "test_clock",
        ];
        given::only(params, &known)?;
        let clock = match given::text(params, &["test_clock"]) {
            None => None,
            Some(clock) => Some(&self.clock(clock, "test_clock")?.id),
        };
        let customer = given::text(params, &["customer"]);
        if customer.is_some_and(|customer| !self.customers.contains_key(customer)) {
            return Err(ApiError::no_such("customer", customer.unwrap_or_default(), "customer"));
        }
        let price = given::text(params, &["price"]);
        let created = TimeRange::read(params, "created")?;
        let start = TimeRange::read(params, "current_period_start")?;
        let end = TimeRange::read(params, "current_period_end")?;
        let charged = given::text(params, &["collection_method"])
            .is_none_or(|method| method == "charge_automatically");
        let status = given::text(params, &["status"]);
        Ok(self.subscriptions_where(|found| {
            let on_clock = if clock.is_some() || customer.is_none() {
                found.clock.as_ref() == clock
            } else {
                true
            };
            on_clock
                && charged
                && customer.is_none_or(|customer| found.customer.as_str() == customer)
                && price.is_none_or(|price| found.items.iter().any(|i| i.price.as_str() == price))
                && created.holds(found.created)
                && start.holds(found.period.start)
                && end.holds(found.period.end)
                && is_listed(found.status, status)
        }))
    }

    /// Returns all subscriptions, those on test clocks and those that are over too.
    pub(super) fn search_subscriptions(&self) -> Value {
        self.subscriptions_where(|_| true)
    }

    fn subscriptions_where(&self, wanted: impl Fn(&Subscription) -> bool) -> Value {
        let mut found: Vec<_> = self.subscriptions.values().filter(|found| wanted(found)).collect();
        found.sort_by_key(|subscription| subscription.serial);
        let newest_first = found.into_iter().rev();
        Value::Array(newest_first.map(|found| self.render_subscription(found)).collect())
    }
}

/// Tells whether a filter on the status lets a status through.
fn is_listed(status: Status, filter: Option<&str>) -> bool {
    match filter {
        None => status != Status::Canceled,
        Some("all") => true,
        Some("ended") => status.is_ended(),
        Some(word) => status.word() == word,
    }
}
