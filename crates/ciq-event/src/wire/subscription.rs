//! What events tell of subscriptions and payments for them.

use crate::{
    Event, Money, Payload, Rejection, SubscriptionChange, SubscriptionStatus, SubscriptionUpdate,
};

use super::mapping::{Terms, readable};
use super::object::Object;

/// Fills an event of a subscription with what its data says. One that names no subscription only
/// stands in the timeline.
pub(super) fn fill(
    event: &mut Event,
    data: &Object<'_>,
    (change, terms): (SubscriptionChange, Terms),
) -> Result<(), Rejection> {
    let Some(id) = data.first_text(&["subscription_id"])? else { return Ok(()) };
    let is_payment = matches!(change, SubscriptionChange::Paid | SubscriptionChange::PaymentFailed);
    let mut update = SubscriptionUpdate::new(checked_id(data, "subscription_id", id)?, change);
    if is_payment {
        update.invoice_id = data.first_text(&["invoice_id"])?;
    } else {
        update.plan = data.first_text(&["plan"])?;
        update.screens = screens(data)?;
        update.mrr = mrr(data, terms)?;
        update.status = status(data)?;
        update.started_at = data.time("started_at", terms.received_at)?;
        update.ended_at = data.time("ended_at", terms.received_at)?;
    }
    event.profile.name = data.first_text(&["name", "customer_name"])?;
    set_subscription(event, update);
    Ok(())
}

/// Makes an event one of a subscription. What follows from the kind of change, where the event does
/// not say otherwise: how the subscription stands, when it began or ended, and a title.
pub(super) fn set_subscription(event: &mut Event, mut update: SubscriptionUpdate) {
    match update.change {
        SubscriptionChange::Started => {
            update.status.get_or_insert(SubscriptionStatus::Active);
            update.started_at.get_or_insert(event.occurred_at);
        }
        SubscriptionChange::Cancelled => {
            update.status.get_or_insert(SubscriptionStatus::Canceled);
            update.ended_at.get_or_insert(event.occurred_at);
        }
        SubscriptionChange::Changed
        | SubscriptionChange::Paid
        | SubscriptionChange::PaymentFailed => {}
    }
    let title = title(event.event_type.as_str(), &update);
    event.title.get_or_insert(title);
    event.payload = Payload::Subscription(update);
}

/// Refuses an id that is too long to be one.
pub(super) fn checked_id(data: &Object<'_>, key: &str, id: String) -> Result<String, Rejection> {
    if id.len() > SubscriptionUpdate::ID_LENGTH_MAX {
        let reason = format!("longer than {} bytes", SubscriptionUpdate::ID_LENGTH_MAX);
        return Err(data.rejection(key, reason));
    }
    Ok(id)
}

fn title(event_type: &str, update: &SubscriptionUpdate) -> String {
    let what = readable(event_type);
    match (&update.plan, update.screens) {
        (Some(plan), Some(1)) => format!("{what}: {plan}, 1 screen"),
        (Some(plan), Some(screens)) => format!("{what}: {plan}, {screens} screens"),
        (Some(plan), None) => format!("{what}: {plan}"),
        (None, _) => what,
    }
}

fn screens(data: &Object<'_>) -> Result<Option<i64>, Rejection> {
    let screens = data.integer("screens")?;
    if screens.is_some_and(i64::is_negative) {
        return Err(data.rejection("screens", "must not be negative"));
    }
    Ok(screens)
}

fn mrr(data: &Object<'_>, terms: Terms) -> Result<Option<Money>, Rejection> {
    let mrr = data.money("mrr", data.currency(terms.currency)?)?;
    if mrr.is_some_and(|mrr| mrr.minor < 0) {
        return Err(data.rejection("mrr", "must not be negative"));
    }
    Ok(mrr)
}

fn status(data: &Object<'_>) -> Result<Option<SubscriptionStatus>, Rejection> {
    let Some(text) = data.text("status")? else { return Ok(None) };
    SubscriptionStatus::of(&text).map(Some).ok_or_else(|| {
        let names: Vec<_> = SubscriptionStatus::ALL.iter().map(|word| word.name()).collect();
        data.rejection("status", format!("must be one of {}", names.join(", ")))
    })
}
