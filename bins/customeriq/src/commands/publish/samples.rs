//! Sample events: one kind per type, lifelike, none like the one before it.

use ciq_event::EventId;
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// The types of which there are samples of their own. Any other word makes a plain event.
pub(super) const TYPES: [&str; 8] = [
    "purchase",
    "support_ticket",
    "repair",
    "work_order",
    "contact",
    "profile_update",
    "note",
    "observation",
];

/// What was bought: name, stock keeping unit, price in hundredths.
const PRODUCTS: [(&str, &str, i64); 6] = [
    ("Trail Running Shoes", "FTW-2020", 13_450),
    ("Rain Jacket", "APP-1030", 12_900),
    ("Desk Lamp", "HOM-4110", 4_995),
    ("Travel Mug", "HOM-4230", 1_999),
    ("Bluetooth Speaker", "ELC-3050", 8_999),
    ("Cotton T-Shirt", "APP-1020", 1_999),
];

/// What went wrong: title, text, category.
const TICKETS: [(&str, &str, &str); 4] = [
    ("Parcel is late", "The tracking page has not moved since Monday.", "delivery"),
    ("Charged twice", "My statement shows the same order two times.", "billing"),
    ("Speaker loses its connection", "It drops out when the phone is in a pocket.", "technical"),
    ("Cannot sign in", "The link to reset my password opens an empty page.", "account"),
];

/// What is mended: what is wrong, the product.
const REPAIRS: [(&str, &str); 4] = [
    ("Charging port is loose", "ELC-3050"),
    ("Zip does not close", "APP-1030"),
    ("Sole comes off at the heel", "FTW-2020"),
    ("Switch sticks", "HOM-4110"),
];

/// What is asked: title, text.
const QUESTIONS: [(&str, &str); 3] = [
    ("Question about an order", "Has my parcel left the warehouse yet?"),
    ("Change of address", "Can the next parcel go to my office instead?"),
    ("Opening hours", "Is the shop open this Sunday?"),
];

/// What is worth remembering: text, category.
const NOTES: [(&str, &str); 4] = [
    ("Prefers to be called in the afternoon.", "preference"),
    ("Orders in bulk each spring for a running club.", "sales"),
    ("Wants invoices in the company's name.", "billing"),
    ("Likes to pick parcels up in the store.", "preference"),
];

/// For how long a warranty runs.
const WARRANTY_SECONDS: i64 = 2 * 365 * 24 * 60 * 60;

/// Hexadecimal digits of a reference: enough for a billion samples without a clash to speak of.
const CODE_DIGITS: usize = 16;

/// What tells one sample from every other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    /// Its place among the samples of this run.
    pub(super) index: u64,
    /// Its id, which no other run has.
    pub(super) id: EventId,
    /// When it happens.
    pub(super) at: Timestamp,
}

impl Mark {
    fn pick<T: Copy>(self, list: &[T]) -> T {
        let place = self.index % list.len().max(1) as u64;
        list[usize::try_from(place).unwrap_or(0)]
    }

    /// Makes a reference that no other sample has.
    fn code(self, prefix: &str) -> Value {
        let id = self.id.to_string();
        let hex: String = id.chars().skip(EventId::PREFIX.len()).take(CODE_DIGITS).collect();
        Value::Text(format!("{prefix}{hex}"))
    }
}

/// A value in the data of an event.
#[derive(Debug)]
enum Value {
    Text(String),
    Whole(i64),
    /// Hundredths, written exactly.
    Amount(i64),
    Flag(bool),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Whole(number) => serializer.serialize_i64(*number),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Amount(cents) => {
                let text = format!("{}.{:02}", cents / 100, cents % 100);
                let raw = RawValue::from_string(text).map_err(serde::ser::Error::custom)?;
                raw.serialize(serializer)
            }
        }
    }
}

/// Fields in the order in which they are written.
#[derive(Debug, Default)]
struct Fields(Vec<(&'static str, Value)>);

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

#[derive(Debug, Serialize)]
struct Envelope<'a> {
    customer_id: &'a str,
    event_type: &'a str,
    timestamp: i64,
    source_service: &'a str,
    data: Fields,
    metadata: Fields,
}

/// Makes a sample of a type as an envelope.
pub(super) fn sample(
    event_type: &str,
    customer: &str,
    mark: Mark,
) -> Result<Vec<u8>, serde_json::Error> {
    let metadata = Fields(vec![("sample", Value::Flag(true))]);
    let (source_service, data) = match event_type {
        "purchase" => ("web-shop", purchase(customer, mark)),
        "support_ticket" => ("help-desk", support_ticket(mark)),
        "repair" | "work_order" => ("workshop", work_order(event_type, mark)),
        "contact" => ("call-center", contact(mark)),
        "profile_update" => ("accounts", profile_update(customer, mark)),
        "note" | "observation" => ("back-office", note(mark)),
        other => ("customeriq-publish", plain(other, mark)),
    };
    let timestamp = mark.at.as_second();
    serde_json::to_vec(&Envelope {
        customer_id: customer,
        event_type,
        timestamp,
        source_service,
        data: Fields(data),
        metadata,
    })
}

type Data = Vec<(&'static str, Value)>;

fn purchase(customer: &str, mark: Mark) -> Data {
    let (name, sku, price) = mark.pick(&PRODUCTS);
    let quantity = i64::try_from(1 + mark.index % 3).unwrap_or(1);
    vec![
        ("purchase_id", mark.code("ord_")),
        ("product_name", name.into()),
        ("product_sku", sku.into()),
        ("quantity", Value::Whole(quantity)),
        ("price", Value::Amount(price)),
        ("total", Value::Amount(price * quantity)),
        ("warranty_expires", Value::Whole(mark.at.as_second() + WARRANTY_SECONDS)),
        ("customer_name", Value::Text(name_of(customer))),
        ("email", Value::Text(email_of(customer))),
    ]
}

fn support_ticket(mark: Mark) -> Data {
    let (title, description, category) = mark.pick(&TICKETS);
    vec![
        ("ticket_id", mark.code("TKT-")),
        ("title", title.into()),
        ("description", description.into()),
        ("status", "open".into()),
        ("priority", mark.pick(&["low", "medium", "high"]).into()),
        ("category", category.into()),
        ("save_as_memory", Value::Flag(true)),
    ]
}

fn work_order(order_type: &str, mark: Mark) -> Data {
    let (issue, product) = mark.pick(&REPAIRS);
    vec![
        ("work_order_id", mark.code("WO-")),
        ("order_type", order_type.into()),
        ("issue_description", issue.into()),
        ("status", "open".into()),
        ("priority", mark.pick(&["medium", "low", "high"]).into()),
        ("assigned_to", mark.pick(&["bench_1", "bench_2", "bench_3"]).into()),
        ("product_id", product.into()),
        ("cost", Value::Amount(mark.pick(&[2_450, 3_900, 1_875]))),
    ]
}

fn contact(mark: Mark) -> Data {
    let (title, message) = mark.pick(&QUESTIONS);
    vec![("title", title.into()), ("message", message.into())]
}

fn profile_update(customer: &str, mark: Mark) -> Data {
    vec![
        ("name", Value::Text(name_of(customer))),
        ("email", Value::Text(email_of(customer))),
        ("company", "Sample Company".into()),
        ("status", mark.pick(&["active", "vip"]).into()),
    ]
}

fn note(mark: Mark) -> Data {
    let (content, category) = mark.pick(&NOTES);
    vec![
        ("content", content.into()),
        ("category", category.into()),
        ("importance", mark.pick(&["medium", "high", "low"]).into()),
    ]
}

fn plain(event_type: &str, mark: Mark) -> Data {
    vec![
        ("title", Value::Text(format!("Sample of {event_type}"))),
        ("description", Value::Text(format!("Number {} of this run.", mark.index + 1))),
    ]
}

/// A name that is nobody's.
fn name_of(customer: &str) -> String {
    format!("Sample {customer}")
}

/// An address at a domain that is kept for examples.
fn email_of(customer: &str) -> String {
    let sign = |sign: char| if sign.is_ascii_alphanumeric() { sign } else { '-' };
    format!("{}@example.com", customer.chars().map(sign).collect::<String>().to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ciq_event::{Brand, Currency, Message, ParseContext, Payload, WireForm, parse};

    use super::*;

    fn event(event_type: &str, index: u64) -> ciq_event::Event {
        let at: Timestamp = "2026-01-31T10:00:00Z".parse().unwrap();
        let id = EventId::given("test", &index.to_string());
        let body = sample(event_type, "cust_001", Mark { index, id, at }).unwrap();
        let currency = Currency::parse("USD").unwrap();
        let context = ParseContext { brand: Brand::default(), currency };
        let mut events = parse(&Message::new(WireForm::Envelope, body, at), &context).unwrap();
        events.remove(0)
    }

    #[test]
    fn every_sample_is_an_event() {
        for event_type in TYPES.into_iter().chain(["loyalty_points"]) {
            for index in 0..12 {
                let event = event(event_type, index);
                assert_eq!(event.event_type.as_str(), event_type);
                assert_eq!(event.contacts[0].value, "cust_001");
            }
        }
    }

    #[test]
    fn no_two_purchases_are_one_and_amounts_are_exact() {
        let mut ids = BTreeSet::new();
        for index in 0..200 {
            let Payload::Purchase(purchase) = event("purchase", index).payload else { panic!() };
            let price = purchase.price.unwrap().minor;
            assert_eq!(purchase.total.minor, price * purchase.quantity.unwrap());
            ids.insert(purchase.purchase_id);
        }
        assert_eq!(ids.len(), 200);
    }
}
