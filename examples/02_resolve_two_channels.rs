//! Two channels, one customer.
//!
//! A shop knows somebody by e-mail address, `WhatsApp` knows somebody by number. You will see two
//! customers, then an event that carries both values, one customer, and why. There is no file and
//! no clock here: the fold takes values and returns values.
#![expect(clippy::print_stdout, reason = "an example shows")]

use std::error::Error;

use ciq_engine::{
    Changes, Counters, EntryOutcome, EventOutcome, Settings, WorkingSet, fold, prepare,
};
use ciq_event::{Brand, Message};
use ciq_identity::path_between;
use ciq_ingest::EngineOptions;

const MESSAGES: [(&str, &str); 3] = [
    (
        "shopify:orders/create",
        r#"{"id": 5001, "email": "ada@example.com", "total_price": "89.90", "currency": "USD",
            "created_at": "2025-01-15T10:30:00Z", "line_items": [{"title": "Reading lamp"}]}"#,
    ),
    ("twilio-form", "MessageSid=SM1&From=whatsapp%3A%2B12025550142&Body=Where+is+my+lamp%3F"),
    (
        "envelope",
        r#"{"event_type": "support_ticket", "timestamp": "2025-01-16T09:00:00Z",
            "source_service": "helpdesk", "data": {"title": "Lamp not delivered",
            "email": "ada@example.com", "whatsapp": "+1 202 555 0142"}}"#,
    ),
];

fn main() -> Result<(), Box<dyn Error>> {
    let settings = EngineOptions::default().settings(Brand::default())?;
    let (changes, outcomes) = fold_messages(&settings)?;
    for ((form, _), outcome) in MESSAGES.iter().zip(&outcomes) {
        match outcome {
            EntryOutcome::Events(events) => {
                for event in events {
                    let EventOutcome::Stored { customer, .. } = event else { continue };
                    println!("{form:<22} -> {customer}");
                }
            }
            EntryOutcome::Rejected(rejection) => println!("{form:<22} -> refused: {rejection}"),
        }
    }
    for merge in &changes.merges {
        println!("{} joined two, because of {}: {}", merge.id, merge.reason, merge.evidence);
        println!("before: {}", merge.before);
        println!("after:  {}", merge.after);
        let path = path_between(&changes.links, merge.absorbed[0], merge.base);
        for link in path.unwrap_or_default() {
            println!("origins {} and {} are one by {}", link.a, link.b, link.merge);
        }
    }
    Ok(())
}

/// Folds the messages over an empty brand.
fn fold_messages(settings: &Settings) -> Result<(Changes, Vec<EntryOutcome>), Box<dyn Error>> {
    let mut entries = Vec::new();
    for (form, body) in MESSAGES {
        let received_at = "2025-01-16T12:00:00Z".parse()?;
        let message = Message::new(form.parse()?, body, received_at);
        entries.push(prepare(message, settings));
    }
    let mut working = WorkingSet::new(Counters { customer_key: 1, log_seq: 1, event_seq: 1 });
    Ok(fold(&mut working, &entries, settings))
}

#[cfg(test)]
#[test]
fn runs() {
    main().unwrap();
}
