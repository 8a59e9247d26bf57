//! Ends: asked for, scheduled, or for want of money.

use super::{EndReason, Status, Subscription};
use crate::ApiError;
use crate::books::calendar::Moment;
use crate::books::given;
use crate::books::ids::{Mint, SubscriptionId};
use crate::books::invoices::{Collection, NewInvoice, Reason};
use crate::books::lines::{Line, Side};
use crate::books::{Answer, Books};
use crate::params::Params;

impl Books {
    /// Ends a subscription at once, with its unused time given back and billed as asked.
    pub(in crate::books) fn cancel_subscription(&mut self, id: &str, params: &Params) -> Answer {
        given::only(params, &["cancellation_details", "invoice_now", "prorate"])?;
        let subscription = self.subscription(id, "id")?;
        if subscription.status.is_ended() {
            return Err(ApiError::no_such("subscription", id, "id"));
        }
        self.check_writable(subscription.clock.as_ref())?;
        let prorate = params.boolean(&["prorate"])?.unwrap_or(false);
        let invoice_now = params.boolean(&["invoice_now"])?.unwrap_or(false);
        let at = self.time_of(subscription.clock.as_ref());
        let mut after = subscription.clone();
        let mut mint = self.mint.clone();
        if prorate {
            after.pending.extend(self.unused(&after, at, &mut mint));
        } else if !invoice_now {
            after.pending.clear();
        }
        self.mint = mint;
        set_details(&mut after, params);
        if invoice_now {
            self.bill_pending(&mut after, Reason::Update);
        }
        self.end(after, EndReason::Requested);
        self.retrieve_subscription(id)
    }

    /// Ends a subscription at once; its prorations are dropped.
    pub(in crate::books) fn end_subscription(&mut self, id: &SubscriptionId, reason: EndReason) {
        let Some(subscription) = self.subscriptions.get(id) else { return };
        let after = Subscription { pending: Vec::new(), ..subscription.clone() };
        self.end(after, reason);
    }

    /// Ends a subscription whose time has come; what is pending is billed.
    pub(super) fn end_on_schedule(&mut self, subscription: &Subscription, at: Moment) {
        let mut after = subscription.clone();
        if after.credits_at_end && at < after.period.end {
            let mut mint = self.mint.clone();
            after.pending.extend(self.unused(&after, at, &mut mint));
            self.mint = mint;
        }
        self.bill_pending(&mut after, Reason::Cycle);
        self.end(after, EndReason::Requested);
    }

    /// Gives up a subscription whose first invoice was not paid in time.
    pub(super) fn expire_subscription(&mut self, id: &SubscriptionId) {
        let Some(subscription) = self.subscriptions.get(id) else { return };
        let at = self.time_of(subscription.clock.as_ref());
        self.change_subscription(id, |subscription| {
            subscription.status = Status::IncompleteExpired;
            subscription.ended_at = Some(at);
        });
        self.stop_collecting(id, Status::Incomplete);
    }

    /// Makes the credits for the rest of a period.
    pub(super) fn unused(&self, of: &Subscription, at: Moment, mint: &mut Mint) -> Vec<Line> {
        if matches!(of.status, Status::Trialing | Status::Incomplete | Status::Paused) {
            return Vec::new();
        }
        let credit = |item| self.proration(of, (item, Side::Unused), at, mint);
        of.items.iter().map(credit).collect()
    }

    /// Bills what is pending, if anything is.
    fn bill_pending(&mut self, after: &mut Subscription, reason: Reason) {
        let lines = std::mem::take(&mut after.pending);
        if lines.is_empty() {
            return;
        }
        let invoice = NewInvoice {
            id: self.mint.id(),
            reason,
            lines,
            period: after.period,
            collection: Collection::Now,
        };
        after.invoices.push(invoice.id.clone());
        let (id, changed) = (after.id.clone(), after.clone());
        self.change_subscription(&id, |subscription| *subscription = changed);
        self.insert_invoice(&id, invoice);
    }

    fn end(&mut self, after: Subscription, reason: EndReason) {
        let at = self.time_of(after.clock.as_ref());
        let id = after.id.clone();
        let was = after.status;
        self.change_subscription(&id, |subscription| {
            *subscription = after;
            subscription.status = Status::Canceled;
            subscription.ended_at = Some(at);
            subscription.canceled_at.get_or_insert(at);
            subscription.cancellation.reason = Some(reason);
        });
        self.stop_collecting(&id, was);
    }
}

/// Takes over what a request says about an end.
pub(super) fn set_details(subscription: &mut Subscription, params: &Params) {
    let details = &mut subscription.cancellation;
    given::set_text(&mut details.comment, params, &["cancellation_details", "comment"]);
    given::set_text(&mut details.feedback, params, &["cancellation_details", "feedback"]);
}
