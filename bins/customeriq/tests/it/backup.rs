//! `backup` and `restore`.

use std::fs;

use ciq_event::Brand;
use ciq_store::Writer;
use serde_json::json;

use crate::service::Service;
use crate::support::{Place, STORY, event};

#[test]
fn a_backup_says_the_same_as_the_file_and_is_one_file() {
    let place = Place::with_story();
    let ran = place.run(&["backup", "b.db", "--json"]).expect(0).json();
    assert_eq!((&ran["customers"], &ran["events"]), (&1.into(), &3.into()));
    let of_backup = place.run(&["dump", "--db", "b.db"]).expect(0).out;
    assert_eq!(of_backup, place.run(&["dump"]).expect(0).out);
    let names: Vec<_> =
        fs::read_dir(place.path("")).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "the data, and one file: {names:?}");
}

#[test]
fn a_backup_of_a_served_file_is_of_one_moment() {
    let place = Place::with_story();
    let service = Service::start(&place);
    assert!(service.get("/readyz").starts_with("HTTP/1.1 200"));
    place.run(&["backup", "b.db"]).expect(0);
    place.import(&event(9, &json!({"customer_id": "later", "email": "later@x.org"})));
    service.tell_to_stop();
    service.end();
    let stats = |db: &[&str]| place.run(&[&["stats", "--json"], db].concat()).expect(0).json();
    assert_eq!(stats(&["--db", "b.db"])["event_count"], 3);
    assert_eq!(stats(&[])["event_count"], 4);
}

#[test]
fn a_backup_overwrites_nothing() {
    let place = Place::with_story();
    place.write("b.db", "precious");
    let ran = place.run(&["backup", "b.db"]).expect(2);
    assert!(ran.err.contains("b.db is there already: name another file"), "{}", ran.err);
    assert_eq!(place.read("b.db"), "precious");
    Place::new().run(&["backup", "b.db"]).expect(4);
}

#[test]
fn what_was_restored_says_what_was_backed_up() {
    let place = Place::with_story();
    place.run(&["backup", "b.db"]).expect(0);
    let then = place.run(&["dump"]).expect(0).out;
    place.import(&event(9, &json!({"customer_id": "later", "email": "later@x.org"})));
    let now = place.run(&["dump"]).expect(0).out;
    let ran = place.run(&["restore", "b.db"]).expect(2);
    assert!(ran.err.contains("--replace puts the backup in its place"), "{}", ran.err);
    place.run(&["restore", "b.db", "--replace"]).expect(0);
    assert_eq!(place.run(&["dump"]).expect(0).out, then);
    let kept = place.path(".customeriq/customeriq.db.bak");
    assert_eq!(place.run(&["dump", "--db", kept.to_str().unwrap()]).expect(0).out, now);
    // What came since is sent again, and what was in the backup is known.
    place.import(STORY);
    place.import(&event(9, &json!({"customer_id": "later", "email": "later@x.org"})));
    assert_eq!(place.run(&["dump"]).expect(0).out, now);
}

#[test]
fn a_backup_is_restored_where_there_is_nothing() {
    let place = Place::with_story();
    place.run(&["backup", "b.db"]).expect(0);
    let other = Place::new();
    let backup = place.path("b.db");
    other.run(&["restore", backup.to_str().unwrap()]).expect(0);
    assert_eq!(other.run(&["dump"]).expect(0).out, place.run(&["dump"]).expect(0).out);
}

#[test]
fn a_file_that_cannot_be_read_any_more_is_restored() {
    let place = Place::with_story();
    place.run(&["backup", "b.db"]).expect(0);
    let dump = place.run(&["dump"]).expect(0).out;
    fs::write(place.db(), "torn").unwrap();
    place.run(&["restore", "b.db", "--replace"]).expect(0);
    assert_eq!(place.run(&["dump"]).expect(0).out, dump);
}

#[test]
fn what_is_no_sound_backup_of_the_brand_replaces_nothing() {
    let place = Place::with_story();
    let dump = place.run(&["dump"]).expect(0).out;
    place.run(&["restore", "nothing.db", "--replace"]).expect(4);
    place.write("text.db", "not a database at all, and long enough to have a header to look at");
    let ran = place.run(&["restore", "text.db", "--replace"]).expect(1);
    assert!(ran.err.contains("not a database of customeriq"), "{}", ran.err);
    let acme = Brand::parse("acme").unwrap();
    drop(Writer::open(place.path("acme.db"), &acme).unwrap());
    let ran = place.run(&["restore", "acme.db", "--replace"]).expect(2);
    assert!(ran.err.contains("restore it with --brand acme"), "{}", ran.err);
    place.run(&["backup", "b.db"]).expect(0);
    let whole = fs::read(place.path("b.db")).unwrap();
    fs::write(place.path("torn.db"), &whole[..whole.len() / 2]).unwrap();
    place.run(&["restore", "torn.db", "--replace"]).expect(1);
    assert_eq!(place.run(&["dump"]).expect(0).out, dump);
    let names = fs::read_dir(place.path(".customeriq")).unwrap();
    assert_eq!(names.count(), 1, "nothing is left behind");
}

#[test]
fn a_file_that_is_served_is_not_replaced() {
    let place = Place::with_story();
    place.run(&["backup", "b.db"]).expect(0);
    let service = Service::start(&place);
    assert!(service.get("/readyz").starts_with("HTTP/1.1 200"));
    let ran = place.run(&["restore", "b.db", "--replace"]).expect(1);
    assert!(ran.err.contains("stop `customeriq serve`"), "{}", ran.err);
    service.tell_to_stop();
    service.end();
    place.run(&["restore", "b.db", "--replace"]).expect(0);
}
