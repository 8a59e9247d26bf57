//! Laws over random streams: the invariants of `docs/ARCHITECTURE.md`, by their numbers.

use std::collections::BTreeSet;

use ciq_event::{CustomerId, Message};
use proptest::prelude::*;

use crate::ground::cases;
use crate::shelf::{Shelf, settings};
use crate::steps::{Course, Step, customers, step, story_of_four};
use crate::story::{customers_by_events, differences, messages, stream};

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

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(48), ..ProptestConfig::default() })]

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
        let mut before = shelf.dump();
        for told in messages(&stream) {
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
            before = after;
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
        let ids = customers(&shelf);
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
            messages(&later).into_iter().filter(|told| is_of_one(told, &before)).collect();
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
            let ids = customers(&shelf);
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

    /// S-1, whatever people decided, erasures too.
    #[test]
    fn a_rebuild_gives_the_same_file_whatever_was_decided(
        steps in prop::collection::vec(step(), 1..20),
    ) {
        prop_assert_eq!(rebuilt_differently(&steps), "");
    }

    /// S-1, where whoever is erased had to do with the others.
    #[test]
    fn a_rebuild_leaves_those_who_stay_as_they_are(
        steps in story_of_four(),
    ) {
        prop_assert_eq!(rebuilt_differently(&steps), "");
    }
}

/// What a rebuild after some steps says differently.
fn rebuilt_differently(steps: &[Step]) -> String {
    let mut shelf = Shelf::new();
    let mut course = Course::default();
    for step in steps {
        course.carry_out(step, &mut shelf);
    }
    shelf.check();
    differences(&shelf.dump(), &shelf.rebuilt_dump())
}

/// Tells whether all holders of a message's identifiers are one customer, so that it would merge
/// nobody and adds nothing to a merge.
fn is_of_one(told: &Message, dump: &str) -> bool {
    let ciq_engine::Entry::Told(prepared) = ciq_engine::prepare(told.clone(), &settings()) else {
        return false;
    };
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
