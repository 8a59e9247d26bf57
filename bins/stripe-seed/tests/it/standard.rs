//! The whole standard run, without a key, and again.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::support::{Place, SMALL};
use crate::world::state;

/// How long the standard run may take against a twin without limits; the program that is tested
/// here is not an optimised one, and shares the machine with other tests.
const STANDARD_MAX: Duration = Duration::from_secs(60);

#[test]
fn the_standard_run_is_as_documented() {
    let place = Place::new();
    let report = place.run(&["generate", "--twin", "--json", "--quiet"]).expect(0).json();
    assert_eq!((&report["customers"], &report["clocks"]), (&100.into(), &34.into()), "{report}");
    assert_eq!(report["differences"], Value::Array(Vec::new()), "{report}");
    assert!(report["seconds"].as_f64().unwrap() < STANDARD_MAX.as_secs_f64(), "{report}");

    let rows = place.json("config/sub_snapshots.json");
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    let rows = rows.as_array().unwrap();
    for row in rows {
        *counts.entry(row["month"].as_str().unwrap()).or_default() += 1;
        if row["month"] == rows[0]["month"] {
            *first.entry(row["plan"].as_str().unwrap()).or_default() += 1;
        }
    }
    assert_eq!(counts.values().copied().collect::<Vec<_>>(), [100, 99, 98, 96, 95, 93, 92]);
    assert_eq!(rows.len(), 673);
    let mix =
        [("Engage", 15), ("Enterprise", 10), ("Free", 25), ("Pro Plus", 32), ("Standard", 18)];
    assert_eq!(first.into_iter().collect::<Vec<_>>(), mix);
    let last = counts.keys().last().unwrap();
    let past_due = |row: &&Value| row["month"] == *last && row["status"] == "past_due";
    assert_eq!(rows.iter().filter(past_due).count(), 5);

    let files = ["current_run.json", "invoices.json", "run_journal.ndjson"];
    let more = ["stripe_prices.json", "sub_snapshots.json", "twin.ndjson"];
    assert_eq!(place.files(), [&files[..], &more].concat());
    place.run(&["verify"]).expect(0);
    check_revenue(&place);
}

/// Movements add up in every month, and each month begins where the last one ended.
#[track_caller]
fn check_revenue(place: &Place) {
    let months = place.run(&["mrr", "--json"]).expect(0).json();
    let months = months["months"].as_array().or(months.as_array()).unwrap().clone();
    assert_eq!(months.len(), 7);
    let cents = |month: &Value, name: &str| month[name].as_i64().unwrap();
    let mut closing = 0;
    for month in &months {
        assert_eq!(cents(month, "opening_cents"), closing, "{month}");
        let gains = ["new_cents", "reactivation_cents", "expansion_cents"];
        let losses = ["contraction_cents", "churn_cents"];
        let sum = |names: &[&str]| names.iter().map(|name| cents(month, name)).sum::<i64>();
        closing += sum(&gains) - sum(&losses);
        assert_eq!(cents(month, "closing_cents"), closing, "{month}");
    }
    for format in ["table", "csv", "svg"] {
        let told = place.run(&["mrr", "--format", format]).expect(0).out;
        let file = format!("mrr.{format}");
        place.run(&["mrr", "--format", format, "--out-file", &file]).expect(0);
        assert_eq!(place.read(&file).trim_end(), told.trim_end());
        assert!(told.lines().count() >= 8, "{told}");
    }
}

#[test]
fn a_finished_run_begins_anew_and_comes_to_the_same() {
    let place = Place::new();
    let args = [&["generate", "--twin"][..], &SMALL].concat();
    let told = place.run(&args).expect(0);
    assert!(told.out.contains("verified: everything is as planned"), "{}", told.out);
    assert!(told.err.contains("next: stripe-seed mrr"), "{}", told.err);
    let once = state(&place);
    let run_id = place.json("config/current_run.json")["run_id"].clone();
    place.run(&args).expect(0).says("run demo is finished: beginning anew");
    assert_eq!(state(&place), once);
    assert_ne!(place.json("config/current_run.json")["run_id"], run_id);
    place.run(&["resume"]).expect(0).says("run demo is finished: nothing is left to do");
    let status = place.run(&["status", "--json"]).expect(0).json();
    assert_eq!((&status["is_finished"], &status["months_done"]), (&true.into(), &2.into()));
    assert!(place.run(&["status"]).expect(0).out.contains("state      finished"));
}

#[test]
fn quiet_says_nothing_on_standard_error() {
    let place = Place::new();
    let args = [&["generate", "--twin", "--quiet"][..], &SMALL].concat();
    assert_eq!(place.run(&args).expect(0).err, "");
}

#[test]
fn prices_are_made_once_and_found_again() {
    let place = Place::new();
    let made = place.run(&["prices", "--twin"]).expect(0).out;
    assert_eq!(made.matches("created").count(), 5, "{made}");
    let first = place.json("config/stripe_prices.json");
    let found = place.run(&["prices", "--twin", "--json"]).expect(0).json();
    assert!(found.as_array().unwrap().iter().all(|price| price["is_created"] == false), "{found}");
    assert_eq!(place.json("config/stripe_prices.json"), first);
}
