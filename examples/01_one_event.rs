//! One message becomes one event.
//!
//! You will see what the shop sent, and what is left of the form it came in: an id that follows
//! from the content, an exact amount, and the contact points, first as sent and then normalised.
#![expect(clippy::print_stdout, reason = "an example shows")]

use std::error::Error;

use ciq_event::{Brand, Currency, Message, ParseContext, Payload, WireForm, parse};
use ciq_identity::{NormaliseRules, normalise};

const BODY: &str = r#"{
    "customer_id": "cust_7",
    "event_type": "purchase",
    "timestamp": "2025-01-15T10:30:00Z",
    "source_service": "web-shop",
    "data": {"purchase_id": "ord_41", "product_name": "Reading lamp", "total": "89.90",
        "currency": "EUR", "email": " Ada@Example.com ", "phone": "(202) 555-0142"}
}"#;

fn main() -> Result<(), Box<dyn Error>> {
    let message = Message::new(WireForm::Envelope, BODY, "2025-01-15T10:30:02Z".parse()?);
    let context = ParseContext { brand: Brand::default(), currency: Currency::USD };
    let rules = NormaliseRules::new("US")?;

    for event in parse(&message, &context)? {
        println!("{} {} at {}", event.id, event.event_type, event.occurred_at);
        if let Payload::Purchase(order) = &event.payload {
            let (total, code) = (order.total, order.total.currency);
            println!("order {}: {total} {code} for {}", order.purchase_id, order.product_name);
        }
        for contact in &event.contacts {
            println!("sent:  {} = {:?}", contact.kind, contact.value);
        }
        for identifier in normalise(&event.contacts, &rules).identifiers {
            println!("means: {} = {:?}", identifier.kind(), identifier.value());
        }
    }

    // The same message a day later is the same event: its arrival is no part of its id.
    let again = Message { received_at: "2025-01-16T08:00:00Z".parse()?, ..message.clone() };
    let is_same = parse(&again, &context)?[0].id == parse(&message, &context)?[0].id;
    println!("sent again a day later, it is the same event: {is_same}");

    // What cannot be an event is refused, and the reason names the field.
    let broken = Message { body: br#"{"event_type": ""}"#.to_vec(), ..message };
    if let Err(rejection) = parse(&broken, &context) {
        println!("refused: {rejection}");
    }
    Ok(())
}

#[cfg(test)]
#[test]
fn runs() {
    main().unwrap();
}
