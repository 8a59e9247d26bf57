//! The feed: what changed, once each, from wherever a reader goes on; and dead letters.

use std::collections::BTreeSet;
use std::sync::Arc;

use ciq_engine::Action;
use ciq_event::{Brand, Carrier, CustomerId, Message};
use ciq_store::{FeedItem, FeedKind, FeedPosition, PageRequest, Reader, Writer};
use proptest::prelude::*;
use serde_json::json;

use crate::shelf::{Shelf, envelope, message, purchase};

/// All that comes after a position, in pages of a size.
fn read_on(shelf: &Shelf, from: FeedPosition, size: u32) -> Vec<FeedItem> {
    let reader = shelf.reader();
    let (mut items, mut at) = (Vec::new(), from);
    loop {
        let page = reader.feed(at, size).unwrap();
        if page.next == at {
            assert!(page.items.is_empty());
            return items;
        }
        items.extend(page.items);
        at = page.next;
    }
}

fn read_all(shelf: &Shelf) -> Vec<FeedItem> {
    read_on(shelf, FeedPosition::default(), 1_000)
}

fn of_kind(items: &[FeedItem], kind: FeedKind) -> Vec<&FeedItem> {
    items.iter().filter(|item| item.kind == kind).collect()
}

/// The ids of what happened once.
fn told(items: &[FeedItem]) -> Vec<&str> {
    let is_told = |item: &&FeedItem| item.kind != FeedKind::ProfileUpdated;
    items.iter().filter(is_told).map(|item| item.id.as_str()).collect()
}

fn profile_ids(items: &[FeedItem]) -> BTreeSet<&str> {
    let profiles = of_kind(items, FeedKind::ProfileUpdated);
    profiles.into_iter().map(|item| item.body["customer_id"].as_str().unwrap()).collect()
}

/// Seven events of three customers, a merge by an event, one by a person, an undo, and two dead
/// letters.
fn eventful() -> Shelf {
    let mut shelf = Shelf::new();
    let a = shelf.one(purchase(1, "ord_1", "10.00", "a@example.com"));
    let b = shelf.one(envelope("login", 2, None, json!({"phone": "+12025550101"})));
    let c = shelf.one(envelope("login", 3, Some("c3"), json!({})));
    shelf.take(&[message("envelope", "7"), message("envelope", "8")]);
    let bridge = json!({"email": "a@example.com", "phone": "+12025550101"});
    shelf.one(envelope("login", 4, None, bridge));
    let merge = shelf.merge(&[&a, &c]);
    shelf.one(envelope("login", 5, Some("c3"), json!({})));
    shelf.undo(merge);
    shelf.one(purchase(6, "ord_2", "5.50", "a@example.com"));
    assert_ne!(shelf.reader().resolve(&b).unwrap(), shelf.reader().resolve(&c).unwrap());
    shelf
}

#[test]
fn what_happened_is_told_once_whatever_the_size_of_a_page() {
    let shelf = eventful();
    let all = read_all(&shelf);
    assert_eq!(of_kind(&all, FeedKind::EventNormalized).len(), 6);
    assert_eq!(of_kind(&all, FeedKind::ProfileMerged).len(), 3);
    assert_eq!(of_kind(&all, FeedKind::DeadLettered).len(), 2);
    assert_eq!(of_kind(&all, FeedKind::ProfileUpdated).len(), 2);
    let whole: BTreeSet<&str> = told(&all).into_iter().collect();
    assert_eq!(whole.len(), 11, "ids are unique");
    for size in 1..8 {
        let pages = read_on(&shelf, FeedPosition::default(), size);
        assert_eq!(told(&pages).len(), 11);
        assert_eq!(told(&pages).into_iter().collect::<BTreeSet<_>>(), whole, "{size}");
    }
}

#[test]
fn going_on_after_any_item_repeats_nothing_and_skips_nothing() {
    let shelf = eventful();
    for size in [1, 2, 1_000] {
        let all = read_on(&shelf, FeedPosition::default(), size);
        for (index, item) in all.iter().enumerate() {
            let rest = read_on(&shelf, item.position, 3);
            assert_eq!(told(&rest).len(), told(&all[index + 1..]).len(), "{item:?}");
            let after: BTreeSet<&str> = told(&all[index + 1..]).into_iter().collect();
            assert_eq!(told(&rest).into_iter().collect::<BTreeSet<_>>(), after);
            assert!(profile_ids(&rest).is_superset(&profile_ids(&all[index + 1..])));
        }
        assert_eq!(all.last().unwrap().position, shelf.reader().feed_end().unwrap());
    }
}

#[test]
fn an_event_is_told_with_its_customer_of_now() {
    let shelf = eventful();
    let all = read_all(&shelf);
    let event = of_kind(&all, FeedKind::EventNormalized)[0];
    assert_eq!(event.id, event.body["id"]);
    let profile = of_kind(&all, FeedKind::ProfileUpdated)[0];
    assert_eq!(event.body["customer_id"], profile.body["customer_id"]);
    assert_eq!(event.body["event_type"], "purchase");
    assert_eq!(event.body["source"], "test");
    assert_eq!((&event.body["amount"], &event.body["currency"]), (&json!("10.00"), &json!("USD")));
    assert_eq!(event.body["occurred_at"], "2024-12-12T10:40:01Z");
    assert_eq!(profile.body["lifetime_value"], "15.50");
    assert_eq!(profile.body["order_count"], 2);
    assert_eq!(profile.body["identifiers"]["phone"], "12025550101");
    assert!(profile.body["strength"].as_u64().unwrap() > 0);
}

#[test]
fn a_merge_and_its_undo_are_told() {
    let shelf = eventful();
    let all = read_all(&shelf);
    let merges = of_kind(&all, FeedKind::ProfileMerged);
    assert_eq!(merges[0].body["reason"], "identifier_match");
    assert_eq!(merges[0].body["undone_at"], json!(null));
    assert_eq!(merges[1].body["reason"], "same person");
    assert_eq!(merges[2].id, format!("{}_undone", merges[1].id));
    assert!(merges[2].body["undone_at"].is_string());
    assert_eq!(merges[2].body["merge_id"], merges[1].id);
    assert_eq!(merges[2].body["merged_profile_ids"].as_array().unwrap().len(), 1);
}

#[test]
fn an_undo_tells_every_part_also_after_an_earlier_undo() {
    let mut shelf = Shelf::new();
    let a = shelf.one(envelope("login", 1, None, json!({"email": "a@example.com"})));
    let b = shelf.one(envelope("login", 2, None, json!({"phone": "+12025550102"})));
    let c = shelf.one(envelope("login", 3, None, json!({"loyalty_id": "LOY-3"})));
    let first = shelf.merge(&[&a, &b]);
    // The link of the second joins b and c.
    let bridge = json!({"phone": "+12025550102", "loyalty_id": "LOY-3"});
    shelf.one(envelope("login", 4, None, bridge));
    let second = shelf.standing_merges().remove(0);
    shelf.undo(first);
    let before = shelf.reader().feed_end().unwrap();
    shelf.undo(second);
    let news = read_on(&shelf, before, 10);
    let reader = shelf.reader();
    let name = |id: &CustomerId| reader.resolve(id).unwrap().unwrap().to_string();
    for part in [&b, &c] {
        assert!(profile_ids(&news).contains(name(part).as_str()), "{news:?}");
    }
    assert_eq!(told(&news), [format!("{second}_undone")]);
}

#[test]
fn a_customer_that_was_touched_again_goes_by_another_id() {
    let mut shelf = Shelf::new();
    let id_of = |shelf: &Shelf| {
        let all = read_all(shelf);
        of_kind(&all, FeedKind::ProfileUpdated)[0].id.clone()
    };
    shelf.one(purchase(1, "ord_1", "10.00", "a@example.com"));
    let first = id_of(&shelf);
    shelf.one(purchase(2, "ord_2", "10.00", "b@example.com"));
    assert_eq!(id_of(&shelf), first);
    shelf.one(purchase(3, "ord_3", "10.00", "a@example.com"));
    assert_ne!(id_of(&shelf), first);
}

#[test]
fn what_is_erased_is_no_longer_told() {
    let mut shelf = eventful();
    shelf.decide(Action::Erase { customer: CustomerId::from_raw("c3") }).unwrap();
    let all = read_all(&shelf);
    assert_eq!(of_kind(&all, FeedKind::EventNormalized).len(), 4);
    assert_eq!(of_kind(&all, FeedKind::ProfileMerged).len(), 1);
    assert!(!profile_ids(&all).contains("c3"));
}

#[test]
fn numbers_of_rows_that_are_gone_are_not_given_again() {
    let mut shelf = Shelf::new();
    let a = shelf.one(purchase(1, "ord_1", "10.00", "a@example.com"));
    let b = shelf.one(purchase(2, "ord_2", "10.00", "b@example.com"));
    let c = shelf.one(purchase(3, "ord_3", "10.00", "c@example.com"));
    let d = shelf.one(purchase(4, "ord_4", "10.00", "d@example.com"));
    shelf.merge(&[&a, &b]);
    shelf.take(&[message("envelope", "7")]);
    let seen = shelf.reader().feed_end().unwrap();
    let (letters, _) = shelf.reader().dead_letters(&PageRequest::default()).unwrap();
    assert_eq!(shelf.writer.drop_dead_letters(&[letters[0].id.clone()]).unwrap(), 1);
    shelf.decide(Action::Erase { customer: a }).unwrap();
    let merge = shelf.merge(&[&c, &d]);
    shelf.take(&[message("envelope", "8")]);
    let news = read_on(&shelf, seen, 10);
    assert_eq!(told(&news).len(), 2, "{news:?}");
    assert_eq!(told(&news)[0], merge.to_string());
    // Also not by a file that takes this one's place.
    let (letters, _) = shelf.reader().dead_letters(&PageRequest::default()).unwrap();
    shelf.writer.drop_dead_letters(&[letters[0].id.clone()]).unwrap();
    let rebuilt = shelf.rebuilt();
    let mut other = Shelf::new();
    other.writer = Writer::open(&rebuilt, &Brand::default()).unwrap();
    other.take(&[message("envelope", "9")]);
    let end = Reader::open(&rebuilt).unwrap().feed_end().unwrap();
    assert!(end.dead_letter_key > seen.dead_letter_key + 1, "{end}");
}

#[test]
fn how_far_a_reader_has_come_is_kept_by_name() {
    let mut shelf = eventful();
    assert_eq!(shelf.reader().feed_cursor("bus").unwrap(), None);
    let position: FeedPosition = "3-1-0-2".parse().unwrap();
    shelf.writer.save_feed_cursor("bus", FeedPosition::default()).unwrap();
    shelf.writer.save_feed_cursor("bus", position).unwrap();
    assert_eq!(shelf.reader().feed_cursor("bus").unwrap(), Some(position));
    assert_eq!(shelf.reader().feed_cursor("other").unwrap(), None);
    // The writer goes on as before.
    shelf.one(purchase(9, "ord_9", "1.00", "a@example.com"));
    shelf.check();
}

#[test]
fn a_rebuild_carries_over_which_file_it_is_and_how_far_readers_have_come() {
    let mut shelf = eventful();
    let all = read_all(&shelf);
    for (index, item) in all.iter().enumerate() {
        shelf.writer.save_feed_cursor(&index.to_string(), item.position).unwrap();
    }
    // The events of an erased customer leave a gap, which the rebuilt file does not have.
    shelf.decide(Action::Erase { customer: CustomerId::from_raw("c3") }).unwrap();
    let rebuilt = Reader::open(shelf.rebuilt()).unwrap();
    assert_eq!(rebuilt.file_id().unwrap(), shelf.reader().file_id().unwrap());
    let rest = |reader: &Reader, index: usize| {
        let at = reader.feed_cursor(&index.to_string()).unwrap().unwrap();
        let items = reader.feed(at, 1_000).unwrap().items;
        told(&items).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    for index in 0..all.len() {
        assert_eq!(rest(&rebuilt, index), rest(shelf.reader(), index), "{index}");
    }
    let end = rebuilt.feed_end().unwrap();
    assert_ne!(end, shelf.reader().feed_end().unwrap());
}

#[test]
fn two_files_of_one_brand_are_told_apart() {
    let (one, other) = (Shelf::new(), Shelf::new());
    let id = one.reader().file_id().unwrap();
    assert_eq!(id.len(), 32);
    assert_ne!(id, other.reader().file_id().unwrap());
}

#[test]
fn a_text_that_is_no_position_is_refused() {
    let long = "9".repeat(1_000);
    for text in [
        "",
        "1",
        "1-2-3",
        "1-2-3-4-5-6",
        "1-2-3-4-",
        "1-2-3-4-05",
        "1-2-3-4--5",
        "-1-2-3-4",
        "1-2-3--4",
        "1--2-3-4",
        "+1-2-3-4",
        "01-2-3-4",
        " 1-2-3-4",
        "1-2-3-4\n",
        "a-b-c-d",
        "9223372036854775808-0-0-0",
        long.as_str(),
    ] {
        let error = text.parse::<FeedPosition>().unwrap_err().to_string();
        assert!(error.len() < 150, "{error}");
    }
    assert_eq!("0-0-0-0".parse(), Ok(FeedPosition::default()));
    assert_eq!("0-0-0-0-0".parse(), Ok(FeedPosition::default()));
}

proptest! {
    #[test]
    fn the_text_of_a_position_reads_back(
        (event_seq, merge_key) in (0..=i64::MAX, 0..=i64::MAX),
        (decision_seq, dead_letter_key) in (0..=i64::MAX, 0..=i64::MAX),
        intervention_key in 0..=i64::MAX,
    ) {
        let position = FeedPosition {
            event_seq,
            merge_key,
            decision_seq,
            dead_letter_key,
            intervention_key,
        };
        prop_assert_eq!(position.to_string().parse(), Ok(position));
        // As positions were before there were interventions.
        let before = format!("{event_seq}-{merge_key}-{decision_seq}-{dead_letter_key}");
        let position = FeedPosition { intervention_key: 0, ..position };
        prop_assert_eq!(before.parse(), Ok(position));
    }
}

fn refused_on_a_bus() -> Message {
    let headers = [("Nats-Msg-Id", "m-1"), ("x", "1"), ("x", "2")];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let subject = "customer.events.c1.login".to_owned();
    let carrier = Carrier { subject, message_id: Some("m-1".to_owned()), headers };
    Message { carrier: Some(Arc::new(carrier)), ..message("envelope", *b"{\"broken\xff") }
}

#[test]
fn a_dead_letter_is_read_whole_and_becomes_the_message_again() {
    let mut shelf = Shelf::new();
    let refused = [refused_on_a_bus(), message("pos", "{}")];
    shelf.take(&refused);
    let (letters, next) = shelf.reader().dead_letters(&PageRequest::default()).unwrap();
    assert_eq!((letters.len(), next), (2, None));
    for (letter, message) in letters.iter().rev().zip(&refused) {
        let detail = shelf.reader().dead_letter(&letter.id).unwrap().unwrap();
        assert_eq!(detail.message(), *message);
        assert_eq!(detail.id, letter.id);
        assert_eq!(detail.reason, letter.reason);
    }
    for nobody in ["", "ded_", "ded_00", "ded_zz", "evt_00", "ded_00000000000000000000000000000000"]
    {
        assert_eq!(shelf.reader().dead_letter(nobody).unwrap(), None);
    }
}

#[test]
fn dead_letters_are_listed_page_by_page_and_dropped_by_id() {
    let mut shelf = Shelf::new();
    let bodies = ["1", "2", "3", "4"];
    shelf.take(&bodies.map(|body| message("envelope", body)));
    let page = |cursor: Option<String>| {
        shelf.reader().dead_letters(&PageRequest { cursor, limit: Some(2) }).unwrap()
    };
    let (first, next) = page(None);
    let (second, end) = page(next);
    assert_eq!((first.len(), second.len(), end), (2, 2, None));
    let ids = vec![first[1].id.clone(), second[0].id.clone(), "ded_7".to_owned(), String::new()];
    assert_eq!(shelf.writer.drop_dead_letters(&ids).unwrap(), 2);
    assert_eq!(shelf.writer.drop_dead_letters(&ids).unwrap(), 0);
    assert_eq!(shelf.writer.drop_dead_letters(&[]).unwrap(), 0);
    let (left, _) = shelf.reader().dead_letters(&PageRequest::default()).unwrap();
    assert_eq!(left, [first[0].clone(), second[1].clone()]);
    // The writer goes on as before.
    shelf.one(purchase(9, "ord_9", "1.00", "a@example.com"));
}

#[test]
fn a_refused_message_is_told_without_its_body() {
    let mut shelf = Shelf::new();
    shelf.take(&[refused_on_a_bus()]);
    let all = read_all(&shelf);
    let letter = of_kind(&all, FeedKind::DeadLettered)[0];
    assert!(letter.id.starts_with("ded_"));
    assert_eq!(letter.body["subject"], "customer.events.c1.login");
    assert_eq!(letter.body["form"], "envelope");
    assert!(!letter.to_json().to_string().contains("broken"));
    assert_eq!(letter.to_json()["type"], "dead_letters.added");
}
