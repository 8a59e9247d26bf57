//! Events as short texts, so that a test is a message and the words it should come to.

use ciq_event::{
    Brand, Currency, Event, Knowledge, Message, ParseContext, Payload, Profile, Rejection,
    WireForm, parse,
};
use jiff::Timestamp;

/// When every message of these tests arrives.
pub(crate) const RECEIVED_AT: &str = "2026-01-01T00:00:00Z";

pub(crate) fn context() -> ParseContext {
    ParseContext { brand: Brand::default(), currency: Currency::USD }
}

/// When the records of these stories arrive.
pub(crate) fn now() -> Timestamp {
    RECEIVED_AT.parse().unwrap()
}

pub(crate) fn message(form: &str, body: impl Into<Vec<u8>>) -> Message {
    let form: WireForm = form.parse().unwrap();
    Message::new(form, body, now())
}

pub(crate) fn events(form: &str, body: impl Into<Vec<u8>>) -> Result<Vec<Event>, Rejection> {
    parse(&message(form, body), &context())
}

/// Parses a message that comes to one event.
#[track_caller]
pub(crate) fn event(form: &str, body: impl Into<Vec<u8>>) -> Event {
    let mut events = events(form, body).expect("an event");
    assert_eq!(events.len(), 1);
    events.remove(0)
}

/// Checks that a message comes to these events, each told in lines.
#[track_caller]
pub(crate) fn check(form: &str, body: &str, expected: &[&str]) {
    let events = events(form, body).expect("events");
    let told: Vec<String> = events.iter().map(story).collect();
    let expected: Vec<String> = expected
        .iter()
        .map(|text| text.lines().map(str::trim).collect::<Vec<_>>().join("\n"))
        .collect();
    assert_eq!(told, expected, "\n{}\n", told.join("\n\n"));
}

/// Checks that a message is refused for one field.
#[track_caller]
pub(crate) fn check_refused(form: &str, body: impl Into<Vec<u8>>, field: &str) -> String {
    let rejection = events(form, body).expect_err("a rejection");
    assert_eq!(rejection.field, field, "{rejection}");
    rejection.reason
}

/// Tells an event without its id, one fact a line, leaving out what is not said.
pub(crate) fn story(event: &Event) -> String {
    let mut lines =
        vec![format!("{} from {} at {}", event.event_type, event.source, event.occurred_at)];
    let mut say = |name: &str, value: Option<String>| {
        lines.extend(value.map(|value| format!("{name}: {value}")));
    };
    for contact in &event.contacts {
        say(&contact.kind.name(), Some(contact.value.clone()));
    }
    say("title", event.title.clone());
    say("description", event.description.clone());
    say("amount", event.amount.map(|amount| format!("{amount} {}", amount.currency)));
    say("status", event.status.clone());
    say("agent notes", event.agent_notes.clone());
    say("profile", profile(&event.profile));
    say("payload", payload(&event.payload));
    say("knowledge", event.knowledge.as_ref().map(knowledge));
    lines.join("\n")
}

fn facts(facts: Vec<(&str, Option<String>)>) -> String {
    let told = facts.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", value?)));
    told.collect::<Vec<_>>().join(" | ")
}

fn profile(profile: &Profile) -> Option<String> {
    let Profile { name, email, phone, company, status, tags, custom_fields } = profile.clone();
    let mut all = vec![
        ("name", name),
        ("email", email),
        ("phone", phone),
        ("company", company),
        ("status", status),
        ("tags", tags.map(|tags| tags.join(","))),
    ];
    all.extend(custom_fields.iter().map(|(name, json)| (name.as_str(), Some(json.clone()))));
    Some(facts(all)).filter(|told| !told.is_empty())
}

fn payload(payload: &Payload) -> Option<String> {
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string());
    Some(match payload.clone() {
        Payload::Generic => return None,
        Payload::Purchase(purchase) => facts(vec![
            ("id", Some(purchase.purchase_id)),
            ("product", Some(purchase.product_name)),
            ("sku", purchase.product_sku),
            ("quantity", purchase.quantity.map(|quantity| quantity.to_string())),
            ("price", purchase.price.map(|price| price.to_string())),
            ("total", Some(purchase.total.to_string())),
            ("warranty", time(purchase.warranty_expires_at)),
        ]),
        Payload::WorkOrder(order) => facts(vec![
            ("id", Some(order.work_order_id)),
            ("type", Some(order.order_type)),
            ("issue", order.issue_description),
            ("resolution", order.resolution),
            ("status", order.status),
            ("priority", order.priority),
            ("assigned", order.assigned_to),
            ("completed", time(order.completed_at)),
            ("cost", order.cost.map(|cost| cost.to_string())),
        ]),
        Payload::StoreVisit(visit) => facts(vec![
            ("store", Some(visit.store_id)),
            ("name", visit.store_name),
            ("in", Some(visit.check_in_at.to_string())),
            ("out", time(visit.check_out_at)),
            ("noticed", visit.detection_method),
        ]),
        Payload::Account(update) => facts(vec![
            ("stage", update.stage.map(|stage| stage.to_string())),
            ("tier", update.tier.map(|tier| tier.to_string())),
            ("errors", update.error_rate.map(|rate| rate.to_string())),
            ("trend", update.usage_trend.map(|trend| trend.to_string())),
            ("integration", update.integration_status),
            ("signed up", time(update.signed_up_at)),
            ("calls", Some(update.api_call_count.to_string())),
        ]),
        Payload::Subscription(update) => facts(vec![
            ("id", Some(update.subscription_id)),
            ("change", Some(format!("{:?}", update.change))),
            ("plan", update.plan),
            ("screens", update.screens.map(|screens| screens.to_string())),
            ("mrr", update.mrr.map(|mrr| format!("{mrr} {}", mrr.currency))),
            ("status", update.status.map(|status| status.to_string())),
            ("started", time(update.started_at)),
            ("ended", time(update.ended_at)),
            ("invoice", update.invoice_id),
        ]),
    })
}

fn knowledge(knowledge: &Knowledge) -> String {
    let Knowledge { content, category, importance, tags } = knowledge.clone();
    facts(vec![
        ("content", Some(content)),
        ("category", category),
        ("importance", importance),
        ("tags", Some(tags.join(",")).filter(|tags| !tags.is_empty())),
    ])
}
