//! `dead-letters`: shown, tried again, dropped.

use crate::support::{Place, Ran, STORY, ran};

/// A place where nothing of the story was stored, because nobody was known.
fn place_with_letters() -> (Place, Vec<String>) {
    let place = Place::new();
    without_customers(&place, &["import", "-"], STORY).expect(3);
    let ids = ids(&place);
    assert_eq!(ids.len(), 3);
    (place, ids)
}

fn without_customers(place: &Place, args: &[&str], stdin: &str) -> Ran {
    let mut command = place.command(args);
    command.env("NATS_AUTO_CREATE_CUSTOMER", "false");
    ran(command, stdin.as_bytes())
}

fn ids(place: &Place) -> Vec<String> {
    let letters = place.run(&["dead-letters", "list", "--json"]).expect(0).json();
    let letters = letters["data"].as_array().unwrap().iter();
    letters.map(|letter| letter["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_letter_is_shown_with_all_that_arrived() {
    let (place, ids) = place_with_letters();
    let told = place.run(&["dead-letters", "show", &ids[2]]).expect(0);
    assert!(told.out.contains("customer_id: nobody known holds"), "{}", told.out);
    assert!(told.out.contains("\"purchase_id\":\"ord_12345\""), "{}", told.out);
    let letter = place.run(&["dead-letters", "show", &ids[2], "--json"]).expect(0).json();
    assert_eq!(letter["payload"], STORY.lines().next().unwrap());
    assert_eq!(
        (&letter["payload_encoding"], &letter["form"]),
        (&"text".into(), &"envelope".into())
    );
    place.run(&["dead-letters", "show", "ded_00"]).expect(4);
}

#[test]
fn bytes_that_are_no_text_are_shown_all_the_same() {
    let place = Place::new();
    place.run_with(&["import", "-"], b"\xff\x00oh\n").expect(3);
    let id = ids(&place).remove(0);
    let told = place.run(&["dead-letters", "show", &id]).expect(0);
    assert!(told.out.contains(r"\xff\x00oh"), "{}", told.out);
    let letter = place.run(&["dead-letters", "show", &id, "--json"]).expect(0).json();
    assert_eq!(letter["payload"], "/wBvaA==");
    assert_eq!(letter["payload_encoding"], "base64");
}

#[test]
fn what_goes_through_is_no_letter_any_more() {
    let (place, ids) = place_with_letters();
    let told = place.run(&["dead-letters", "retry", &ids[2]]).expect(0);
    assert!(told.out.contains("1 dead letter tried again: 1 stored"), "{}", told.out);
    let told = place.run(&["dead-letters", "retry", "--all", "--json"]).expect(0).json();
    assert_eq!((&told["stored"], &told["rejected"]), (&2.into(), &0.into()));
    assert_eq!(self::ids(&place), Vec::<String>::new());
    let direct = Place::with_story();
    let events = |place: &Place| place.run(&["timeline", "cust_001", "--json"]).expect(0).json();
    assert_eq!(events(&place), events(&direct));
}

#[test]
fn what_was_stored_meanwhile_is_seen_before() {
    let (place, _) = place_with_letters();
    place.import(STORY);
    let told = place.run(&["dead-letters", "retry", "--all", "--json"]).expect(0).json();
    assert_eq!((&told["stored"], &told["duplicates"]), (&0.into(), &3.into()));
    assert!(ids(&place).is_empty());
}

#[test]
fn what_is_refused_again_stays() {
    let (place, before) = place_with_letters();
    let told = without_customers(&place, &["dead-letters", "retry", "--all"], "").expect(3);
    assert!(told.out.contains("3 refused again"), "{}", told.out);
    assert_eq!(ids(&place), before);
    let letter = place.run(&["dead-letters", "show", &before[0], "--json"]).expect(0).json();
    assert_eq!(letter["arrival_count"], 2);
}

#[test]
fn letters_are_dropped_when_that_is_meant() {
    let (place, before) = place_with_letters();
    let told = place.run(&["dead-letters", "drop", &before[0]]).expect(2);
    assert!(told.err.contains("--yes"), "{}", told.err);
    place.run(&["dead-letters", "drop", &before[0], "ded_00", "--yes"]).expect(4);
    assert_eq!(ids(&place), before);
    let told = place.run(&["dead-letters", "drop", &before[0], &before[1], "--yes"]).expect(0);
    assert!(told.out.contains("dropped 2 dead letters"), "{}", told.out);
    assert_eq!(ids(&place), before[2..]);
    place.run(&["dead-letters", "retry"]).expect(2);
}
