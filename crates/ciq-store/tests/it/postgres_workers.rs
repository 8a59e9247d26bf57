//! Several writers of one schema at once: nothing is lost, nothing is done twice, and the log says
//! in which order it happened.

use std::collections::BTreeSet;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};

use ciq_engine::{Action, Decision, Entry, Needs, decide_on, fold, prepare};
use ciq_event::{Brand, CustomerId, Message};
use ciq_store::{
    CustomerSort, FeedItem, FeedKind, FeedPosition, Location, PageRequest, Reader, StoreError,
    Writer,
};
use proptest::prelude::*;
use serde_json::json;

use crate::ground::Ground;
use crate::shelf::{Shelf, at, envelope, message, settings};
use crate::story::{Told, customers_by_events, differences, message_of, messages, told};

/// How often a batch is tried before somebody must be standing still.
const TRIES_MAX: usize = 1_000;

/// What each writer is given, batch by batch.
type Batches = Vec<Vec<Message>>;

fn try_batch(writer: &mut Writer, batch: &[Message], yield_count: usize) -> Result<(), StoreError> {
    let settings = settings();
    let entries: Vec<Entry> =
        batch.iter().map(|message| prepare(message.clone(), &settings)).collect();
    let mut working = writer.load(&Needs::of_entries(&entries))?;
    for _ in 0..yield_count {
        std::thread::yield_now();
    }
    let (changes, _) = fold(&mut working, &entries, &settings);
    writer.commit(&changes, working.next)
}

/// Does something until no other writer stands in the way.
fn again<T>(mut once: impl FnMut() -> Result<T, StoreError>) -> T {
    for _ in 0..TRIES_MAX {
        match once() {
            Err(error) if error.is_conflict() => {}
            done => return done.unwrap(),
        }
    }
    panic!("writers stand in each other's way for ever");
}

/// Stores batches, all writers beginning each of theirs together as long as all have one.
fn write_all(location: &Location, batches: &Batches, (together, count): (&Barrier, usize)) {
    let mut writer = Writer::open(location, &Brand::default()).unwrap();
    for (number, batch) in batches.iter().enumerate() {
        if number < count {
            together.wait();
        }
        again(|| {
            let written = try_batch(&mut writer, batch, number % 5);
            if written.is_err() {
                writer.abandon();
            }
            written
        });
    }
}

/// Reads the feed until everything is over, in pages of a size.
fn follow(location: &Location, size: u32, is_over: &AtomicBool) -> Vec<FeedItem> {
    let reader = Reader::open(location).unwrap();
    let (mut items, mut at) = (Vec::new(), FeedPosition::default());
    loop {
        // Asked before the page is read: what is committed by then is on this page or the next.
        let was_over = is_over.load(Ordering::SeqCst);
        let page = reader.feed(at, size).unwrap();
        if page.next == at {
            assert!(page.items.is_empty());
            if was_over {
                return items;
            }
            std::thread::yield_now();
        }
        items.extend(page.items);
        at = page.next;
    }
}

/// Merges and takes apart what it finds, while others write. A decision that comes too late is
/// refused, which is an answer too.
fn decide_all(location: &Location, count: usize) {
    let mut writer = Writer::open(location, &Brand::default()).unwrap();
    let reader = Reader::open(location).unwrap();
    for number in 0..count {
        let page = PageRequest { cursor: None, limit: Some(50) };
        let found = reader.customers(&page, CustomerSort::Newest).unwrap().data;
        let (merges, _) = reader.merges(&page).unwrap();
        let standing = merges.iter().find(|merge| merge.undone_at.is_none());
        let action = match (number % 3, &found[..], standing) {
            (2, _, Some(merge)) => Action::Undo { merge: merge.id.parse().unwrap() },
            (_, [a, b, ..], _) => {
                let customers = [a, b].map(|it| CustomerId::from_raw(it.id.clone())).to_vec();
                Action::Merge { customers, reason: "seen".to_owned() }
            }
            _ => continue,
        };
        let moment = at(1_000_000 + i64::try_from(number).unwrap());
        let decision = Decision::new(moment, "tester", action);
        again(|| {
            let mut working = writer.load(&Needs::of_decision(&decision))?;
            if let Ok((changes, _)) = decide_on(&mut working, &decision, &settings()) {
                return writer.commit(&changes, working.next);
            }
            writer.abandon();
            Ok(())
        });
    }
}

/// Lets writers work at once on one schema, and a follower read along. Returns what it heard.
fn work(shelf: &Shelf, all: &[Batches], page_size: u32, decision_count: usize) -> Vec<FeedItem> {
    let location = shelf.location();
    let together = Barrier::new(all.len());
    let count = all.iter().map(Vec::len).min().unwrap_or(0);
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let follower = scope.spawn(|| follow(&location, page_size, &is_over));
        let mut workers: Vec<_> = all
            .iter()
            .map(|batches| scope.spawn(|| write_all(&location, batches, (&together, count))))
            .collect();
        workers.push(scope.spawn(|| decide_all(&location, decision_count)));
        let ends: Vec<_> = workers.into_iter().map(std::thread::ScopedJoinHandle::join).collect();
        is_over.store(true, Ordering::SeqCst);
        for end in ends {
            end.unwrap();
        }
        follower.join().unwrap()
    })
}

/// What happened once, by kind.
fn told_of(items: &[FeedItem], kind: FeedKind) -> Vec<&str> {
    let mut ids: Vec<&str> =
        items.iter().filter(|item| item.kind == kind).map(|item| item.id.as_str()).collect();
    ids.sort_unstable();
    ids
}

/// Every event, merge and dead letter is heard of once, and every customer at least once.
#[track_caller]
fn check_heard(shelf: &Shelf, heard: &[FeedItem]) {
    let over = AtomicBool::new(true);
    let afterwards = follow(&shelf.location(), 1_000, &over);
    for kind in [FeedKind::EventNormalized, FeedKind::ProfileMerged, FeedKind::DeadLettered] {
        assert_eq!(told_of(heard, kind), told_of(&afterwards, kind), "{kind:?}");
    }
    let events = told_of(heard, FeedKind::EventNormalized);
    assert_eq!(events.iter().collect::<BTreeSet<_>>().len(), events.len(), "an event came twice");
    let stored = shelf.one_value("SELECT count(*) FROM customer_events");
    assert_eq!(stored, events.len().to_string());
    let customers = |items: &[FeedItem]| -> BTreeSet<String> {
        let updates = items.iter().filter(|item| item.kind == FeedKind::ProfileUpdated);
        updates.map(|item| item.body["customer_id"].as_str().unwrap().to_owned()).collect()
    };
    assert!(customers(heard).is_superset(&customers(&afterwards)), "a customer was not told");
}

/// No two customers hold the same.
#[track_caller]
fn check_holders(shelf: &Shelf) {
    let twice = "SELECT kind, value, count(*) FROM identifiers
        WHERE kind NOT IN ('device_id', 'cookie_id', 'session_id', 'card_last4')
        GROUP BY kind, value HAVING count(DISTINCT customer_id) > 1";
    assert_eq!(shelf.sql(twice), [[""; 3]; 0]);
    assert_eq!(shelf.one_value("SELECT count(*) FROM claim"), "0", "a claim was left");
}

/// S-1, whoever wrote the log.
#[track_caller]
fn check_log(shelf: &Shelf) {
    assert_eq!(differences(&shelf.dump(), &shelf.rebuilt_dump()), "");
}

/// Messages of a stream for each of some writers, of whom each message names some; in opposite
/// orders, so that they want the same things in opposite orders.
fn shared(stream: &[Told], masks: &[u8], writer_count: usize, sizes: &[usize]) -> Vec<Batches> {
    let of_writer = |writer: usize| {
        let is_for = |(number, _): &(usize, Message)| {
            let mask = masks[number % masks.len()];
            mask & (1 << writer) != 0 || number % writer_count == writer
        };
        let all = messages(stream).into_iter().enumerate();
        let mut own: Vec<Message> = all.filter(is_for).map(|(_, message)| message).collect();
        if writer % 2 == 1 {
            own.reverse();
        }
        let mut batches = Vec::new();
        let mut sizes = sizes.iter().cycle().skip(writer);
        while !own.is_empty() {
            let size = sizes.next().copied().unwrap_or(1).min(own.len());
            batches.push(own.drain(..size).collect());
        }
        batches
    };
    (0..writer_count).map(of_writer).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// E-1, I-1, I-3 and S-1, with several writers.
    #[test]
    fn writers_at_once_leave_what_one_leaves(
        stream in prop::collection::vec(told(), 1..80),
        masks in prop::collection::vec(any::<u8>(), 1..20),
        writer_count in 2_usize..5,
        sizes in prop::collection::vec(1_usize..12, 1..5),
        page_size in 1_u32..40,
    ) {
        let shelf = Shelf::on(Ground::postgres());
        let heard = work(&shelf, &shared(&stream, &masks, writer_count, &sizes), page_size, 0);
        shelf.check();
        check_holders(&shelf);
        check_heard(&shelf, &heard);
        check_log(&shelf);
        let mut alone = Shelf::on(Ground::files());
        for told in &stream {
            alone.take(&[message_of(told)]);
        }
        prop_assert_eq!(differences(&customers_by_events(&alone), &customers_by_events(&shelf)), "");
    }

    /// S-1 and E-1, while a person merges and takes apart.
    #[test]
    fn decisions_among_writers_stand_where_the_log_says(
        stream in prop::collection::vec(told(), 1..80),
        masks in prop::collection::vec(any::<u8>(), 1..20),
        sizes in prop::collection::vec(1_usize..12, 1..5),
        page_size in 1_u32..40,
    ) {
        let shelf = Shelf::on(Ground::postgres());
        let heard = work(&shelf, &shared(&stream, &masks, 3, &sizes), page_size, 9);
        shelf.check();
        check_heard(&shelf, &heard);
        check_log(&shelf);
    }
}

/// Four addresses are one customer, whom events join two by two and all four: whoever writes
/// merges what others write.
fn joined_by_four(length: i64, writer: i64) -> Batches {
    let order = |number: i64| if writer % 2 == 0 { number } else { length - 1 - number };
    let link = |number: i64| {
        let data = json!({"email": format!("n{number}@example.com"),
            "phone": format!("+1202555{:04}", 100 + number / 2),
            "loyalty_id": format!("LOY-{}", number / 4)});
        let second = 10 + number * 4 + writer;
        envelope("login", second, None, data)
    };
    // Everybody tells of the same orders, and some things that are refused.
    let told = |number: i64| {
        let order = json!({"purchase_id": format!("ord_{}", number / 2), "total": "1.00",
            "email": format!("n{number}@example.com")});
        [
            link(number),
            envelope("purchase", 10_000 + number, None, order),
            message("envelope", format!("refused {}", number % 7)),
        ]
    };
    let all: Vec<Message> = (0..length).map(order).flat_map(told).collect();
    all.chunks(13).map(<[Message]>::to_vec).collect()
}

#[test]
fn four_writers_on_the_same_people_come_to_an_end_and_agree() {
    const LENGTH: i64 = 200;
    let shelf = Shelf::on(Ground::postgres());
    let all: Vec<Batches> = (0..4).map(|writer| joined_by_four(LENGTH, writer)).collect();
    let heard = work(&shelf, &all, 25, 0);
    shelf.check();
    check_holders(&shelf);
    check_heard(&shelf, &heard);
    check_log(&shelf);
    let letters = "SELECT count(*), sum(arrival_count) FROM dead_letter";
    assert_eq!(shelf.sql(letters), [["7", "800"]]);
    let stats = shelf.reader().stats().unwrap();
    assert_eq!(stats.customer_count, LENGTH / 4);
    assert_eq!(stats.event_count, 5 * LENGTH);
    assert_eq!(stats.purchase_count, LENGTH / 2);
    let mut alone = Shelf::on(Ground::files());
    for batches in &all {
        for batch in batches {
            alone.take(batch);
        }
    }
    assert_eq!(differences(&customers_by_events(&alone), &customers_by_events(&shelf)), "");
}
