//! `replay log`: the log as records that make the same file again.

use ciq_synth::{Seed, WorldSettings, records};

use crate::support::{Place, STORY};

fn world() -> Vec<u8> {
    let settings = WorldSettings::new(Seed::new(3), 20, 60).unwrap();
    let lines = records(&settings, 1).into_iter().flat_map(|record| {
        let mut line = record.to_line();
        line.push(b'\n');
        line
    });
    lines.collect()
}

#[test]
fn the_log_imported_elsewhere_makes_the_same_file() {
    let place = Place::with_story();
    place.write("world.ndjson", world());
    place.run(&["import", "world.ndjson"]).expect(0);
    place.run(&["replay", "log", "--out", "log.ndjson"]).expect(0);
    let log = place.read("log.ndjson");
    assert_eq!(place.run(&["replay", "log", "--out", "-"]).expect(0).out, log);
    let other = Place::new();
    other.import(&log);
    let dump = |place: &Place| place.run(&["dump"]).expect(0).out;
    assert!(dump(&other) == dump(&place), "the dumps differ");
    assert_eq!(other.run(&["replay", "log"]).expect(0).out, log);
}

#[test]
fn what_a_bus_said_is_not_lost() {
    let place = Place::new();
    let record = r#"{"wire_form":"envelope","received_at":"2025-01-01T00:00:00Z","subject":"customer.events.a.login","message_id":" m1 ","body":{"timestamp":1734134400}}"#;
    place.import(&format!("{record}\n"));
    assert_eq!(place.run(&["replay", "log"]).expect(0).out.trim_end(), record);
    place.run(&["show", "a"]).expect(0);
}

#[test]
fn a_part_of_the_log_is_chosen_by_arrival() {
    let place = Place::new();
    let records: Vec<String> = STORY
        .lines()
        .zip(1..)
        .map(|(body, day)| {
            format!(
                r#"{{"wire_form":"envelope","received_at":"2025-01-0{day}T00:00:00Z","body":{body}}}"#
            )
        })
        .collect();
    place.import(&(records.join("\n") + "\n"));
    let args = ["--since", "2025-01-02T00:00:00Z", "--until", "2025-01-03T00:00:00Z"];
    let told = place.run(&[["replay", "log"].as_slice(), &args].concat()).expect(0);
    assert_eq!(told.out, format!("{}\n", records[1]));
    place.run(&["replay", "log", "--since", args[3], "--until", args[1]]).expect(2);
    place.run(&["replay", "log", "--since", "yesterday"]).expect(2);
    place.run(&["replay", "log", "--to-nats", "--out", "a"]).expect(2);
}

#[test]
fn decisions_are_left_out_and_that_is_told() {
    let place = Place::with_story();
    place.import(&STORY.replace("cust_001", "cust_002").replace("john.smith", "j.s"));
    place.run(&["merges", "join", "cust_001", "cust_002", "--reason", "the same"]).expect(0);
    let told = place.run(&["replay", "log", "--out", "log.ndjson"]).expect(0);
    assert!(told.err.contains("1 decision of people left out"), "{}", told.err);
    place.run_with(&["replay", "log", "--db", "missing.db"], "").expect(4);
}
