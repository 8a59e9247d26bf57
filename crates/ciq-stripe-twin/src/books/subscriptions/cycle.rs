//! From period to period.

use super::{Status, Subscription, TrialEnd};
use crate::books::Books;
use crate::books::calendar::{HOUR, Period};
use crate::books::ids::SubscriptionId;
use crate::books::invoices::{Collection, NewInvoice, Reason};
use crate::books::subscriptions::EndReason;

/// How long the invoice of a renewal stays a draft.
const DRAFT_SECONDS: i64 = HOUR;

impl Books {
    /// Does what time has in store for a subscription: a new period, or its end.
    pub(in crate::books) fn subscription_due(&mut self, id: &SubscriptionId) {
        let Some(subscription) = self.subscriptions.get(id).cloned() else { return };
        let at = self.time_of(subscription.clock.as_ref());
        if subscription.next_due().is_none_or(|due| due > at) {
            return;
        }
        if subscription.status == Status::Incomplete {
            self.expire_subscription(id);
        } else if subscription.cancel_at.is_some_and(|cancel_at| cancel_at <= at) {
            self.end_on_schedule(&subscription, at);
        } else {
            self.end_period(&subscription);
        }
    }

    /// Ends a period, or a trial, and begins the next.
    fn end_period(&mut self, subscription: &Subscription) {
        let has_card = self.card_of(subscription, None).is_ok();
        if subscription.status == Status::Trialing && !has_card {
            match subscription.trial_end {
                TrialEnd::CreateInvoice => {}
                TrialEnd::Cancel => {
                    self.end_subscription(&subscription.id, EndReason::Requested);
                    return;
                }
                TrialEnd::Pause => {
                    self.change_subscription(&subscription.id, |subscription| {
                        subscription.status = Status::Paused;
                    });
                    return;
                }
            }
        }
        self.begin_period(subscription);
    }

    /// Begins the next period: its invoice is a draft at first.
    fn begin_period(&mut self, before: &Subscription) {
        let at = before.period.end;
        let whole = before.cadence.period_at(before.anchor, at);
        let end = before.cancel_at.map_or(whole.end, |cancel_at| cancel_at.min(whole.end));
        let period = Period { start: at, end };
        let mut mint = self.mint.clone();
        let mut after = before.clone();
        let mut lines = std::mem::take(&mut after.pending);
        lines.extend(self.cycle_lines(&after.items, period, whole, &mut mint));
        after.period = period;
        if after.status == Status::Trialing {
            after.status = Status::Active;
        }
        let collection = if after.status == Status::Unpaid {
            Collection::OnDemand
        } else {
            Collection::At(at.plus(DRAFT_SECONDS))
        };
        let invoice = NewInvoice {
            id: mint.id(),
            reason: Reason::Cycle,
            lines,
            // An invoice looks back, its lines look ahead.
            period: before.period,
            collection,
        };
        self.mint = mint;
        after.invoices.push(invoice.id.clone());
        let id = after.id.clone();
        self.change_subscription(&id, |subscription| *subscription = after);
        self.insert_invoice(&id, invoice);
    }
}
