//! What docs/nats.md says is so: its programs publish, its commands are understood, its variables
//! and metrics are there.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use ciq_testkit::eventually;

use crate::nats_load::{await_stored, message};
use crate::nats_served::Served;
use crate::nats_support::{Bus, LIMIT};
use crate::support::{Place, ran};

/// The page.
const PAGE: &str = include_str!("../../../../docs/nats.md");

/// Where the packages of other languages are, unless `CUSTOMERIQ_TOOLS` says.
const TOOLS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/tools");

/// Returns what stands in the blocks of a language.
fn blocks(language: &str) -> Vec<&'static str> {
    let opening = format!("\n```{language}\n");
    let mut found = PAGE.split(opening.as_str());
    found.next();
    found.map(|rest| rest.split("\n```").next().unwrap()).collect()
}

/// Returns the rows of the table that begins with a cell.
fn rows(first_cell: &str) -> Vec<Vec<&'static str>> {
    let opening = format!("| {first_cell} |");
    let from = PAGE.lines().skip_while(|line| !line.starts_with(opening.as_str()));
    let cells = |line: &'static str| line.split('|').map(str::trim).collect::<Vec<_>>();
    let rows = from.skip(2).take_while(|line| line.starts_with('|')).map(cells);
    rows.map(|cells| cells[1..cells.len() - 1].to_vec()).collect()
}

/// Returns what stands between backticks.
fn quoted(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.split('`').skip(1).step_by(2)
}

/// Returns the folder of the packages of a language.
fn packages(folder: &str) -> PathBuf {
    let tools = std::env::var_os("CUSTOMERIQ_TOOLS").map_or_else(|| TOOLS.into(), PathBuf::from);
    let packages = tools.join(folder);
    assert!(packages.exists(), "run `cargo xtask tools`: there is no {}", packages.display());
    packages
}

/// Runs a publisher of the page, and checks that its customer comes into being.
#[track_caller]
fn check_publisher(language: &str, mut command: Command, customer: &str) {
    let bus = Bus::new();
    let service = Served::ready(&bus);
    let [program] = blocks(language)[..] else { panic!("the page has one program of {language}") };
    bus.place.write("publisher", program);
    let url = bus.server.url();
    command.arg("publisher").current_dir(bus.place.path("")).env("NATS_URL", url);
    let told = ran(command, b"").expect(0);
    assert_eq!(told.out.trim(), "CUSTOMER_EVENTS 1 new");
    await_stored(&bus.place, 1);
    let shown = bus.run(&["show", customer, "--json"]).expect(0).json();
    assert_eq!(shown["purchases"].as_array().unwrap().len(), 1, "{shown}");
    service.stop();
}

#[test]
fn the_publisher_in_javascript_publishes() {
    let mut node = Command::new("node");
    node.env("NODE_PATH", packages("node/node_modules"));
    check_publisher("js", node, "cust_7001");
}

#[test]
fn the_publisher_in_python_publishes() {
    check_publisher("python", Command::new(packages("python/bin/python")), "cust_7002");
}

#[test]
fn the_event_on_the_page_is_an_event() {
    let [event] = blocks("json")[..] else { panic!("the page has one event") };
    let place = Place::new();
    place.run_with(&["import", "-"], event).expect(0);
    place.run(&["show", "cust_7001"]).expect(0);
}

#[test]
fn every_command_on_the_page_is_understood() {
    let of_shell = blocks("sh").into_iter().flat_map(str::lines);
    let of_prose = PAGE.lines().filter(|line| !line.starts_with("```")).flat_map(quoted);
    let commands: BTreeSet<&str> = of_shell
        .chain(of_prose)
        .filter_map(|text| text.split_once("customeriq "))
        // Before the name there are variables at most.
        .filter(|(before, _)| before.split_whitespace().all(|word| word.contains('=')))
        .map(|(_, arguments)| arguments)
        .collect();
    assert!(commands.len() >= 10, "{commands:?}");
    let place = Place::new();
    for arguments in commands {
        let arguments: Vec<&str> = arguments.split_whitespace().chain(["--help"]).collect();
        place.run(&arguments).expect(0);
    }
}

#[test]
fn every_variable_on_the_page_is_there_with_its_default_and_none_is_left_out() {
    let help = Place::new().run(&["serve", "--help"]).expect(0).out;
    let mut told = BTreeSet::new();
    for row in rows("variable") {
        for variable in quoted(row[0]) {
            told.insert(variable);
            assert!(help.contains(variable), "{variable}");
            let Some((_, after)) = help.split_once(&format!("[env: {variable}")) else { continue };
            let after = after.split("\n\n").next().unwrap();
            let default = quoted(row[1]).next().map(|text| format!("[default: {text}]"));
            assert_eq!(after.contains("[default: "), default.is_some(), "{variable}");
            assert!(after.contains(default.as_deref().unwrap_or_default()), "{variable}: {after}");
        }
    }
    let is_sign = |sign: char| sign.is_ascii_uppercase() || sign == '_';
    let there = help.split(|sign| !is_sign(sign)).filter(|word| word.starts_with("NATS_"));
    assert_eq!(there.collect::<BTreeSet<_>>(), told);
}

#[test]
fn every_metric_on_the_page_is_there() {
    let bus = Bus::new();
    let service = Served::ready(&bus);
    bus.run(&["publish", "--event", "note"]).expect(0);
    let event = br#"{"customer_id": "c1", "event_type": "login", "timestamp": 1734134400}"#;
    bus.publish([
        message("customer.events.c2.login", event.as_slice()),
        message("customer.events.c3.login", b"{".as_slice()),
    ]);
    await_stored(&bus.place, 2);
    bus.await_settled();
    let told = service.follow("/api/stream?after=beginning&types=dead_letters.added", "\ndata: ");
    assert!(told.contains("\nevent: dead_letters.added"), "{told}");
    let metrics: Vec<&str> = rows("metric").iter().flat_map(|row| quoted(row[0])).collect();
    assert_eq!(metrics.len(), 8, "{metrics:?}");
    let is_there = |told: &str, metric: &str| told.contains(metric.split('{').next().unwrap());
    let missing = || {
        let told = service.get("/metrics");
        metrics.iter().filter(|metric| !is_there(&told, metric)).copied().collect::<Vec<_>>()
    };
    // Nothing is delivered twice here.
    let expected = ["customeriq_nats_redelivered_batches_total"];
    eventually(LIMIT, || missing() == expected);
    assert_eq!(missing(), expected);
    service.stop();
}
