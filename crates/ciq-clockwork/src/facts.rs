//! What automations are told about a customer.

use std::collections::BTreeMap;

use ciq_automation::{CartFact, Channel, Facts, IntentFact, InterventionFact, SentFact};
use ciq_insight::{Context, History, Insight, IntentStatus, Item, ProductKey, open_carts};
use ciq_store::{CustomerFacts, OpenIntervention};
use jiff::Timestamp;
use serde_json::Value;

/// A customer from all sides.
pub(crate) struct Subject<'a> {
    pub(crate) known: &'a CustomerFacts,
    pub(crate) history: &'a History,
    pub(crate) insight: &'a Insight,
    pub(crate) context: &'a Context<'a>,
}

/// Custom fields that speak for all channels.
const FOR_ALL: [&str; 3] = ["marketing_consent", "consent_marketing", "marketing_opt_in"];

/// Custom fields by which a customer wants nothing.
const AGAINST_ALL: [&str; 4] = ["unsubscribed", "do_not_contact", "opt_out", "opted_out"];

/// Puts together what automations are told about a customer as of a time.
pub(crate) fn facts_of(subject: &Subject<'_>, as_of: Timestamp) -> Facts {
    let Subject { known, history, insight, context } = subject;
    let Insight { features, rfm: _, prediction, journey, intents } = insight;
    let segment = prediction.segment.name();
    let (segment_since, previous_segment) = match &known.segment {
        Some((held, since, previous)) if held == segment => (Some(*since), previous.clone()),
        Some((held, _, _)) => (Some(as_of), Some(held.clone())),
        // Who is seen for the first time has entered nothing: an import is no occasion.
        None => (None, None),
    };
    let named = |key| context.catalogue.products.get(&key).cloned().unwrap_or_default();
    let category = |key| context.catalogue.categories.get(&key).cloned();
    let spent_in = features.monetary.currency;
    let carts = open_carts(history, as_of).into_iter().map(|cart| CartFact {
        product_name: named(cart.product),
        category: told(history, cart.product, |item| item.category).and_then(category),
        price_minor: told(history, cart.product, |item| item.price)
            .filter(|price| price.currency == spent_in)
            .map(|price| price.minor),
        added_at: cart.added_at,
    });
    let wanted = intents.iter().filter(|intent| intent.status == IntentStatus::Active);
    let wanted = wanted.map(|intent| IntentFact {
        product_name: named(intent.product),
        category: intent.category.and_then(category),
        score: intent.score,
        first_at: intent.first_at,
        last_at: intent.last_at,
    });
    Facts {
        customer_id: known.id.clone(),
        name: known.name.clone(),
        email: known.email.clone(),
        phone: known.phone.clone(),
        whatsapp: known.whatsapp.clone(),
        company: known.company.clone(),
        status: known.status.clone(),
        churn: Some(prediction.churn),
        lifetime_value_minor: prediction.lifetime_value.minor,
        spent_minor: features.monetary.minor,
        currency: features.monetary.currency.to_string(),
        currency_digits: features.monetary.currency.digits(),
        order_count: features.frequency,
        recency_days: features.recency_days,
        strength: features.strength,
        segment: Some(segment.to_owned()),
        segment_since,
        previous_segment,
        stage: Some(journey.stage.name().to_owned()),
        journey_score: Some(journey.score),
        last_event_at: last_event_at(history, as_of),
        last_order_at: history.orders_until(as_of).last().map(|order| order.at),
        last_store_visit_at: visit(known, as_of).map(|(at, _)| *at),
        store_visit_store: visit(known, as_of).map(|(_, store)| store.clone()),
        carts: carts.collect(),
        intents: wanted.collect(),
        interventions: known.interventions.iter().map(intervention).collect(),
        tags: known.tags.iter().chain(&known.memberships).cloned().collect(),
        fields: known.custom_fields.clone(),
        consents: consents(&known.custom_fields),
        is_unsubscribed: AGAINST_ALL
            .iter()
            .any(|name| word(&known.custom_fields, name) == Some(true)),
        is_erased: false,
        sent: sent(known),
    }
}

fn intervention(open: &OpenIntervention) -> InterventionFact {
    let OpenIntervention { kind, severity, opened_at } = open.clone();
    InterventionFact { kind, severity, opened_at }
}

fn last_event_at(history: &History, as_of: Timestamp) -> Option<Timestamp> {
    let order = history.orders_until(as_of).last().map(|order| order.at);
    order.max(history.acts_until(as_of).last().map(|act| act.at))
}

fn visit(known: &CustomerFacts, as_of: Timestamp) -> Option<&(Timestamp, String)> {
    known.last_store_visit.as_ref().filter(|(at, _)| *at <= as_of)
}

/// What the customer's events tell of a product: acts before orders, the latest first.
fn told<T>(history: &History, product: ProductKey, tell: impl Fn(&Item) -> Option<T>) -> Option<T> {
    let acts = history.acts.iter().rev().filter_map(|act| act.item.as_ref());
    let orders = history.orders.iter().rev().flat_map(|order| &order.items);
    acts.chain(orders).filter(|item| item.product == product).find_map(tell)
}

fn sent(known: &CustomerFacts) -> Vec<SentFact> {
    let sent = known.sent.iter().filter_map(|sent| {
        let channel = Channel::parse(&sent.channel)?;
        Some(SentFact { at: sent.at, channel, automation: sent.automation_id.clone() })
    });
    sent.collect()
}

/// What the customer said about each channel. The word about one channel goes before the word
/// about all.
fn consents(fields: &BTreeMap<String, Value>) -> BTreeMap<Channel, bool> {
    let for_all = FOR_ALL.iter().find_map(|name| word(fields, name));
    let channels = Channel::ALL.into_iter().filter(|channel| channel.is_to_customer());
    let said = channels.filter_map(|channel| {
        let name = channel.name();
        let names =
            [format!("{name}_consent"), format!("consent_{name}"), format!("{name}_opt_in")];
        let own = names.iter().find_map(|name| word(fields, name));
        Some((channel, own.or(for_all)?))
    });
    said.collect()
}

/// Reads a yes or a no. Any other value is neither.
fn word(fields: &BTreeMap<String, Value>, name: &str) -> Option<bool> {
    match fields.get(name)? {
        Value::Bool(word) => Some(*word),
        Value::Number(number) => match number.as_i64() {
            Some(1) => Some(true),
            Some(0) => Some(false),
            _ => None,
        },
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" | "granted" | "opted_in" | "opt_in" => Some(true),
            "false" | "no" | "0" | "denied" | "withdrawn" | "opted_out" | "opt_out" => Some(false),
            _ => None,
        },
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
