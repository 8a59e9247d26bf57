//! Subscriptions and their items.

use serde_json::{Value, json};

use super::{list, merge, plan, price, seconds};
use crate::books::Books;
use crate::books::ids::{ClockId, InvoiceId, PaymentMethodId};
use crate::books::subscriptions::{
    BillingMode, Cancellation, EndReason, Item, Subscription, TrialEnd,
};

impl Books {
    /// Writes a subscription.
    pub(in crate::books) fn render_subscription(&self, subscription: &Subscription) -> Value {
        let id = subscription.id.as_str();
        let items = subscription.items.iter();
        let items: Vec<_> = items.map(|item| self.render_item(subscription, item)).collect();
        let default = subscription.default_payment_method.as_ref().map(PaymentMethodId::as_str);
        let trial = subscription.trial;
        let rendered = json!({
            "id": id,
            "object": "subscription",
            "billing_cycle_anchor": subscription.anchor.seconds(),
            "billing_mode": billing_mode(subscription.billing_mode),
            "cancel_at": seconds(subscription.cancel_at),
            "cancel_at_period_end": subscription.cancel_at_period_end,
            "canceled_at": seconds(subscription.canceled_at),
            "cancellation_details": cancellation(&subscription.cancellation),
            "created": subscription.created.seconds(),
            "currency": subscription.currency,
            "customer": subscription.customer.as_str(),
            "default_payment_method": default,
            "description": subscription.description,
            "ended_at": seconds(subscription.ended_at),
            "items": list(&items, &format!("/v1/subscription_items?subscription={id}")),
            "latest_invoice": subscription.invoices.last().map(InvoiceId::as_str),
            "metadata": subscription.metadata,
            "start_date": subscription.created.seconds(),
            "status": subscription.status.word(),
            "test_clock": subscription.clock.as_ref().map(ClockId::as_str),
            "trial_end": seconds(trial.map(|trial| trial.end)),
            "trial_settings": {
                "end_behavior": { "missing_payment_method": trial_end(subscription.trial_end) },
            },
            "trial_start": seconds(trial.map(|trial| trial.start)),
        });
        merge(rendered, unused())
    }

    /// Writes an item. Its period is the subscription's.
    fn render_item(&self, subscription: &Subscription, item: &Item) -> Value {
        let own = self.prices.get(&item.price);
        json!({
            "id": item.id.as_str(),
            "object": "subscription_item",
            "billing_thresholds": null,
            "created": item.created.seconds(),
            "current_period_end": subscription.period.end.seconds(),
            "current_period_start": subscription.period.start.seconds(),
            "discounts": [],
            "metadata": item.metadata,
            "plan": own.map(plan),
            "price": own.map(price),
            "quantity": item.quantity,
            "subscription": subscription.id.as_str(),
            "tax_rates": [],
        })
    }
}

/// Writes what a subscription has at Stripe and never uses here.
fn unused() -> Value {
    json!({
        "application": null,
        "application_fee_percent": null,
        "automatic_tax": { "disabled_reason": null, "enabled": false, "liability": null },
        "billing_cycle_anchor_config": null,
        "billing_schedules": [],
        "billing_thresholds": null,
        "collection_method": "charge_automatically",
        "days_until_due": null,
        "default_source": null,
        "default_tax_rates": [],
        "discounts": [],
        "invoice_settings": { "account_tax_ids": null, "issuer": { "type": "self" } },
        "livemode": false,
        "next_pending_invoice_item_invoice": null,
        "on_behalf_of": null,
        "pause_collection": null,
        "pending_invoice_item_interval": null,
        "pending_setup_intent": null,
        "pending_update": null,
        "schedule": null,
        "transfer_data": null,
        "payment_settings": {
            "payment_method_options": null,
            "payment_method_types": null,
            "save_default_payment_method": "off",
        },
    })
}

fn billing_mode(mode: BillingMode) -> Value {
    match mode {
        BillingMode::Classic => json!({ "type": "classic", "flexible": null }),
        BillingMode::Flexible => {
            json!({ "type": "flexible", "flexible": { "proration_discounts": "included" } })
        }
    }
}

fn cancellation(cancellation: &Cancellation) -> Value {
    let reason = cancellation.reason.map(|reason| match reason {
        EndReason::Requested => "cancellation_requested",
        EndReason::PaymentFailed => "payment_failed",
    });
    json!({
        "comment": cancellation.comment,
        "feedback": cancellation.feedback,
        "reason": reason,
    })
}

fn trial_end(behavior: TrialEnd) -> &'static str {
    match behavior {
        TrialEnd::CreateInvoice => "create_invoice",
        TrialEnd::Cancel => "cancel",
        TrialEnd::Pause => "pause",
    }
}
