//! Plans: nothing is called, no key is needed, and the same seed gives the same bytes.

use crate::support::Place;

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let place = Place::new();
    let plan = |seed: &str| place.run(&["plan", "--json", "--seed", seed]).expect(0).out;
    assert_eq!(plan("7"), plan("7"));
    assert_ne!(plan("7"), plan("8"));
    let start = place.run(&["plan", "--json", "--seed", "7", "--start", "2024-02"]).expect(0);
    assert_eq!(start.out, plan("7"), "dates are no part of a plan");
    assert!(place.files().is_empty());
}

#[test]
fn a_dry_run_is_the_plan() {
    let place = Place::new();
    let args = ["--customers", "20", "--seed", "3"];
    let plan = place.run(&[&["plan"], &args[..]].concat()).expect(0);
    let dry = place.run(&[&["generate", "--dry-run"], &args[..]].concat()).expect(0);
    assert_eq!(plan.out, dry.out);
    assert!(place.files().is_empty());
}

#[test]
fn a_plan_of_a_hundred_has_everything() {
    let plan = Place::new().run(&["plan", "--json"]).expect(0).json();
    assert_eq!(plan["customers"].as_array().unwrap().len(), 100);
    let months = plan["months"].as_array().unwrap();
    assert_eq!(months.len(), 7);
    let changes: Vec<usize> =
        months.iter().map(|month| month["changes"].as_array().unwrap().len()).collect();
    assert_eq!(changes, [0, 3, 5, 4, 5, 5, 3]);
}
