//! The truth beside the events: who leaves, when and why, and how well a rule finds them.
//!
//! You will see how many of each segment leave in 90 days, and how precise a rule is that warns of
//! everybody whose last sixty days held a declined card.
#![expect(clippy::print_stdout, reason = "an example shows")]

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

use ciq_synth::Seed;
use ciq_synth::saas::{History, HistorySettings, Payload, Population, segment_of, user_truth};

/// How many milliseconds a day has.
const DAY_MS: i64 = 86_400_000;

fn main() -> Result<(), Box<dyn Error>> {
    let population = Population::new(Seed::new(42), 3_000)?;
    let settings = HistorySettings::new(population, 90)?;
    let users = 0..population.users();

    let mut of_segment: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for user in users.clone() {
        let counts = of_segment.entry(segment_of(&population, user).name()).or_default();
        counts.0 += 1;
        counts.1 += u32::from(user_truth(&settings, user).left_ms.is_some());
    }
    for (segment, (all, left)) in &of_segment {
        println!("{segment}: {left} of {all} leave within 90 days");
    }

    // What a rule may see: the events of the first sixty days.
    let today_ms = population.start_ms() + 60 * DAY_MS;
    let mut warned = BTreeSet::new();
    let mut history = History::new(&settings, users.clone());
    let mut events = Vec::new();
    while history.next_events(&mut events) {
        for event in events.iter().filter(|event| event.at_ms < today_ms) {
            if matches!(event.payload, Payload::CardDecline { .. }) {
                warned.insert(event.user);
            }
        }
    }

    // What came of it: who leaves in the thirty days after.
    let left_ms = |user: u32| user_truth(&settings, user).left_ms;
    let is_there = |user: &u32| left_ms(*user).is_none_or(|left| left >= today_ms);
    let there: Vec<u32> = users.filter(is_there).collect();
    let (warned, calm): (Vec<u32>, Vec<u32>) = there.iter().partition(|user| warned.contains(user));
    for (name, group) in [("warned of", warned), ("the others", calm)] {
        let left = group.iter().filter(|user| left_ms(**user).is_some()).count();
        println!("{name}: {left} of {} leave in the next 30 days", group.len());
    }
    Ok(())
}

#[cfg(test)]
#[test]
fn runs() {
    main().unwrap();
}
