//! What an event of each type says: shared by the forms that carry a type and an object of data.

use jiff::Timestamp;

use crate::{
    Currency, Event, EventType, Knowledge, Money, Payload, Profile, Purchase, Rejection, Sentiment,
    SubscriptionChange, WorkOrder,
};

use super::items::{Items, read_product};
use super::json_text::minified;
use super::object::Object;
use super::{account, contacts, subscription};

/// Names of the text of an event.
const DESCRIPTION: &[&str] = &["description", "message", "issue_description", "content", "body"];
/// Names of the text of a note.
const NOTE: &[&str] = &["content", "note", "observation", "description", "message", "text"];
/// Names of the text that is remembered of a ticket.
const TICKET: &[&str] = &["description", "message", "title"];
/// States in which a work order is finished.
const FINISHED: [&str; 4] = ["completed", "closed", "resolved", "done"];
/// Fields of a profile update that are no custom fields.
const PROFILE_FIELDS: &[&str] = &[
    "name",
    "customer_name",
    "company",
    "customer_company",
    "status",
    "tags",
    "custom_fields",
    "agent_notes",
    "subject",
    "description",
    "message",
];

/// What each type of event does.
enum Kind {
    Purchase,
    WorkOrder,
    Note,
    Ticket,
    ProfileUpdate,
    Account,
    Subscription(SubscriptionChange),
    Other,
}

impl Kind {
    fn of(event_type: &str) -> Self {
        match event_type {
            name if EventType::is_name_of_order(name) => Self::Purchase,
            "repair" | "work_order" => Self::WorkOrder,
            "note" | "observation" => Self::Note,
            "support_ticket" | "contact" => Self::Ticket,
            "profile_update" => Self::ProfileUpdate,
            "account_created" | "account_updated" | "api_usage" => Self::Account,
            _ => match SubscriptionChange::of_event(event_type) {
                Some(change) => Self::Subscription(change),
                None => Self::Other,
            },
        }
    }
}

/// Against what the data of an event is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    /// The arrival, against which the future is judged.
    pub(super) received_at: Timestamp,
    /// The currency of amounts that name none.
    pub(super) currency: Currency,
}

/// Fills an event with what its data says, by its type.
pub(super) fn fill(event: &mut Event, data: &Object<'_>, terms: Terms) -> Result<(), Rejection> {
    event.title = data.first_text(&["title", "subject"])?;
    event.description = data.first_text(DESCRIPTION)?;
    event.status = data.first_text(&["status"])?;
    event.agent_notes = data.first_text(&["agent_notes"])?;
    event.profile.company = data.first_text(&["company", "customer_company"])?;
    match Kind::of(event.event_type.as_str()) {
        Kind::Purchase => fill_purchase(event, data, terms)?,
        Kind::WorkOrder => fill_work_order(event, data, terms)?,
        Kind::Note => fill_note(event, data)?,
        Kind::Ticket => event.knowledge = ticket_knowledge(data)?,
        Kind::ProfileUpdate => event.profile = updated_profile(data)?,
        Kind::Account => account::fill(event, data, terms)?,
        Kind::Subscription(change) => {
            event.line_items.extend(read_product(data, terms.currency)?);
            subscription::fill(event, data, (change, terms))?;
        }
        Kind::Other => event.line_items.extend(read_product(data, terms.currency)?),
    }
    event.sentiment = data.first_text(&["sentiment"])?.map(|text| Sentiment::of(&text));
    if event.profile.name.is_none() {
        // A bare `name` may be a product's; only a profile update means the customer by it.
        event.profile.name = data.first_text(&["customer_name"])?;
    }
    if event.amount.is_none() && (data.has("amount") || data.has("total")) {
        event.amount = data.first_money(&["amount", "total"], data.currency(terms.currency)?)?;
    }
    if event.title.is_none() {
        event.title = Some(readable(event.event_type.as_str()));
    }
    Ok(())
}

fn fill_purchase(event: &mut Event, data: &Object<'_>, terms: Terms) -> Result<(), Rejection> {
    let currency = data.currency(terms.currency)?;
    let items = Items::read(data, currency)?;
    let quantity = data.integer("quantity")?.or(items.quantity);
    let price = data.money("price", currency)?.or(items.price);
    let sku = data.first_text(&["product_sku", "sku"])?.or(items.product_sku);
    let total = match data.money("total", currency)? {
        Some(total) => total,
        None => reckoned_total(data, (price, quantity), items.sum, currency)?,
    };
    event.line_items = items.lines;
    if event.line_items.is_empty() {
        event.line_items.extend(read_product(data, currency)?);
    }
    let purchase = Purchase {
        purchase_id: data
            .first_text(&["purchase_id", "order_id", "id"])?
            .unwrap_or_else(|| event.id.to_string()),
        product_name: data
            .first_text(&["product_name"])?
            .or(items.product_name)
            .or_else(|| sku.clone())
            .unwrap_or_else(|| "purchase".to_owned()),
        product_sku: sku,
        quantity,
        price,
        total,
        // A warranty ends in the future, so it is not judged against the arrival.
        warranty_expires_at: data.time("warranty_expires", Timestamp::MAX)?,
    };
    set_purchase(event, purchase);
    Ok(())
}

/// Makes an event a purchase, with its amount and, where it has no title, the product as title.
pub(super) fn set_purchase(event: &mut Event, purchase: Purchase) {
    event.amount = Some(purchase.total);
    event.title.get_or_insert_with(|| purchase.product_name.clone());
    event.payload = Payload::Purchase(purchase);
}

/// Works out what an order cost that does not say so.
fn reckoned_total(
    data: &Object<'_>,
    (price, quantity): (Option<Money>, Option<i64>),
    sum: Option<Money>,
    currency: Currency,
) -> Result<Money, Rejection> {
    if let Some(sum) = sum {
        return Ok(sum);
    }
    if let Some(price) = price {
        let minor = price.minor.checked_mul(quantity.unwrap_or(1));
        let minor = minor.ok_or_else(|| {
            data.rejection("total", "price times quantity is too large an amount")
        })?;
        return Ok(Money { minor, currency });
    }
    data.money("amount", currency)?
        .ok_or_else(|| data.rejection("total", "a purchase needs what it cost: send total"))
}

fn fill_work_order(event: &mut Event, data: &Object<'_>, terms: Terms) -> Result<(), Rejection> {
    let work_order_id = data
        .first_text(&["work_order_id"])?
        .ok_or_else(|| data.rejection("work_order_id", "a work order needs its id"))?;
    let order_type = data.first_text(&["order_type"])?;
    let order_type = order_type.unwrap_or_else(|| event.event_type.as_str().to_owned());
    let (told_at, _) = data.first_time(&["completed_date", "completed_at"], terms.received_at)?;
    let is_finished = |status: &String| FINISHED.iter().any(|s| s.eq_ignore_ascii_case(status));
    let finished_at = event.status.as_ref().filter(|s| is_finished(s)).map(|_| event.occurred_at);
    let cost =
        if data.has("cost") { data.money("cost", data.currency(terms.currency)?)? } else { None };
    event.title.get_or_insert_with(|| format!("{} {work_order_id}", readable(&order_type)));
    event.amount = cost;
    event.payload = Payload::WorkOrder(WorkOrder {
        work_order_id,
        order_type,
        issue_description: data.first_text(&["issue_description"])?,
        resolution: data.first_text(&["resolution"])?,
        status: event.status.clone(),
        priority: data.first_text(&["priority"])?,
        assigned_to: data.first_text(&["assigned_to"])?,
        completed_at: told_at.or(finished_at),
        cost,
    });
    Ok(())
}

fn fill_note(event: &mut Event, data: &Object<'_>) -> Result<(), Rejection> {
    let content = data
        .first_text(NOTE)?
        .ok_or_else(|| data.rejection("content", "a note needs its text: send content"))?;
    event.description = Some(content.clone());
    event.knowledge = Some(knowledge(data, content)?);
    Ok(())
}

/// Returns what to remember of a ticket, where its sender asks for that.
fn ticket_knowledge(data: &Object<'_>) -> Result<Option<Knowledge>, Rejection> {
    let is_important = data.flag("important")?.unwrap_or(false);
    let is_wanted = data.flag("save_as_memory")?.unwrap_or(false);
    if !is_important && !is_wanted {
        return Ok(None);
    }
    let content = data
        .first_text(TICKET)?
        .ok_or_else(|| data.rejection("description", "there is no text to remember"))?;
    let mut knowledge = knowledge(data, content)?;
    if knowledge.importance.is_none() && is_important {
        knowledge.importance = Some("high".to_owned());
    }
    Ok(Some(knowledge))
}

fn knowledge(data: &Object<'_>, content: String) -> Result<Knowledge, Rejection> {
    Ok(Knowledge {
        content,
        category: data.first_text(&["category"])?,
        importance: data.first_text(&["importance", "priority"])?,
        tags: data.texts("tags")?.unwrap_or_default(),
    })
}

fn updated_profile(data: &Object<'_>) -> Result<Profile, Rejection> {
    let mut profile = Profile {
        name: data.first_text(&["name", "customer_name"])?,
        email: data.first_text(contacts::EMAIL)?,
        phone: data.first_text(contacts::PHONE)?,
        company: data.first_text(&["company", "customer_company"])?,
        status: data.first_text(&["status"])?,
        tags: data.texts("tags")?,
        ..Profile::default()
    };
    for (name, raw) in data.fields() {
        if is_custom_field(name, raw.get()) {
            profile.custom_fields.insert(name.to_owned(), minified_text(raw.get()));
        }
    }
    if let Some(custom_fields) = data.object("custom_fields")? {
        for (name, raw) in custom_fields.fields() {
            profile.custom_fields.insert(name.to_owned(), minified_text(raw.get()));
        }
    }
    Ok(profile)
}

fn is_custom_field(name: &str, json: &str) -> bool {
    let lists = [PROFILE_FIELDS, contacts::EMAIL, contacts::PHONE, contacts::OTHERS];
    let is_known = lists.iter().any(|names| names.contains(&name));
    !is_known && json != "null" && !json.starts_with(['{', '['])
}

fn minified_text(json: &str) -> String {
    String::from_utf8_lossy(&minified(json.as_bytes())).into_owned()
}

/// Makes the name of a type readable: `support_ticket` is `Support ticket`.
pub(super) fn readable(name: &str) -> String {
    let words = name.replace(['_', '-', '.', '/'], " ");
    let words = words.trim();
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => name.to_owned(),
    }
}
