//! Laws over random streams: the invariants of `docs/ARCHITECTURE.md`, by their numbers.

use std::collections::{BTreeMap, BTreeSet};

use ciq_event::{CustomerId, Message};
use proptest::prelude::*;
use serde_json::json;

use crate::shelf::{Shelf, envelope};

/// One event of one of a few people. People share nothing, and no event carries more than three
/// identifiers, so no stream of them needs a person.
#[derive(Debug, Clone)]
struct Told {
    person: u8,
    second: i64,
    kind: u8,
    carries: BTreeSet<u8>,
    word: u8,
}

fn told() -> impl Strategy<Value = Told> {
    let carries = prop::collection::btree_set(0_u8..6, 1..=3);
    (0_u8..3, 1_i64..40, 0_u8..7, carries, 0_u8..4).prop_map(
        |(person, second, kind, carries, word)| Told { person, second, kind, carries, word },
    )
}

fn stream() -> impl Strategy<Value = Vec<Told>> {
    prop::collection::vec(told(), 1..24)
}

fn message_of(told: &Told) -> Message {
    let Told { person, second, kind, carries, word } = told;
    let mut data = json!({"note": format!("word {word}")});
    let mut customer_id = None;
    for carried in carries {
        match carried {
            0 => customer_id = Some(format!("cust_{person}")),
            1 => data["email"] = format!("Person{person}@Example.com").into(),
            2 => data["email"] = format!("other{person}@example.com").into(),
            3 => data["phone"] = format!("+1 202 555 01{person}0").into(),
            4 => data["loyalty_id"] = format!("LOY-{person}").into(),
            _ => data["whatsapp"] = format!("+120255501{person}0").into(),
        }
    }
    // An order is told by the one who placed it.
    let teller = format!("{person}_{}", carries.first().unwrap());
    let event_type = match kind {
        0 => {
            // The same order may be told twice, at different times and with different totals.
            data["purchase_id"] = format!("ord_{teller}_{}", word / 2).into();
            data["total"] = format!("{}.5{word}", second % 7).into();
            "purchase"
        }
        1 => {
            data["name"] = format!("Name {word}").into();
            data["custom_fields"] = json!({"plan": word});
            "profile_update"
        }
        2 => {
            data["content"] = "Prefers mail.".into();
            "note"
        }
        3 => {
            data["work_order_id"] = format!("WO-{teller}").into();
            data["status"] = if *word > 2 { "completed".into() } else { "open".into() };
            data["issue_description"] = format!("issue {word}").into();
            "repair"
        }
        4 => {
            data["subscription_id"] = format!("sub_{}", word / 3).into();
            data["plan"] = format!("Plan {}", second % 3).into();
            data["screens"] = (*word).into();
            data["mrr"] = format!("{}.5{word}", second % 7).into();
            ["subscription_started", "subscription_updated", "subscription_cancelled"]
                [usize::try_from(second % 3).unwrap()]
        }
        5 => {
            data["subscription_id"] = format!("sub_{}", word / 3).into();
            if *word % 2 == 0 { "invoice_paid" } else { "payment_failed" }
        }
        _ => "login",
    };
    envelope(event_type, *second, customer_id.as_deref(), data)
}

fn messages(stream: &[Told]) -> Vec<Message> {
    stream.iter().map(message_of).collect()
}

/// Stores messages in batches of the given sizes, over and over.
fn stored(messages: &[Message], sizes: &[usize]) -> Shelf {
    let mut shelf = Shelf::new();
    let mut rest = messages;
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (batch, after) = rest.split_at((*size).min(rest.len()));
        shelf.take(batch);
        rest = after;
    }
    shelf
}

/// Everything about customers that does not depend on which event happened to arrive first: all
/// but minted ids, which are replaced by the customer's earliest event.
fn customers_by_events(shelf: &Shelf) -> String {
    let dump = shelf.dump_without(&["aliases", "merge_history", "pins", "manual_merge_queue"]);
    let mut first_event: BTreeMap<String, String> = BTreeMap::new();
    for line in dump.lines().filter(|line| line.starts_with("customer_events\t")) {
        let mut columns = line.split('\t').skip(1);
        let (event, customer) = (columns.next().unwrap(), columns.next().unwrap());
        first_event.entry(customer.to_owned()).or_insert_with(|| event.to_owned());
    }
    let mut lines = BTreeSet::new();
    for line in dump.lines() {
        let mut line = line.to_owned();
        for (customer, event) in &first_event {
            line = line.replace(customer.as_str(), event);
        }
        // How many customers there were on the way depends on the order.
        if line.starts_with("customer_profile\t") {
            line.truncate(line.rfind('\t').unwrap());
        }
        lines.insert(line);
    }
    Vec::from_iter(lines).join("\n")
}

/// The lines that stand in only one of two dumps, for a failure that can be read.
fn differences(a: &str, b: &str) -> String {
    let (a, b): (BTreeSet<&str>, BTreeSet<&str>) = (a.lines().collect(), b.lines().collect());
    let only = |mark: &str, lines: Vec<&&str>| -> Vec<String> {
        lines.into_iter().map(|line| format!("{mark} {line}")).collect()
    };
    let mut lines = only("-", a.difference(&b).collect());
    lines.extend(only("+", b.difference(&a).collect()));
    lines.join("\n")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// I-3.
    #[test]
    fn any_order_of_arrival_gives_the_same_customers(
        (stream, shuffled) in stream().prop_flat_map(|stream| {
            (Just(stream.clone()), Just(stream).prop_shuffle())
        }),
        sizes in prop::collection::vec(1_usize..9, 1..4),
    ) {
        let one = stored(&messages(&stream), &[3]);
        let other = stored(&messages(&shuffled), &sizes);
        one.check();
        other.check();
        prop_assert_eq!(differences(&customers_by_events(&one), &customers_by_events(&other)), "");
    }

    /// E-1, and batches do not matter.
    #[test]
    fn a_message_is_stored_once_however_often_it_comes(
        stream in stream(),
        again in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
        sizes in prop::collection::vec(1_usize..30, 1..4),
    ) {
        let told = messages(&stream);
        let once = stored(&told, &[1]);
        let mut often = stored(&told, &sizes);
        let repeats: Vec<Message> = again.iter().map(|index| index.get(&told).clone()).collect();
        often.take(&repeats);
        prop_assert_eq!(differences(&once.dump(), &often.dump()), "");
    }

    /// I-1.
    #[test]
    fn merging_loses_no_identifier_and_no_id(stream in stream()) {
        let mut shelf = Shelf::new();
        let mut seen: BTreeSet<CustomerId> = BTreeSet::new();
        for told in messages(&stream) {
            let before = shelf.dump();
            let entry = shelf.take(&[told]).remove(0);
            if let ciq_engine::EntryOutcome::Events(events) = entry {
                for event in events {
                    if let ciq_engine::EventOutcome::Stored { customer, .. } = event {
                        seen.insert(customer);
                    }
                }
            }
            let after = shelf.dump();
            for line in before.lines().filter(|line| line.starts_with("identifiers\t")) {
                let columns: Vec<&str> = line.split('\t').collect();
                let held = format!("\t{}\t{}\t", columns[2], columns[3]);
                prop_assert!(after.contains(&held), "{held} is lost");
            }
            for id in &seen {
                prop_assert!(shelf.reader().resolve(id).unwrap().is_some(), "{id} is lost");
            }
        }
    }

    /// I-2.
    #[test]
    fn undoing_a_merge_gives_back_what_was_before(
        stream in stream(),
        later in stream(),
        pick in any::<prop::sample::Index>(),
    ) {
        let mut shelf = stored(&messages(&stream), &[4]);
        let sections = ["merge_history", "pins"];
        let before = shelf.dump_without(&sections);
        let ids = customer_ids(&shelf);
        prop_assume!(ids.len() > 1);
        let at = pick.index(ids.len());
        let merge = shelf.merge(&[&ids[at], &ids[(at + 1) % ids.len()]]);
        shelf.check();
        shelf.undo(merge);
        shelf.check();
        prop_assert_eq!(differences(&before, &shelf.dump_without(&sections)), "");
        // Events that come between go back to the customer whose identifiers they carried.
        let mut apart = stored(&messages(&stream), &[4]);
        let merge = shelf.merge(&[&ids[at], &ids[(at + 1) % ids.len()]]);
        let own: Vec<Message> =
            messages(&later).into_iter().filter(|told| is_of_one(told, &apart)).collect();
        shelf.take(&own);
        shelf.undo(merge);
        apart.take(&own);
        let after = shelf.dump_without(&sections);
        prop_assert_eq!(differences(&apart.dump_without(&sections), &after), "");
    }

    /// I-2: undoing everything, in any order, leaves every origin by itself.
    #[test]
    fn undoing_all_merges_in_any_order_gives_the_same(
        stream in stream(),
        order in prop::collection::vec(any::<prop::sample::Index>(), 40),
    ) {
        let mut results = Vec::new();
        for is_reversed in [false, true] {
            let mut shelf = stored(&messages(&stream), &[2]);
            let mut left = shelf.standing_merges();
            for index in &order {
                if left.is_empty() {
                    break;
                }
                let at = index.index(left.len());
                let at = if is_reversed { left.len() - 1 - at } else { at };
                shelf.undo(left.remove(at));
                shelf.check();
            }
            prop_assert_eq!(shelf.dump().lines().filter(|l| l.starts_with("aliases")).count(), 0);
            results.push(shelf.dump_without(&["merge_history", "pins"]));
        }
        prop_assert_eq!(differences(&results[0], &results[1]), "");
    }

    /// S-1.
    #[test]
    fn a_rebuild_gives_the_same_file(
        stream in stream(),
        later in stream(),
        picks in prop::collection::vec((0_u8..3, any::<prop::sample::Index>()), 0..5),
    ) {
        let mut shelf = stored(&messages(&stream), &[5]);
        for (what, pick) in picks {
            let ids = customer_ids(&shelf);
            let merges = shelf.standing_merges();
            match what {
                0 if ids.len() > 1 => {
                    let at = pick.index(ids.len() - 1);
                    shelf.merge(&[&ids[at], &ids[at + 1]]);
                }
                1 if !merges.is_empty() => shelf.undo(*pick.get(&merges)),
                _ => drop(shelf.take(&messages(&later))),
            }
        }
        shelf.check();
        prop_assert_eq!(differences(&shelf.dump(), &shelf.rebuilt_dump()), "");
    }
}

fn customer_ids(shelf: &Shelf) -> Vec<CustomerId> {
    let page = ciq_store::PageRequest { cursor: None, limit: Some(1_000) };
    let customers = shelf.reader().customers(&page, ciq_store::CustomerSort::Newest).unwrap().data;
    customers.into_iter().map(|customer| CustomerId::from_raw(customer.id)).collect()
}

/// Tells whether all holders of a message's identifiers are one customer, so that it would merge
/// nobody and adds nothing to a merge.
fn is_of_one(told: &Message, shelf: &Shelf) -> bool {
    let ciq_engine::Entry::Told(prepared) = ciq_engine::prepare(told.clone(), &shelf.settings)
    else {
        return false;
    };
    let dump = shelf.dump();
    let holders: BTreeSet<Option<&str>> = prepared.events[0]
        .identifiers
        .iter()
        .map(|identifier| {
            let held = format!("\t\"{}\"\t\"{}\"\t", identifier.kind(), identifier.value());
            let line = dump
                .lines()
                .find(|line| line.starts_with("identifiers\t") && line.contains(&held))?;
            line.split('\t').nth(1)
        })
        .collect();
    holders.len() == 1 && !holders.contains(&None)
}
