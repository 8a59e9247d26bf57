//! The store inside a program of your own: no server, one file.
//!
//! You will see three events taken in, the customer that they became, and that customer in two
//! parts again after the merge is undone.
#![expect(clippy::print_stdout, reason = "an example shows")]

use std::error::Error;

use ciq_engine::{Action, Decision, Entry, Needs, Settings, decide_on, fold, prepare};
use ciq_event::{Brand, CustomerId, Message, WireForm};
use ciq_ingest::EngineOptions;
use ciq_store::{CustomerSort, PageRequest, Reader, Writer};
use jiff::Timestamp;

const EVENTS: [&str; 3] = [
    r#"{"event_type": "purchase", "timestamp": 1736937000, "data": {"purchase_id": "ord_41",
        "product_name": "Reading lamp", "total": 89.90, "email": "ada@example.com"}}"#,
    r#"{"event_type": "note", "timestamp": 1737000000, "data": {"phone": "+1 202 555 0142",
        "content": "Prefers to be called in the morning."}}"#,
    r#"{"event_type": "login", "timestamp": 1737018000, "data": {"email": "ADA@example.com",
        "phone": "202-555-0142"}}"#,
];

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("shop.db");
    let settings = EngineOptions::default().settings(Brand::default())?;
    let mut writer = Writer::open(&path, &Brand::default())?;
    let now: Timestamp = "2025-01-16T12:00:00Z".parse()?;

    take_in(&mut writer, &settings, now)?;
    let reader = Reader::open(&path)?;
    show_everyone(&reader)?;

    let (merges, _) = reader.merges(&PageRequest::default())?;
    let action = Action::Undo { merge: merges.first().ok_or("no merge")?.id.parse()? };
    let decision = Decision::new(now, "clerk", action);
    let mut working = writer.load(&Needs::of_decision(&decision))?;
    // After an error here, `writer.abandon()` would end the transaction that `load` began.
    let (changes, outcome) = decide_on(&mut working, &decision, &settings)?;
    writer.commit(&changes, working.next)?;
    println!("\n{outcome:?}");
    show_everyone(&reader)
}

/// One pass: parse without the store, load, fold, commit.
fn take_in(writer: &mut Writer, settings: &Settings, now: Timestamp) -> Result<(), Box<dyn Error>> {
    let message = |body: &str| Message::new(WireForm::Envelope, body, now);
    let entries: Vec<Entry> = EVENTS.map(|body| prepare(message(body), settings)).into();
    let mut working = writer.load(&Needs::of_entries(&entries))?;
    let (changes, _outcomes) = fold(&mut working, &entries, settings);
    Ok(writer.commit(&changes, working.next)?)
}

fn show_everyone(reader: &Reader) -> Result<(), Box<dyn Error>> {
    for customer in reader.customers(&PageRequest::default(), CustomerSort::Newest)?.data {
        let id = CustomerId::from_raw(customer.id);
        let Some(profile) = reader.profile(&id)? else { continue };
        let spent = customer.lifetime_value.0;
        println!("{id}: {spent} {} {:?}", spent.currency, profile.all_identifiers);
        let notes = reader.knowledge(&id)?;
        println!("  {} orders, {} notes", reader.purchases(&id)?.len(), notes.len());
        let events = reader.timeline(&id, &PageRequest::default())?.map(|page| page.data);
        for event in events.unwrap_or_default() {
            println!("  {} {}", event.occurred_at.unwrap_or_default(), event.event_type);
        }
    }
    Ok(())
}

#[cfg(test)]
#[test]
fn runs() {
    main().unwrap();
}
