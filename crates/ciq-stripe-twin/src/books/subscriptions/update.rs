//! Changes of a subscription.

use super::create::{check_future, check_trial_end, check_words};
use super::end::set_details;
use super::{BillingMode, EndReason, Item, Status, Subscription, TrialEnd};
use crate::ApiError;
use crate::books::calendar::{Moment, Period};
use crate::books::cards::Decline;
use crate::books::given;
use crate::books::ids::Mint;
use crate::books::invoices::{Collection, NewInvoice, Reason, owed};
use crate::books::lines::{Line, Side, total};
use crate::books::{Answer, Books};
use crate::params::Params;

/// The parameters of a change that are honoured, or that change nothing here.
const HONOURED: [&str; 17] = [
    "billing_cycle_anchor",
    "cancel_at",
    "cancel_at_period_end",
    "cancellation_details",
    "collection_method",
    "default_payment_method",
    "description",
    "items",
    "metadata",
    "off_session",
    "payment_behavior",
    "payment_settings",
    "proration_behavior",
    "proration_date",
    "trial_end",
    "trial_from_plan",
    "trial_settings",
];

/// What is done about the money that a change moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Prorations {
    None,
    Pending,
    Invoiced,
}

/// What a change does to the periods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cycle {
    /// It goes on.
    Unchanged,
    /// It begins anew now.
    Reset,
    /// A trial begins, or gets another end.
    TrialUntil(Moment),
}

impl Books {
    /// Changes a subscription.
    pub(in crate::books) fn update_subscription(&mut self, id: &str, params: &Params) -> Answer {
        let before = self.subscription(id, "id")?.clone();
        self.check_writable(before.clock.as_ref())?;
        check_changeable(&before, params)?;
        check_words(params)?;
        let at = self.time_of(before.clock.as_ref());
        let mut mint = self.mint.clone();
        let mut after = before.clone();
        after.items = self.changed_items(&before, params, at, &mut mint)?;
        (after.cadence, after.currency) = self.terms(&after.items)?;
        if after.currency != before.currency {
            let text = "The currency of a subscription cannot change.";
            return Err(ApiError::invalid(text).with_param("items"));
        }
        let cycle = self.cycle(&before, &after, params, at)?;
        let prorations = prorations(params);
        let credits = proration_date(&before, params, at)?;
        let mut lines = match prorations {
            Prorations::None => Vec::new(),
            _ => self.prorated(&before, &after.items, (cycle, credits), &mut mint),
        };
        after.turn(cycle, at);
        self.set_plain(&mut after, params)?;
        if cycle == Cycle::Reset {
            let period = after.period;
            lines.extend(self.cycle_lines(&after.items, period, period, &mut mint));
        }
        let is_billed =
            cycle == Cycle::Reset || (prorations == Prorations::Invoiced && !lines.is_empty());
        after.pending.append(&mut lines);
        let bill = is_billed.then(|| after.bill(&mut mint, at));
        self.check_payable(&after, bill.as_ref(), params)?;
        self.mint = mint;
        let id = after.id.clone();
        self.change_subscription(&id, |subscription| *subscription = after);
        if let Some(bill) = bill {
            self.insert_invoice(&id, bill);
        }
        self.retrieve_subscription(id.as_str())
    }

    /// Takes over what needs no money: card, texts, and when it is to end.
    pub(super) fn set_plain(
        &self,
        subscription: &mut Subscription,
        params: &Params,
    ) -> Result<(), ApiError> {
        given::set_text(&mut subscription.description, params, &["description"]);
        given::set_metadata(&mut subscription.metadata, params, &["metadata"]);
        set_details(subscription, params);
        if params.is_unset(&["default_payment_method"]) {
            subscription.default_payment_method = None;
        } else if let Some(id) = given::text(params, &["default_payment_method"]) {
            let customer = &subscription.customer;
            let own = self.own_payment_method(id, customer, "default_payment_method")?;
            subscription.default_payment_method = Some(own);
        }
        let behavior = ["trial_settings", "end_behavior", "missing_payment_method"];
        match given::text(params, &behavior) {
            Some("cancel") => subscription.trial_end = TrialEnd::Cancel,
            Some("pause") => subscription.trial_end = TrialEnd::Pause,
            Some(_) => subscription.trial_end = TrialEnd::CreateInvoice,
            None => {}
        }
        let at = self.time_of(subscription.clock.as_ref());
        set_end(subscription, params, at)
    }

    /// Decides what a change does to the periods.
    fn cycle(
        &self,
        before: &Subscription,
        after: &Subscription,
        params: &Params,
        at: Moment,
    ) -> Result<Cycle, ApiError> {
        let anchor = given::text(params, &["billing_cycle_anchor", "type"])
            .or_else(|| given::text(params, &["billing_cycle_anchor"]));
        let is_trial = before.status == Status::Trialing;
        match given::text(params, &["trial_end"]) {
            Some("now") if is_trial => return Ok(Cycle::Reset),
            Some("now") | None => {}
            Some(_) => {
                let end = given::required_moment(params, &["trial_end"])?;
                check_trial_end(end, at)?;
                return Ok(Cycle::TrialUntil(end));
            }
        }
        let is_free = |items: &[Item]| items.iter().all(|item| self.price_of(item) == 0);
        let starts_paying = before.billing_mode == BillingMode::Classic
            && is_free(&before.items)
            && !is_free(&after.items);
        let is_new_cycle = before.cadence != after.cadence || starts_paying;
        Ok(if anchor == Some("now") || (is_new_cycle && !is_trial) {
            Cycle::Reset
        } else {
            Cycle::Unchanged
        })
    }

    /// Makes the credits and charges of a change: of all items where the cycle is left, of those
    /// that changed where it goes on.
    fn prorated(
        &self,
        before: &Subscription,
        items: &[Item],
        (cycle, at): (Cycle, Moment),
        mint: &mut Mint,
    ) -> Vec<Line> {
        if cycle != Cycle::Unchanged {
            return self.unused(before, at, mint);
        }
        if matches!(before.status, Status::Trialing | Status::Incomplete | Status::Paused) {
            return Vec::new();
        }
        let is_same = |one: &Item, other: &Item| {
            one.id == other.id && one.price == other.price && one.quantity == other.quantity
        };
        let gone = before.items.iter().filter(|old| !items.iter().any(|new| is_same(old, new)));
        let mut lines: Vec<_> =
            gone.map(|item| self.proration(before, (item, Side::Unused), at, mint)).collect();
        let come = items.iter().filter(|new| !before.items.iter().any(|old| is_same(old, new)));
        lines.extend(come.map(|item| self.proration(before, (item, Side::Remaining), at, mint)));
        lines
    }

    /// Refuses a change that cannot be paid, if that is the wish.
    fn check_payable(
        &self,
        after: &Subscription,
        bill: Option<&NewInvoice>,
        params: &Params,
    ) -> Result<(), ApiError> {
        let is_strict = given::text(params, &["payment_behavior"]) == Some("error_if_incomplete");
        let Some(bill) = bill.filter(|_| is_strict) else { return Ok(()) };
        let balance = self.customers.get(&after.customer).map_or(0, |customer| customer.balance);
        if owed(total(&bill.lines), balance).due == 0 {
            return Ok(());
        }
        let card = self.card_of(after, None).map_err(Decline::error)?;
        card.charging.map_or(Ok(()), |decline| Err(decline.error()))
    }
}

impl Subscription {
    /// Turns to another cycle.
    fn turn(&mut self, cycle: Cycle, at: Moment) {
        match cycle {
            Cycle::Unchanged => return,
            Cycle::Reset => {
                self.anchor = at;
                self.period = self.cadence.period_at(at, at);
                if self.status == Status::Trialing {
                    self.status = Status::Active;
                    self.trial = self.trial.map(|trial| Period { end: at, ..trial });
                }
            }
            Cycle::TrialUntil(end) => {
                let start = match self.trial {
                    Some(trial) if self.status == Status::Trialing => trial.start,
                    Some(_) | None => at,
                };
                self.anchor = end;
                self.period = Period { start, end };
                self.trial = Some(self.period);
                self.status = Status::Trialing;
            }
        }
        if self.cancel_at_period_end {
            self.cancel_at = Some(self.period.end);
        }
    }

    /// Takes what is pending to an invoice of its own.
    fn bill(&mut self, mint: &mut Mint, at: Moment) -> NewInvoice {
        let id: crate::books::ids::InvoiceId = mint.id();
        self.invoices.push(id.clone());
        NewInvoice {
            id,
            reason: Reason::Update,
            lines: std::mem::take(&mut self.pending),
            period: Period { start: self.period.start.min(at), end: at },
            collection: Collection::Now,
        }
    }
}

/// Refuses changes that the state of a subscription does not allow.
fn check_changeable(subscription: &Subscription, params: &Params) -> Result<(), ApiError> {
    given::only(params, &HONOURED)?;
    if subscription.status.is_ended() {
        return given::only(params, &["cancellation_details", "metadata"]).map_err(|_| {
            ApiError::invalid(
                "A canceled subscription can only update its cancellation_details and metadata.",
            )
        });
    }
    if subscription.status == Status::Incomplete && params.has(&["items"]) {
        let text = "The items of an incomplete subscription cannot change: pay its first invoice.";
        return Err(ApiError::invalid(text).with_param("items"));
    }
    Ok(())
}

fn prorations(params: &Params) -> Prorations {
    match given::text(params, &["proration_behavior"]) {
        Some("none") => Prorations::None,
        Some("always_invoice") => Prorations::Invoiced,
        Some(_) | None => Prorations::Pending,
    }
}

/// Returns from when on a change counts.
fn proration_date(
    subscription: &Subscription,
    params: &Params,
    at: Moment,
) -> Result<Moment, ApiError> {
    let Some(date) = given::moment(params, &["proration_date"])? else { return Ok(at) };
    let period = subscription.period;
    if date < period.start || date > period.end {
        let text = "Cannot specify a proration date outside of the current period.";
        return Err(ApiError::invalid(text).with_param("proration_date"));
    }
    Ok(date)
}

/// Sets or takes back when a subscription is to end.
fn set_end(subscription: &mut Subscription, params: &Params, at: Moment) -> Result<(), ApiError> {
    let end = subscription.period.end;
    let asked = match given::text(params, &["cancel_at"]) {
        None => None,
        Some("min_period_end" | "max_period_end" | "max_billed_until") => Some(end),
        Some(_) => given::moment(params, &["cancel_at"])?,
    };
    if let Some(cancel_at) = asked {
        check_future(cancel_at, at, "cancel_at")?;
        subscription.credits_at_end = prorations(params) != Prorations::None;
    }
    let at_period_end = params.boolean(&["cancel_at_period_end"])?;
    let cancel_at = match (asked, at_period_end) {
        (Some(_), Some(true)) => {
            let text = "You can pass only one of cancel_at and cancel_at_period_end.";
            return Err(ApiError::invalid(text).with_param("cancel_at"));
        }
        (Some(cancel_at), _) => Some(cancel_at),
        (None, Some(true)) => Some(end),
        (None, Some(false)) if subscription.cancel_at_period_end => None,
        (None, None) if params.is_unset(&["cancel_at"]) => None,
        (None, Some(false) | None) => return Ok(()),
    };
    subscription.cancel_at = cancel_at;
    subscription.cancel_at_period_end = at_period_end == Some(true);
    subscription.canceled_at = cancel_at.map(|_| at);
    subscription.cancellation.reason = cancel_at.map(|_| EndReason::Requested);
    Ok(())
}
