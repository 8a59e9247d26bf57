//! `erase`: gone, and it stays gone.

use crate::support::{Place, STORY};

#[test]
fn an_erased_customer_does_not_come_back() {
    let place = Place::with_story();
    let ran = place.run(&["erase", "cust_001"]).expect(2);
    assert!(ran.err.contains("--yes"), "{}", ran.err);
    place.run(&["show", "cust_001"]).expect(0);
    let ran = place.run(&["erase", "cust_001", "--yes", "--json"]).expect(0);
    assert_eq!((&ran.json()["events"], &ran.json()["purchases"]), (&3.into(), &1.into()));
    place.run(&["show", "cust_001"]).expect(4);
    let report = place.run_with(&["import", "-", "--json"], STORY).expect(0).json();
    assert_eq!((&report["stored"], &report["duplicates"]), (&0.into(), &3.into()));
    place.run(&["show", "cust_001"]).expect(4);
    let dump = place.run(&["dump"]).expect(0).out;
    assert!(!dump.contains("john.smith"), "{dump}");
    place.run(&["erase", "cust_001", "--yes"]).expect(4);
}

#[test]
fn what_was_erased_is_told() {
    let place = Place::with_story();
    let out = place.run(&["erase", "cust_001", "-y"]).expect(0).out;
    assert!(out.contains("erased 3 events, 1 purchase, 1 work order,"), "{out}");
}
