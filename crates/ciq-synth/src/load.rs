//! Single events for a benchmark: envelopes of about 1 KB, each a pure function of its index.

use rand::Rng;

use crate::Seed;
use crate::catalog::{PAYMENT_METHODS, PRODUCTS, TECHNICIANS};
use crate::chance::{below, between, pick, weighted};
use crate::json::Object;
use crate::settings::DAY_SECONDS;
use crate::words::{FIRST_NAMES, LAST_NAMES, NOTES, PROBLEMS, QUESTIONS, REPAIRS};

/// The largest body. Texts are filled up until the next sentence would pass it.
pub const BODY_SIZE_BYTES_MAX: usize = 1_056;

/// The second of the first event: 2026-01-01T00:00:00Z.
const FIRST_SECOND: i64 = 1_767_225_600;

/// Events that share a second.
const EVENTS_PER_SECOND: u64 = 50;

/// The longest description: below the length from which texts are summarised.
const DESCRIPTION_SIZE_BYTES_MAX: usize = 440;

/// Bytes around the texts: names of fields, brackets.
const FRAME_SIZE_BYTES: usize = 48;

/// Makes one event of a load: an envelope of 980 to 1,056 bytes, of one of `customers` customers.
///
/// 40 % are purchases, 20 % support tickets, 15 % contacts, 10 % repairs, 10 % notes, 5 %
/// profile updates. Times rise with the index.
#[must_use]
pub fn bench_event(seed: Seed, index: u64, customers: u64) -> Vec<u8> {
    let mut rng = seed.stream("load", index);
    let customer = below(&mut rng, customers);
    let buyer = Buyer::new(seed, customer);
    let second = FIRST_SECOND + i64::try_from(index / EVENTS_PER_SECOND).unwrap_or(0);
    let event = match weighted(&mut rng, &[40, 20, 15, 10, 10, 5]) {
        0 => purchase(&mut rng, &buyer, index, second),
        1 => support_ticket(&mut rng, index),
        2 => contact(&mut rng, index),
        3 => repair(&mut rng, index),
        4 => note(&mut rng, index),
        _ => profile_update(&buyer, index),
    };
    envelope(&mut rng, &buyer, second, event)
}

/// The customer of an event.
struct Buyer {
    id: String,
    name: String,
    email: String,
}

impl Buyer {
    fn new(seed: Seed, customer: u64) -> Self {
        let mark = seed.mark("load customer", customer);
        let first = word(&FIRST_NAMES, mark);
        let last = word(&LAST_NAMES, mark >> 32);
        let number = customer + 1;
        Self {
            id: format!("cust_{number:06}"),
            name: format!("{first} {last}"),
            email: format!("{first}.{last}{number}@example.com").to_ascii_lowercase(),
        }
    }
}

fn word<const N: usize>(words: &[&'static str; N], mark: u64) -> &'static str {
    words[usize::try_from(mark % N as u64).unwrap_or(0)]
}

/// An event without its customer, and without the text that fills it up.
struct Event {
    event_type: &'static str,
    source: &'static str,
    data: Object,
    metadata: Object,
    /// The field that takes the first part of the text, and how the text begins.
    text_field: &'static str,
    lead: &'static str,
}

fn purchase(rng: &mut impl Rng, buyer: &Buyer, index: u64, second: i64) -> Event {
    let product = pick(rng, &PRODUCTS);
    let quantity = between(rng, 1, 3);
    let data = Object::with_capacity(BODY_SIZE_BYTES_MAX)
        .text("purchase_id", &format!("ord_{index:09}"))
        .text("product_name", product.name)
        .text("product_sku", product.sku)
        .number("quantity", quantity)
        .amount("price", product.price_cents)
        .amount("total", product.price_cents * quantity)
        .number("warranty_expires", second + 730 * DAY_SECONDS)
        .text("customer_name", &buyer.name)
        .text("email", &buyer.email);
    let metadata = Object::new()
        .text("session_id", &format!("sess_{:016x}", rng.next_u64()))
        .text("payment_method", pick(rng, &PAYMENT_METHODS));
    event("purchase", "e-commerce-service", data, ("description", "Order placed online."))
        .with_metadata(metadata)
}

fn support_ticket(rng: &mut impl Rng, index: u64) -> Event {
    let (title, text, category) = pick(rng, &PROBLEMS);
    let is_important = below(rng, 4) == 0;
    let data = Object::with_capacity(BODY_SIZE_BYTES_MAX)
        .text("ticket_id", &format!("TKT-{index:09}"))
        .text("title", title)
        .text("status", "open")
        .text("priority", pick(rng, &["low", "medium", "high"]))
        .text("category", category)
        .flag("important", is_important)
        .flag("save_as_memory", is_important);
    event("support_ticket", "support-system", data, ("description", text))
        .with_metadata(Object::new().text("channel", pick(rng, &["email", "phone", "chat"])))
}

fn contact(rng: &mut impl Rng, index: u64) -> Event {
    let data = Object::with_capacity(BODY_SIZE_BYTES_MAX)
        .text("contact_id", &format!("CON-{index:09}"))
        .text("title", "Customer inquiry");
    event("contact", "contact-center", data, ("message", pick(rng, &QUESTIONS)))
        .with_metadata(Object::new().text("channel", pick(rng, &["email", "phone", "chat"])))
}

fn repair(rng: &mut impl Rng, index: u64) -> Event {
    let (issue, _resolution) = pick(rng, &REPAIRS);
    let data = Object::with_capacity(BODY_SIZE_BYTES_MAX)
        .text("work_order_id", &format!("WO-{index:09}"))
        .text("order_type", "repair")
        .text("status", "open")
        .text("priority", pick(rng, &["low", "medium", "high"]))
        .text("assigned_to", pick(rng, &TECHNICIANS))
        .text("product_id", pick(rng, &PRODUCTS).sku);
    event("repair", "repair-service", data, ("issue_description", issue))
}

fn note(rng: &mut impl Rng, index: u64) -> Event {
    let (content, category) = pick(rng, &NOTES);
    let data = Object::with_capacity(BODY_SIZE_BYTES_MAX)
        .text("note_id", &format!("NOTE-{index:09}"))
        .text("category", category)
        .text("importance", pick(rng, &["low", "normal", "high"]));
    event("note", "crm-service", data, ("content", content))
}

fn profile_update(buyer: &Buyer, index: u64) -> Event {
    let data = Object::with_capacity(BODY_SIZE_BYTES_MAX)
        .text("update_id", &format!("UPD-{index:09}"))
        .text("name", &buyer.name)
        .text("email", &buyer.email);
    event("profile_update", "account-service", data, ("description", "Profile confirmed."))
}

fn event(
    event_type: &'static str,
    source: &'static str,
    data: Object,
    (text_field, lead): (&'static str, &'static str),
) -> Event {
    Event { event_type, source, data, metadata: Object::new(), text_field, lead }
}

impl Event {
    fn with_metadata(self, metadata: Object) -> Self {
        Self { metadata, ..self }
    }
}

/// Names the customer and fills the body up to about 1 KB.
fn envelope(rng: &mut impl Rng, buyer: &Buyer, second: i64, event: Event) -> Vec<u8> {
    let Event { event_type, source, data, metadata, text_field, lead } = event;
    let head = Object::with_capacity(BODY_SIZE_BYTES_MAX)
        .text("customer_id", &buyer.id)
        .text("event_type", event_type)
        .number("timestamp", second)
        .text("source_service", source);
    let used = head.len() + data.len() + metadata.len() + text_field.len() + FRAME_SIZE_BYTES;
    let room = BODY_SIZE_BYTES_MAX.saturating_sub(used);
    let description = prose(rng, lead, room.min(DESCRIPTION_SIZE_BYTES_MAX));
    let rest = room.saturating_sub(description.len());
    let data = data.text(text_field, &description).text("agent_notes", &prose(rng, "", rest));
    head.object("data", data).object("metadata", metadata).finish()
}

/// Writes sentences as long as they fit.
fn prose(rng: &mut impl Rng, lead: &str, size_bytes_max: usize) -> String {
    let mut text = String::with_capacity(size_bytes_max);
    text.push_str(lead);
    loop {
        let sentence = pick(rng, &SENTENCES);
        if text.len() + 1 + sentence.len() > size_bytes_max {
            return text;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(sentence);
    }
}

/// What agents write. Texts of 30 to 60 bytes, so that bodies end close to the limit.
const SENTENCES: [&str; 24] = [
    "The customer was friendly and answered at once.",
    "Checked the address twice, it is correct.",
    "The warehouse confirms two pieces in stock.",
    "Asked for a call back after five o'clock.",
    "The parcel was left with a neighbour on Tuesday.",
    "A colleague has offered a voucher already.",
    "The invoice was sent again as a PDF.",
    "No further action is needed for now.",
    "Please check the serial number on arrival.",
    "The customer has bought here for three years.",
    "Delivery on a Saturday would be welcome.",
    "The old model is no longer produced.",
    "Said that the manual is hard to follow.",
    "The colour on the page differs from the real one.",
    "Paid in full, nothing is outstanding.",
    "Would like to hear about the spring sale.",
    "The packaging was damaged at one corner.",
    "A photo of the label is in the file.",
    "The same question came up last month.",
    "Handed over to the second line this morning.",
    "Explained how to reset it step by step.",
    "The exchange was agreed without a fee.",
    "Wrote down the measurements for next time.",
    "Closes early on public holidays, so call before.",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_about_a_kilobyte_and_parse() {
        let sizes: Vec<usize> = (0..4_000)
            .map(|index| {
                let body = bench_event(Seed::new(1), index, 200_000);
                let value: serde_json::Value = serde_json::from_slice(&body).unwrap();
                assert!(value["customer_id"].as_str().unwrap().starts_with("cust_"));
                assert!(body.len() <= BODY_SIZE_BYTES_MAX, "{}", body.len());
                body.len()
            })
            .collect();
        let mean = sizes.iter().sum::<usize>() / sizes.len();
        assert!((1_000..=1_050).contains(&mean), "{mean}");
        assert!(sizes.iter().all(|size| *size > 950), "{:?}", sizes.iter().min());
    }

    #[test]
    fn times_rise_with_the_index() {
        let second = |index| {
            let body = bench_event(Seed::new(1), index, 10);
            serde_json::from_slice::<serde_json::Value>(&body).unwrap()["timestamp"].as_i64()
        };
        assert!((0..500).map(second).is_sorted());
        assert_ne!(second(0), second(499));
    }
}
