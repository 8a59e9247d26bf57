//! Every request is one that Stripe's published description knows.
//!
//! Stripe's own library for Python is made from that description; `check.py` reads its source.

use std::path::PathBuf;
use std::process::Command;

use serde_json::json;

use crate::support::{Place, Ran, SMALL, TwinProcess, ran};

/// What holds requests against the description.
const CHECKER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/spec/check.py");

/// Where the packages of other languages are, unless `CUSTOMERIQ_TOOLS` says.
const TOOLS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/tools");

/// The version of the API that requests are made for.
const API: &str = "2026-09-30.endive";

fn checked(records: &[PathBuf]) -> Ran {
    let tools = std::env::var_os("CUSTOMERIQ_TOOLS").map_or_else(|| TOOLS.into(), PathBuf::from);
    let library = tools.join("stripe/files");
    assert!(library.exists(), "run `cargo xtask tools`: there is no {}", library.display());
    let mut command = Command::new("python3");
    command.arg(CHECKER).arg(library).args(records);
    ran(command)
}

#[test]
fn every_request_is_of_the_published_description() {
    let twin = TwinProcess::start(&["--record", "record", "--advance-ms", "50"]);
    let place = Place::new();
    let flags = ["--rate", "0", "--quiet", "--customers", "40", "--months", "3"];
    // Downgrades and failing cards too, and every way to settle a change.
    for (proration, run) in [("create_prorations", "a"), ("none", "b"), ("always_invoice", "c")] {
        let more = ["--proration", proration, "--run", run, "--downgrades", "2", "--past-due", "3"];
        let args = [&["generate"][..], &flags, &more, &["--cancellations", "3"]].concat();
        place.run_at(&twin.url, &args).expect(0);
    }
    place.run_at(&twin.url, &["prices", "--rate", "0"]).expect(0);
    place.run_at(&twin.url, &["verify", "--rate", "0"]).expect(0);
    place.run_at(&twin.url, &["events", "--live", "--rate", "0"]).expect(0);
    place.run_at(&twin.url, &["cleanup", "--all", "--yes", "--rate", "0"]).expect(0);
    let told = checked(&[twin.place.path("record")]).expect(0).out;
    assert!(told.trim_end().ends_with(&format!("API {API}: 0 violations")), "{told}");
    let operations = told.split(", ").nth(1).unwrap();
    assert!(operations.split(' ').next().unwrap().parse::<u32>().unwrap() >= 15, "{told}");
}

#[test]
fn requests_after_a_kill_are_of_the_description_too() {
    let faults = ["--fault-500", "5", "--fault-lost", "5", "--seed", "9"];
    let twin = TwinProcess::start(&[&["--record", "record"], &faults[..]].concat());
    let place = Place::new();
    let args = [&["generate", "--rate", "0", "--quiet"][..], &SMALL].concat();
    place.run_at(&twin.url, &args).expect(0);
    // What is found on the server instead of in the journal is asked for by other requests.
    let run = place.read("config/current_run.json");
    let (begin, _) = run.split_once("\"finished_at\"").unwrap();
    let (_, rest) = run.split_once("\"months_done\"").unwrap();
    let undone = format!("{begin}\"finished_at\": null,\n  \"months_done\"{rest}");
    std::fs::write(place.path("config/current_run.json"), undone).unwrap();
    std::fs::remove_file(place.path("config/run_journal.ndjson")).unwrap();
    place.run_at(&twin.url, &["resume", "--quiet", "--rate", "0"]).expect(0);
    checked(&[twin.place.path("record")]).expect(0);
}

/// Requests, and what the checker should say about each; nothing where it is as it should be.
const REQUESTS: [(&str, &str, &str, &str); 18] = [
    ("POST", CLOCKS, "frozen_time=1&name=a", ""),
    ("POST", CLOCKS, "name=a", "frozen_time: it is required, and missing"),
    ("POST", CLOCKS, "frozen_time=soon", "frozen_time: 'soon' is no integer"),
    ("POST", CLOCKS, "frozen_time=1&title=a", "title: there is no such field"),
    ("POST", "/v1/clocks", "name=a", "there is no such operation"),
    ("POST", SUBSCRIPTIONS, "customer=a&items[0][price]=b&items[0][quantity]=3", ""),
    ("POST", SUBSCRIPTIONS, "items[0][prize]=b", "items[0][prize]: there is no such field"),
    ("POST", SUBSCRIPTIONS, "items[0][quantity]=2.5", "items[0][quantity]: '2.5' is no integer"),
    ("POST", SUBSCRIPTIONS, "items=a", "items: 'a' is no list"),
    (
        "POST",
        SUBSCRIPTIONS,
        "proration_behavior=some",
        "'some' is none of always_invoice, create_prorations, none",
    ),
    ("POST", PRICES, "currency=usd&recurring[interval]=month", ""),
    (
        "POST",
        PRICES,
        "currency=usd&recurring[interval_count]=1",
        "recurring[interval]: it is required, and missing",
    ),
    ("POST", PRICES, "currency=usd&recurring[interval]=moon", "'moon' is none of day, month"),
    ("GET", PRICES, "lookup_keys[0]=a&active=yes", "active: 'yes' is neither true nor false"),
    ("GET", PRICES, "lookup_keys=a", "lookup_keys: 'a' is no list"),
    ("GET", PRICES, "lookup_keys[0]=a&limit=100", ""),
    ("DELETE", "/v1/subscriptions/sub_1", "prorate=false", ""),
    ("DELETE", "/v1/subscriptions/sub_1", "refund=all", "refund: there is no such field"),
];

const CLOCKS: &str = "/v1/test_helpers/test_clocks";
const SUBSCRIPTIONS: &str = "/v1/subscriptions";
const PRICES: &str = "/v1/prices";

#[test]
fn the_checker_catches_what_the_description_does_not_know() {
    let place = Place::new();
    let lines = REQUESTS.map(|(method, path, parameters, _)| {
        let (query, body) = if method == "GET" { (parameters, "") } else { ("", parameters) };
        json!({ "method": method, "path": path, "query": query, "body": body }).to_string()
    });
    std::fs::write(place.path("record"), lines.join("\n")).unwrap();
    let told = checked(&[place.path("record")]).expect(1).out;
    for (number, (method, path, parameters, says)) in (1..).zip(REQUESTS) {
        let is_of_it = |line: &&str| line.contains(&format!("record:{number}: "));
        let lines: Vec<&str> = told.lines().filter(is_of_it).collect();
        assert_eq!(
            lines.len(),
            usize::from(!says.is_empty()),
            "{method} {path} {parameters}: {told}"
        );
        assert!(lines.iter().all(|line| line.contains(says)), "{says}: {told}");
    }
}
