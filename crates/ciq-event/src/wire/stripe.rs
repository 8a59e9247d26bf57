//! Events of Stripe, as its webhooks carry them: `{id: "evt_…", created, type, data: {object}}`.
//!
//! Objects of any version of Stripe's API are read: what has moved or was renamed is looked for at
//! both places.

mod fraction;
mod price;

use crate::{
    ContactPoint, Event, EventType, IdentifierKind, Payload, Profile, Rejection, Source,
    SubscriptionChange, SubscriptionStatus, SubscriptionUpdate,
};

use super::mapping::readable;
use super::object::Object;
use super::subscription::{checked_id, set_subscription};
use super::{Scene, bare_event, contacts};

/// The system whose ids these are.
const SYSTEM: &str = "stripe";

/// The field of a customer that says whether it is one of Stripe's live mode.
const LIVEMODE: &str = "stripe_livemode";

/// What a type of event is about.
enum Kind {
    Customer,
    Subscription(SubscriptionChange),
    Payment(SubscriptionChange),
    Other,
}

impl Kind {
    fn of(stripe_type: &str) -> Self {
        match stripe_type {
            "customer.created" | "customer.updated" => Self::Customer,
            "customer.subscription.created" => Self::Subscription(SubscriptionChange::Started),
            "customer.subscription.updated"
            | "customer.subscription.paused"
            | "customer.subscription.resumed" => Self::Subscription(SubscriptionChange::Changed),
            "customer.subscription.deleted" => Self::Subscription(SubscriptionChange::Cancelled),
            "invoice.paid" => Self::Payment(SubscriptionChange::Paid),
            "invoice.payment_failed" => Self::Payment(SubscriptionChange::PaymentFailed),
            _ => Self::Other,
        }
    }
}

/// Parses one event.
pub(super) fn parse(scene: &Scene<'_>) -> Result<Event, Rejection> {
    let body = scene.object()?;
    let required = |key: &str, remedy: &str| body.rejection(key, format!("required: {remedy}"));
    let stripe_type = body
        .text("type")?
        .ok_or_else(|| required("type", "what happened, such as invoice.paid"))?;
    let id = body.text("id")?.ok_or_else(|| required("id", "the event's id, such as evt_1"))?;
    let at = body.time("created", scene.received_at())?;
    let at = at.ok_or_else(|| required("created", "when, in seconds since 1970"))?;
    let data = body.object("data")?.ok_or_else(|| required("data", "a snapshot event has it"))?;
    let object = data.object("object")?;
    let object = object.ok_or_else(|| data.rejection("object", "required: what it is about"))?;
    let kind = Kind::of(&stripe_type);
    let event_type = match &kind {
        Kind::Customer => "profile_update",
        Kind::Subscription(SubscriptionChange::Changed) => price::change_type(&object, &data)?,
        Kind::Subscription(SubscriptionChange::Started) => "subscription_started",
        Kind::Subscription(_) => "subscription_cancelled",
        Kind::Payment(SubscriptionChange::Paid) => "invoice_paid",
        Kind::Payment(_) => "payment_failed",
        Kind::Other => &stripe_type,
    };
    let event_type =
        EventType::parse(event_type).map_err(|error| Rejection::new("type", error.reason))?;
    let id = scene.given_id("stripe/event", &id);
    let mut event = bare_event(id, event_type, at, Source::from_raw(SYSTEM));
    event.contacts = contacts_of(&object)?;
    match kind {
        Kind::Customer => fill_customer(&mut event, (&body, &object), &stripe_type)?,
        Kind::Subscription(change) => fill_subscription(&mut event, &object, change)?,
        Kind::Payment(change) => fill_payment(&mut event, &object, change)?,
        Kind::Other => {
            event.title = Some(readable(&stripe_type));
            event.status = word(&object, "status")?;
        }
    }
    Ok(event)
}

/// Finds what points at the customer: Stripe's id of it, and what an invoice repeats of it.
fn contacts_of(object: &Object<'_>) -> Result<Vec<ContactPoint>, Rejection> {
    let mut found = Vec::new();
    let is_customer = word(object, "object")?.is_some_and(|name| name == "customer");
    let keys: [&[&str]; 2] = if is_customer {
        [&["email"], &["phone"]]
    } else {
        [&["customer_email"], &["customer_phone"]]
    };
    contacts::push(object, keys[0], IdentifierKind::Email, &mut found)?;
    contacts::push(object, keys[1], IdentifierKind::Phone, &mut found)?;
    let id = if is_customer { word(object, "id")? } else { id_at(object, "customer")? };
    if let Some(id) = id {
        let kind = IdentifierKind::External(SYSTEM.to_owned());
        contacts::push_new(ContactPoint::new(kind, id), &mut found);
    }
    if found.is_empty() {
        return Err(object.rejection("customer", "this tells of no customer"));
    }
    Ok(found)
}

fn fill_customer(
    event: &mut Event,
    (body, customer): (&Object<'_>, &Object<'_>),
    stripe_type: &str,
) -> Result<(), Rejection> {
    event.title = Some(readable(stripe_type));
    event.profile = Profile {
        name: customer.first_text(&["name"])?,
        email: customer.first_text(&["email"])?,
        phone: customer.first_text(&["phone"])?,
        ..Profile::default()
    };
    if let Some(is_live) = body.flag("livemode")? {
        event.profile.custom_fields.insert(LIVEMODE.to_owned(), is_live.to_string());
    }
    Ok(())
}

fn fill_subscription(
    event: &mut Event,
    object: &Object<'_>,
    change: SubscriptionChange,
) -> Result<(), Rejection> {
    let id = word(object, "id")?.ok_or_else(|| object.rejection("id", "required"))?;
    let terms = price::terms_of(object)?;
    event.status = word(object, "status")?;
    // Times of a test clock may be ahead, so they are not judged against the arrival.
    let start = object.time("start_date", jiff::Timestamp::MAX)?;
    let update = SubscriptionUpdate {
        plan: terms.plan,
        screens: terms.screens,
        mrr: terms.mrr,
        status: event.status.as_deref().and_then(SubscriptionStatus::of),
        started_at: start.or(object.time("created", jiff::Timestamp::MAX)?),
        ended_at: object.time("ended_at", jiff::Timestamp::MAX)?,
        ..SubscriptionUpdate::new(checked_id(object, "id", id)?, change)
    };
    set_subscription(event, update);
    Ok(())
}

fn fill_payment(
    event: &mut Event,
    invoice: &Object<'_>,
    change: SubscriptionChange,
) -> Result<(), Rejection> {
    let key = if change == SubscriptionChange::Paid { "amount_paid" } else { "amount_due" };
    event.amount = price::amount_at(invoice, key)?;
    event.status = word(invoice, "status")?;
    event.description = word(invoice, "number")?.map(|number| format!("Invoice {number}"));
    event.profile.name = invoice.first_text(&["customer_name"])?;
    let Some(id) = subscription_of(invoice)? else {
        event.title = Some(readable(event.event_type.as_str()));
        event.payload = Payload::Generic;
        return Ok(());
    };
    let update = SubscriptionUpdate {
        invoice_id: word(invoice, "id")?,
        ..SubscriptionUpdate::new(checked_id(invoice, "subscription", id)?, change)
    };
    set_subscription(event, update);
    Ok(())
}

/// Returns the subscription that an invoice is for. Since the API's version of March 2025 it stands
/// with the invoice's parent.
fn subscription_of(invoice: &Object<'_>) -> Result<Option<String>, Rejection> {
    if let Some(id) = id_at(invoice, "subscription")? {
        return Ok(Some(id));
    }
    let Some(parent) = invoice.object("parent")? else { return Ok(None) };
    let Some(details) = parent.object("subscription_details")? else { return Ok(None) };
    id_at(&details, "subscription")
}

/// Returns the id of what a field names, which may stand there whole.
fn id_at(object: &Object<'_>, key: &str) -> Result<Option<String>, Rejection> {
    if is_object(object, key)
        && let Some(whole) = object.object(key)?
    {
        return word(&whole, "id");
    }
    word(object, key)
}

fn is_object(object: &Object<'_>, key: &str) -> bool {
    object.raw(key).is_some_and(|raw| raw.get().starts_with('{'))
}

fn word(object: &Object<'_>, key: &str) -> Result<Option<String>, Rejection> {
    object.first_text(&[key])
}
