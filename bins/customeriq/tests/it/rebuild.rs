//! `dump`, `export` and `rebuild`.

use crate::support::{Place, STORY, event};

#[test]
fn a_dump_is_the_same_for_the_same_events_in_any_order() {
    let place = Place::with_story();
    let other = Place::new();
    let backwards: Vec<_> = STORY.lines().rev().collect();
    other.import(&backwards.join("\n"));
    let dump = place.run(&["dump"]).expect(0).out;
    assert_eq!(dump, other.run(&["dump"]).expect(0).out);
    assert!(dump.lines().any(|line| line.starts_with("purchases\t\"ord_12345\"")), "{dump}");
}

#[test]
fn a_rebuild_says_the_same_and_changes_nothing() {
    let place = Place::with_story();
    let before = place.run(&["dump"]).expect(0).out;
    let ran = place.run(&["rebuild"]).expect(0);
    assert!(
        ran.out.contains("3 messages and 0 decisions again: the outcome is the same"),
        "{ran:?}"
    );
    assert_eq!(place.run(&["dump"]).expect(0).out, before);
    let names = std::fs::read_dir(place.path(".customeriq")).unwrap();
    assert_eq!(names.count(), 1, "nothing is left behind");
}

#[test]
fn decisions_and_erasures_are_folded_again() {
    let place = Place::with_story();
    for (second, email) in [(1, "a@x.org"), (2, "b@x.org"), (3, "c@x.org")] {
        let fields = serde_json::json!({"customer_id": format!("c{second}"), "email": email});
        place.import(&event(second, &fields));
    }
    place.run_with(&["import", "-"], "{}\n").expect(3);
    let joined = place.run(&["merges", "join", "c1", "c2", "--reason", "same", "--json"]).expect(0);
    let merge = joined.json()["merge_id"].as_str().unwrap().to_owned();
    place.run(&["erase", "cust_001", "-y"]).expect(0);
    place.run(&["merges", "undo", &merge]).expect(0);
    place.run(&["merges", "join", "c2", "c3", "--reason", "same"]).expect(0);
    let report = place.run(&["rebuild", "--json"]).expect(0).json();
    assert_eq!((&report["is_same"], &report["decisions"]), (&true.into(), &4.into()));
}

#[test]
fn a_rebuild_replaces_the_file_when_asked() {
    let place = Place::with_story();
    let before = place.run(&["dump"]).expect(0).out;
    let ran = place.run(&["rebuild", "--replace", "--json"]).expect(0);
    assert_eq!(ran.json()["is_same"], true);
    assert_eq!(ran.json()["is_replaced"], true);
    assert_eq!(place.run(&["dump"]).expect(0).out, before);
    let backup = place.path(".customeriq/customeriq.db.bak");
    let of_backup = place.run(&["dump", "--db", backup.to_str().unwrap()]).expect(0).out;
    assert_eq!(of_backup, before);
}

#[test]
fn a_rebuild_notices_what_somebody_changed_by_hand() {
    let place = Place::with_story();
    place.sqlite3("UPDATE event SET title = 'by hand'; DELETE FROM purchase");
    place.run(&["doctor", "--port", "0"]).expect(1);
    let ran = place.run(&["rebuild"]).expect(1);
    assert!(ran.err.contains("something else"), "{}", ran.err);
    place.run(&["rebuild", "--replace"]).expect(0);
    place.run(&["doctor", "--port", "0"]).expect(0);
}

#[test]
fn tables_are_exported() {
    let place = Place::with_story();
    let csv = place.run(&["export", "purchases"]).expect(0).out;
    let mut lines = csv.lines();
    assert!(lines.next().unwrap().starts_with("id,customer_id,product_name,"), "{csv}");
    assert!(lines.next().unwrap().starts_with("ord_12345,cust_001,Wireless Headphones Pro,"));
    let args = ["export", "customers", "--format", "ndjson", "--out", "c.ndjson"];
    let ran = place.run(&args).expect(0);
    assert_eq!(ran.out, "");
    let row: serde_json::Value = serde_json::from_str(&place.read("c.ndjson")).unwrap();
    assert_eq!(
        (&row["id"], row["lifetime_value"].to_string().as_str()),
        (&"cust_001".into(), "299.99")
    );
    place.run(&["export", "sqlite_schema"]).expect(2);
    assert_eq!(place.run(&["export", "merge_history"]).expect(0).out.lines().count(), 0);
}
