//! I-2 over a whole made-up world: every merge undone, one by one, in random order.

use std::collections::BTreeMap;

use ciq_engine::{Action, Decision};
use ciq_event::{Brand, MergeId};
use ciq_ingest::EngineOptions;
use ciq_store::{Location, PageRequest, Reader};
use ciq_synth::{Seed, chance::shuffle};

use crate::ground::Ground;
use crate::import::{dump, import_world, open};

/// People of the world. `UNDO_PEOPLE=2000` undoes the demo's.
fn people() -> u32 {
    option_env!("UNDO_PEOPLE").map_or(60, |text| text.parse().unwrap())
}

fn merges(location: &Location) -> Vec<MergeId> {
    let reader = Reader::open(location).unwrap();
    let mut page = PageRequest { cursor: None, limit: Some(1_000) };
    let mut found = Vec::new();
    loop {
        let (merges, next) = reader.merges(&page).unwrap();
        found.extend(merges.into_iter().map(|merge| merge.id.parse::<MergeId>().unwrap()));
        page.cursor = next;
        if page.cursor.is_none() {
            return found;
        }
    }
}

fn undo_all(location: &Location, seed: u64) {
    let mut left = merges(location);
    assert!(left.len() > people() as usize, "only {} merges", left.len());
    shuffle(&mut Seed::new(seed).stream("order", 0), &mut left);
    let handle = open(location);
    for (merge, second) in left.into_iter().zip(1_790_000_000..) {
        let at = jiff::Timestamp::from_second(second).unwrap();
        let decision = Decision::new(at, "tester", Action::Undo { merge });
        handle.decide_blocking(decision).unwrap();
    }
    handle.close();
}

/// What tables say, without when and why customers were merged.
fn state(location: &Location) -> Vec<String> {
    let is_state = |line: &&str| !line.starts_with("merge_history") && !line.starts_with("pins");
    dump(location).lines().filter(is_state).map(str::to_owned).collect()
}

#[test]
fn undoing_every_merge_in_any_order_gives_back_the_unmerged_state() {
    let ground = Ground::chosen();
    let (one, other) = (ground.location("one"), ground.location("other"));
    for (location, seed) in [(&one, 1), (&other, 2)] {
        import_world(location, people());
        undo_all(location, seed);
        let reader = Reader::open(location).unwrap();
        for check in reader.check().unwrap() {
            assert!(check.is_ok, "{}: {}", check.name, check.finding);
        }
        assert_eq!(reader.stats().unwrap().merge_count, 0);
    }
    assert!(state(&one) == state(&other), "the order of undoing shows");

    // Unmerged: nobody stands under another, and each customer's first event made it or came to it.
    let lines = state(&one);
    assert!(!lines.iter().any(|line| line.starts_with("aliases")));
    let mut event_counts: BTreeMap<&str, usize> = BTreeMap::new();
    for line in lines.iter().filter(|line| line.starts_with("customer_events\t")) {
        *event_counts.entry(line.split('\t').nth(2).unwrap()).or_default() += 1;
    }
    let profiles = lines.iter().filter(|line| line.starts_with("customer_profile\t"));
    for profile in profiles {
        let columns: Vec<&str> = profile.split('\t').collect();
        assert!(event_counts.contains_key(columns[1]), "{profile} has no events");
        assert_eq!(columns.last(), Some(&"1"), "{profile} is still merged");
    }
    let rebuilt = ground.location("rebuilt");
    let settings = EngineOptions::default().settings(Brand::default()).unwrap();
    ciq_store::rebuild(&one, &rebuilt, &Brand::default(), &settings, &mut |_| {}).unwrap();
    assert!(dump(&one) == dump(&rebuilt), "a rebuild gives other tables");
}
