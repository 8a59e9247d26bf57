//! Facts about dirty histories: how much is wrong, that all of it is labelled, and that it can be
//! undone.

use std::collections::{BTreeMap, BTreeSet};

use ciq_synth::saas::{
    Change, Defect, Dirt, Dirtier, DirtyLine, Event, Format, Payload, Population, Renderer,
    event_id, user,
};
use serde_json::Value;

use crate::SEED;
use crate::saas_render::{START_MS, any_payload};

/// Much is wrong here.
const DIRT: Dirt = Dirt {
    typos_per_mille: 200,
    shared_devices_per_mille: 80,
    duplicates_per_mille: 50,
    late_per_mille: 70,
    missing_per_mille: 60,
};

fn population() -> Population {
    Population::new(SEED, 501).unwrap()
}

/// Events of all kinds and users, in order of time: every fifth says who the user is.
fn clean() -> Vec<Event> {
    let payload = |number: u32| match number % 5 {
        0 => Payload::UserIdentified,
        _ => any_payload(SEED.mark("test", number.into())),
    };
    (0..60_000_u32)
        .map(|number| Event {
            at_ms: START_MS + i64::from(number / 3) * 2_000,
            user: number % 501,
            sequence: number / 501,
            payload: payload(number),
        })
        .collect()
}

fn dirty(dirt: Dirt, events: &[Event]) -> (Dirtier, Vec<DirtyLine>) {
    let mut dirtier = Dirtier::new(&population(), dirt);
    let mut lines = Vec::new();
    for event in events {
        dirtier.push(event, &mut lines);
    }
    dirtier.finish(&mut lines);
    (dirtier, lines)
}

fn text(line: &DirtyLine, format: Format) -> String {
    let mut bytes = Vec::new();
    line.render(&Renderer::new(&population(), format), &mut bytes);
    String::from_utf8(bytes).unwrap()
}

fn is_first(line: &DirtyLine) -> bool {
    !line.defects.contains(Defect::Duplicate)
}

#[test]
fn as_much_is_wrong_as_the_settings_say() {
    let events = clean();
    let (_, lines) = dirty(DIRT, &events);
    let is_identity = |event: &Event| event.payload == Payload::UserIdentified;
    let has_device =
        |event: &Event| is_identity(event) || matches!(event.payload, Payload::SessionStart { .. });
    let check = |defect, per_mille: u16, of: &dyn Fn(&Event) -> bool| {
        let all = events.iter().filter(|event| of(event)).count();
        let is_it = |line: &&DirtyLine| line.defects.contains(defect);
        let count = match defect {
            Defect::Duplicate => lines.iter().filter(is_it).count(),
            _ => lines.iter().filter(|line| is_first(line)).filter(is_it).count(),
        };
        let expect = all * usize::from(per_mille) / 1_000;
        assert!(count.abs_diff(expect) * 10 <= expect, "{defect:?}: {count}, not {expect}");
    };
    check(Defect::Typo, DIRT.typos_per_mille, &is_identity);
    check(Defect::SharedDevice, DIRT.shared_devices_per_mille, &has_device);
    check(Defect::Missing, DIRT.missing_per_mille, &|event| {
        event.payload != Payload::PlanCancelled
    });
    check(Defect::Late, DIRT.late_per_mille, &|_| true);
    check(Defect::Duplicate, DIRT.duplicates_per_mille, &|_| true);
}

#[test]
fn all_that_is_wrong_is_labelled_and_nothing_else() {
    let (_, lines) = dirty(DIRT, &clean());
    let clean_renderer = Renderer::new(&population(), Format::Mockgen);
    let mut seen = BTreeSet::new();
    for line in &lines {
        let mut as_it_was = Vec::new();
        clean_renderer.render(&line.event, &mut as_it_was);
        let is_changed = text(line, Format::Mockgen).as_bytes() != as_it_was;
        let says_changed = [Defect::Typo, Defect::SharedDevice, Defect::Missing]
            .into_iter()
            .any(|defect| line.defects.contains(defect));
        assert_eq!(is_changed, says_changed, "{line:?}");
        let is_again = !seen.insert((line.event.user, line.event.sequence));
        assert_eq!(is_again, line.defects.contains(Defect::Duplicate), "{line:?}");
        let is_delayed = line.arrives_ms > line.event.at_ms;
        let says_delayed = is_again || line.defects.contains(Defect::Late);
        assert_eq!(is_delayed, says_delayed, "{line:?}");
    }
}

#[test]
fn what_is_labelled_can_be_undone() {
    let events = clean();
    let (dirtier, mut lines) = dirty(DIRT, &events);
    lines.retain(is_first);
    let mut mended: BTreeMap<(String, String), Value> = BTreeMap::new();
    for line in &lines {
        let mut json: Value = serde_json::from_str(&text(line, Format::Mockgen)).unwrap();
        if let Some(row) = dirtier.truth(line) {
            let row: Value = serde_json::from_slice(&row).unwrap();
            assert_eq!(row["event_id"], json["id"]);
            for (name, value) in row["original"].as_object().into_iter().flatten() {
                json["props"][name] = value.clone();
            }
        }
        let [ts, id] = ["ts", "id"].map(|key| json[key].as_str().unwrap().to_owned());
        mended.insert((ts, id), json);
    }
    let renderer = Renderer::new(&population(), Format::Mockgen);
    let mut expect = BTreeMap::new();
    for event in &events {
        let mut bytes = Vec::new();
        renderer.render(event, &mut bytes);
        let json: Value = serde_json::from_slice(&bytes).unwrap();
        let [ts, id] = ["ts", "id"].map(|key| json[key].as_str().unwrap().to_owned());
        expect.insert((ts, id), json);
    }
    assert!(mended == expect);
}

#[test]
fn lines_come_in_order_of_arrival() {
    let (_, lines) = dirty(DIRT, &clean());
    assert!(lines.is_sorted_by_key(|line| line.arrives_ms));
    let longest_ms = lines.iter().map(|line| line.arrives_ms - line.event.at_ms).max();
    assert!(longest_ms < Some((3 * 24 + 6) * 3_600_000));
}

#[test]
fn a_line_that_arrives_again_is_the_same_to_the_byte() {
    let (_, lines) = dirty(DIRT, &clean());
    let mut first_texts = BTreeMap::new();
    for line in &lines {
        let told = text(line, Format::Customeriq);
        let key = (line.event.user, line.event.sequence);
        assert_eq!(*first_texts.entry(key).or_insert(told.clone()), told);
    }
}

#[test]
fn some_users_alone_get_the_same_defects() {
    let events = clean();
    let is_some = |event: &Event| (100..200).contains(&event.user);
    let (_, mut all) = dirty(DIRT, &events);
    all.retain(|line| is_some(&line.event));
    let few: Vec<Event> = events.into_iter().filter(is_some).collect();
    assert!(dirty(DIRT, &few).1 == all);
}

#[test]
fn without_dirt_the_lines_are_the_clean_ones() {
    let events = clean();
    let (dirtier, lines) = dirty(Dirt::NONE, &events);
    assert!(lines.iter().all(|line| line.defects.is_empty() && line.change == Change::Nothing));
    assert!(lines.iter().all(|line| dirtier.truth(line).is_none()));
    assert!(lines.iter().map(|line| line.event).eq(events));
}

#[test]
fn a_slip_is_small_and_makes_nobody_else() {
    let events = clean();
    let (_, lines) = dirty(DIRT, &events);
    let all = population();
    let mails: BTreeSet<String> = (0..501).map(|index| user(&all, index).email).collect();
    for line in &lines {
        let owner = user(&all, line.event.user);
        let (told, original) = match &line.change {
            Change::Name(told) => (told, owner.name()),
            Change::Email(told) => (told, owner.email),
            Change::Nothing | Change::Device { .. } | Change::Missing(_) => continue,
        };
        assert_ne!(*told, original);
        assert!(told.len().abs_diff(original.len()) <= 1, "{told}");
        assert!(!mails.contains(told), "{told}");
    }
}

#[test]
fn a_borrowed_device_is_always_the_same_other_users() {
    let (_, lines) = dirty(DIRT, &clean());
    let mut lenders = BTreeMap::new();
    for line in &lines {
        if let Change::Device { user, .. } = line.change {
            assert_ne!(user, line.event.user);
            assert!(user < 501);
            assert_eq!(*lenders.entry(line.event.user).or_insert(user), user);
        }
    }
    assert!(lenders.contains_key(&500), "the last one has nobody beside");
}

#[test]
fn a_population_of_one_shares_no_device() {
    let one = Population::new(SEED, 1).unwrap();
    let mut dirtier = Dirtier::new(&one, Dirt { shared_devices_per_mille: 1_000, ..Dirt::NONE });
    let payload = Payload::SessionStart { device: 0 };
    let mut lines = Vec::new();
    dirtier.push(&Event { at_ms: START_MS, user: 0, sequence: 0, payload }, &mut lines);
    assert!(lines[0].defects.is_empty());
}

#[test]
fn the_truth_about_a_line_is_one_row() {
    let dirt = Dirt { missing_per_mille: 1_000, duplicates_per_mille: 1_000, ..Dirt::NONE };
    let payload = Payload::FeatureUsed { feature: 2 };
    let event = Event { at_ms: START_MS, user: 7, sequence: 3, payload };
    let (dirtier, lines) = dirty(dirt, &[event]);
    let rows: Vec<String> =
        lines.iter().map(|line| String::from_utf8(dirtier.truth(line).unwrap()).unwrap()).collect();
    let id = event_id(&population(), 7, 3);
    let expect = [r#"["missing"]"#, r#"["missing","duplicate"]"#].map(|defects| {
        format!(r#"{{"event_id":"{id}","defects":{defects},"original":{{"feature":"export"}}}}"#)
    });
    assert_eq!(rows, expect);
    let late = Dirt { late_per_mille: 1_000, ..Dirt::NONE };
    let (dirtier, lines) = dirty(late, &[event]);
    let row = String::from_utf8(dirtier.truth(&lines[0]).unwrap()).unwrap();
    assert_eq!(row, format!(r#"{{"event_id":"{id}","defects":["late"],"original":null}}"#));
}
