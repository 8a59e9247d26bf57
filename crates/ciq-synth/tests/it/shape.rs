//! The shape of behaviour: time, sessions, segments, rhythm, disorder.

use std::collections::BTreeMap;

use ciq_synth::{Arrival, Person, Record, Segment, World, person};
use serde_json::Value;

use crate::{settings, small_world};

fn originals(world: &World) -> impl Iterator<Item = &Record> {
    world.records().iter().filter(|record| record.arrival != Arrival::Duplicate)
}

#[test]
fn everything_happens_and_arrives_within_the_days() {
    let world = small_world(500);
    let (start, end) = (settings(0).start(), settings(0).end());
    for record in world.records() {
        assert!(start <= record.occurred_at, "{record:?}");
        assert!(record.occurred_at <= record.at, "{record:?}");
        assert!(record.at < end, "{record:?}");
    }
}

#[test]
fn a_person_makes_forty_records_or_so() {
    let world = small_world(1_000);
    let mean = world.records().len() / 1_000;
    assert!((40..=48).contains(&mean), "{mean}");
    assert!(world.truth().iter().all(|truth| truth.record_count > 0));
}

#[test]
fn some_records_are_late_and_some_come_twice() {
    let world = small_world(1_000);
    let per_mille = |count: usize| count * 1_000 / world.records().len();
    assert!((10..25).contains(&per_mille(world.late_count())));
    assert!((5..15).contains(&per_mille(world.duplicate_count())));
}

#[test]
fn segments_are_a_fifth_three_fifths_a_fifth() {
    let settings = settings(2_000);
    let people: Vec<Person> = (0..2_000).map(|index| person(&settings, index)).collect();
    let count = |segment| people.iter().filter(|person| person.segment == segment).count();
    assert!((340..460).contains(&count(Segment::Power)));
    assert!((1_120..1_280).contains(&count(Segment::Casual)));
    assert!((340..460).contains(&count(Segment::AtRisk)));
}

/// Counts the sessions of a segment in the first and in the second half of the days, among those
/// who were there from the beginning.
fn sessions_by_half(world: &World, segment: Segment) -> [usize; 2] {
    let middle = i64::midpoint(settings(0).start().as_second(), settings(0).end().as_second());
    let mut halves = [0, 0];
    for record in originals(world) {
        let person = &world.people()[record.person as usize];
        let is_start = String::from_utf8_lossy(&record.body).contains("session_start");
        if is_start && person.segment == segment && person.joined_day <= 7 {
            halves[usize::from(record.occurred_at.as_second() >= middle)] += 1;
        }
    }
    halves
}

#[test]
fn power_users_come_most_and_those_at_risk_ever_less() {
    let world = small_world(1_000);
    let [power, casual, at_risk] = [Segment::Power, Segment::Casual, Segment::AtRisk]
        .map(|segment| sessions_by_half(&world, segment));
    // There are three times as many casual people.
    assert!(power[1] * 3 > casual[1] * 2, "{power:?} {casual:?}");
    assert!(at_risk[1] * 2 < at_risk[0], "{at_risk:?}");
}

#[test]
fn sessions_start_once_end_once_and_never_overlap() {
    let world = small_world(300);
    let mut sessions: BTreeMap<String, Vec<(&Record, String)>> = BTreeMap::new();
    for record in originals(&world).filter(|record| record.wire_form == "domain") {
        let event: Value = serde_json::from_slice(&record.body).unwrap();
        if let Some(id) = event["props"]["session_id"].as_str() {
            let name = event["name"].as_str().unwrap().to_owned();
            sessions.entry(id.to_owned()).or_default().push((record, name));
        }
    }
    let mut spans: BTreeMap<u32, Vec<_>> = BTreeMap::new();
    for events in sessions.values_mut() {
        events.sort_by_key(|(record, _)| record.occurred_at);
        let names: Vec<&str> = events.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(names.first(), Some(&"session_start"));
        assert_eq!(names.last(), Some(&"session_end"));
        assert!(names[1..names.len() - 1].iter().all(|name| *name == "feature_used"));
        let (first, last) = (events[0].0, events[events.len() - 1].0);
        assert!(events.iter().all(|(record, _)| record.person == first.person));
        spans.entry(first.person).or_default().push((first.occurred_at, last.occurred_at));
    }
    for spans in spans.values_mut() {
        spans.sort();
        assert!(spans.windows(2).all(|pair| pair[0].1 < pair[1].0));
    }
}

#[test]
fn tickets_are_opened_before_they_are_replied_to() {
    let world = small_world(500);
    let mut opened = BTreeMap::new();
    let mut replied = BTreeMap::new();
    for record in originals(&world).filter(|record| record.wire_form == "domain") {
        let event: Value = serde_json::from_slice(&record.body).unwrap();
        let id = event["props"]["ticket_id"].to_string();
        match event["name"].as_str() {
            Some("ticket_opened") => assert_eq!(opened.insert(id, record.occurred_at), None),
            Some("ticket_replied") => {
                let first = replied.entry(id).or_insert(record.occurred_at);
                *first = (*first).min(record.occurred_at);
            }
            _ => {}
        }
    }
    assert!(!replied.is_empty());
    assert!(replied.iter().all(|(id, at)| opened[id] < *at));
}

#[test]
fn repairs_are_opened_before_they_are_completed() {
    let world = small_world(500);
    let mut opened = BTreeMap::new();
    let mut completed = BTreeMap::new();
    for record in originals(&world).filter(|record| record.wire_form == "envelope") {
        let event: Value = serde_json::from_slice(&record.body).unwrap();
        let id = event["data"]["work_order_id"].to_string();
        match event["data"]["status"].as_str() {
            Some("open") => _ = opened.insert(id, record.occurred_at),
            Some("completed") => _ = completed.insert(id, record.occurred_at),
            _ => {}
        }
    }
    assert!(completed.len() > 50);
    assert!(completed.iter().all(|(id, at)| opened[id] < *at));
}

#[test]
fn nights_are_quiet() {
    let world = small_world(1_000);
    let mut hours = [0_usize; 24];
    for record in originals(&world) {
        let behind = world.people()[record.person as usize].hours_behind;
        let hour = (record.occurred_at.as_second() / 3_600 - behind).rem_euclid(24);
        hours[usize::try_from(hour).unwrap()] += 1;
    }
    let night: usize = hours[0..6].iter().sum();
    let evening: usize = hours[17..23].iter().sum();
    assert!(night * 4 < evening, "{hours:?}");
}
