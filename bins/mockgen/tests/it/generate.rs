//! `generate`: the same settings give the same bytes.

use std::io::Read as _;
use std::process::Stdio;

use serde_json::Value;

use crate::support::{Place, Ran};

/// A small history.
const SMALL: [&str; 7] = ["generate", "-q", "--users", "300", "--days", "20", "--out"];

fn generate(more: &[&str]) -> Ran {
    let place = Place::new();
    let args: Vec<&str> = SMALL.iter().copied().chain(["-"]).chain(more.iter().copied()).collect();
    place.run(&args).expect(0)
}

#[test]
fn threads_and_runs_change_no_byte() {
    let whole = generate(&["--threads", "1"]).out;
    assert!(whole.len() > 100_000);
    for threads in ["1", "2", "4"] {
        assert!(generate(&["--threads", threads]).out == whole, "{threads} threads");
    }
    assert!(generate(&["--seed", "43"]).out != whole);
}

#[test]
fn parts_merged_by_time_are_the_whole() {
    let whole = generate(&[]);
    let mut parts = Vec::new();
    for part in ["1/3", "2/3", "3/3"] {
        parts.extend(generate(&["--shard", part]).lines().iter().map(ToString::to_string));
    }
    let mut lines: Vec<String> = whole.lines().iter().map(ToString::to_string).collect();
    assert_eq!(parts.len(), lines.len());
    lines.sort_unstable();
    parts.sort_unstable();
    assert!(parts == lines);
}

#[test]
fn more_users_change_nobody() {
    let place = Place::new();
    let args = ["generate", "-q", "--days", "3", "--modes", "product,billing,ticket,profile"];
    let of = |users: &str| place.run(&[&args[..], &["--users", users]].concat()).expect(0);
    let (few, many) = (of("5000"), of("6000"));
    let few_users = place.run(&["truth", "-q", "--users", "5000", "--days", "3"]).expect(0);
    let ids: std::collections::BTreeSet<&str> =
        few_users.lines().iter().map(|line| line.split('"').nth(3).unwrap()).collect();
    assert_eq!(ids.len(), 5_000);
    let user_of = |line: &str| line.split('"').nth(11).map(str::to_owned).unwrap();
    let many = many.lines().into_iter().filter(|line| ids.contains(user_of(line).as_str()));
    assert!(many.eq(few.lines()));
}

#[test]
fn the_summary_tells_what_is_there() {
    let place = Place::new();
    let args = [&SMALL[..], &["a.ndjson", "--json"]].concat();
    let summary = place.run(&args).expect(0).json();
    let text = place.read("a.ndjson");
    let lines = text.split_inclusive(|byte| *byte == b'\n').count();
    assert_eq!(summary["events"].as_u64(), Some(lines as u64));
    assert_eq!(summary["bytes"].as_u64(), Some(text.len() as u64));
    assert_eq!((&summary["users"], &summary["days"]), (&300.into(), &20.into()));
    let mut tool = std::process::Command::new("sha256sum");
    let told = tool.arg(place.path("a.ndjson")).output().unwrap().stdout;
    let told = String::from_utf8(told).unwrap();
    assert_eq!(told.split(' ').next(), summary["sha256"].as_str());
    let aside = place.run(&["generate", "--users", "5", "--days", "2", "--json"]).expect(0);
    let aside: Value = serde_json::from_str(&aside.err).unwrap();
    assert_eq!(aside["out"], "-");
    let spoken = place.run(&["generate", "--users", "5", "--days", "2"]).expect(0);
    assert!(spoken.err.contains("events of 5 users in 2 days"), "{}", spoken.err);
    assert!(spoken.err.contains("SHA-256"), "{}", spoken.err);
}

#[test]
fn compressed_files_hold_the_same_lines() {
    let place = Place::new();
    let whole = generate(&[]).out;
    for (name, tool) in [("a.ndjson.gz", "gzip"), ("a.ndjson.zst", "zstd")] {
        place.run(&[&SMALL[..], &[name]].concat()).expect(0);
        assert!(place.read(name).len() * 3 < whole.len());
        let text: Vec<u8> = if tool == "gzip" {
            let mut text = Vec::new();
            let file = place.read(name);
            flate2::read::GzDecoder::new(&file[..]).read_to_end(&mut text).unwrap();
            text
        } else {
            zstd::decode_all(&place.read(name)[..]).unwrap()
        };
        assert!(text == whole, "{name}");
    }
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let place = Place::new();
    let mut command = place.command(&["generate", "--users", "3000", "--days", "60"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut begin = [0; 100];
    let mut out = child.stdout.take().unwrap();
    out.read_exact(&mut begin).unwrap();
    drop(out);
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0));
    assert_eq!(String::from_utf8(ended.stderr).unwrap(), "");
}

#[test]
fn density_is_about_what_was_asked_for() {
    let lines = generate(&["--density", "100"]).lines().len();
    assert!((1_500..2_500).contains(&lines), "{lines} events in 20 days");
    let lines = generate(&["--per-user-density", "0.5"]).lines().len();
    assert!((2_250..3_750).contains(&lines), "{lines} events of 300 users in 20 days");
}

#[test]
fn the_truth_beside_the_events_labels_every_fault() {
    let place = Place::new();
    let args = ["clean.ndjson"];
    place.run(&[&SMALL[..], &args].concat()).expect(0);
    let args = ["dirty.ndjson", "--truth", "truth.ndjson", "--dirty=late=0.05,duplicates=0.1"];
    place.run(&[&SMALL[..], &args].concat()).expect(0);
    let text = |name| String::from_utf8(place.read(name)).unwrap();
    let (clean, dirty, truth) = (text("clean.ndjson"), text("dirty.ndjson"), text("truth.ndjson"));
    let rows: Vec<Value> = truth.lines().map(|row| serde_json::from_str(row).unwrap()).collect();
    let (people, faults) = rows.split_at(300);
    assert!(people.iter().all(|row| row["userId"].is_string() && row["segment"].is_string()));
    let has =
        |row: &&Value, fault: &str| row["defects"].as_array().unwrap().iter().any(|it| it == fault);
    let copies = faults.iter().filter(|row| has(row, "duplicate")).count();
    assert_eq!(dirty.lines().count(), clean.lines().count() + copies);
    let share = clean.lines().count() / copies;
    assert!((9..=11).contains(&share), "one of {share} events came twice");
    let (mut clean, mut dirty): (Vec<_>, Vec<_>) =
        (clean.lines().collect(), dirty.lines().collect());
    clean.sort_unstable();
    dirty.sort_unstable();
    dirty.dedup();
    assert!(clean == dirty, "without its copies, in order, it is the clean one");
}

#[test]
fn the_truth_tells_who_left_and_why() {
    let place = Place::new();
    let args = ["truth", "--users", "2000", "--days", "90", "-q"];
    let ran = place.run(&args).expect(0);
    let rows: Vec<Value> =
        ran.lines().iter().map(|row| serde_json::from_str(row).unwrap()).collect();
    assert_eq!(rows.len(), 2_000);
    let left = rows.iter().filter(|row| row["leftAt"].is_string()).count();
    assert!(left > 20, "{left}");
    assert!(rows.iter().all(|row| row["leftAt"].is_string() == row["reason"].is_string()));
    let csv = place.run(&[&args[..], &["--format", "csv"]].concat()).expect(0);
    assert_eq!(csv.lines().len(), 2_001);
    let columns = csv.lines()[0].split(',').count();
    assert!(csv.lines().iter().all(|row| row.split(',').count() == columns));
}
