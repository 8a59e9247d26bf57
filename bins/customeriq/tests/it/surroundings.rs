//! Files that are not ours, variables, `.env`.

use std::process::Command;

use crate::support::{Place, STORY, ran};

#[test]
fn a_file_that_is_not_ours_is_left_as_it_is() {
    let place = Place::new();
    place.write("notes.txt", "these are my notes, and they are longer than a header of a hundred bytes, or so I hope for them");
    let mut other = Command::new("sqlite3");
    other.arg(place.path("other.db"));
    ran(other, b"CREATE TABLE customers (id); INSERT INTO customers VALUES (1);").expect(0);
    for name in ["notes.txt", "other.db"] {
        let before = std::fs::read(place.path(name)).unwrap();
        for args in [["stats"].as_slice(), &["import", "-"], &["dump"], &["erase", "a", "-y"]] {
            let mut args = args.to_vec();
            args.extend(["--db", name]);
            let ran = place.run_with(&args, STORY).expect(1);
            assert!(ran.err.contains("not a database of customeriq"), "{args:?}: {}", ran.err);
            assert!(ran.err.contains("--db"), "{}", ran.err);
        }
        assert_eq!(std::fs::read(place.path(name)).unwrap(), before, "{name}");
    }
}

#[test]
fn a_file_whose_making_was_cut_off_is_made_anew() {
    let place = Place::new();
    // This much is there when a process is killed before its first commit.
    let mut begun = Command::new("sqlite3");
    begun.arg(place.path("begun.db"));
    ran(begun, b"PRAGMA page_size = 8192; PRAGMA journal_mode = WAL;").expect(0);
    assert_eq!(std::fs::metadata(place.path("begun.db")).unwrap().len(), 8_192);
    place.run(&["stats", "--db", "begun.db"]).expect(4);
    place.run_with(&["import", "-", "--db", "begun.db"], STORY).expect(0);
    let stats = place.run(&["stats", "--json", "--db", "begun.db"]).expect(0).json();
    assert_eq!(stats["event_count"], 3);
}

#[test]
fn a_file_of_a_later_program_is_left_as_it_is() {
    let place = Place::with_story();
    place.sqlite3("PRAGMA user_version = 99");
    let ran = place.run(&["stats"]).expect(1);
    assert!(ran.err.contains("use a newer program"), "{}", ran.err);
    place.run_with(&["import", "-"], STORY).expect(1);
}

#[test]
fn without_a_file_the_next_step_is_told() {
    let place = Place::new();
    for args in [
        ["stats"].as_slice(),
        &["customers"],
        &["show", "a"],
        &["erase", "a", "-y"],
        &["rebuild"],
        &["merges", "undo", "mrg_00000000000000000000000000000000"],
    ] {
        let ran = place.run(args).expect(4);
        assert!(ran.err.contains("customeriq import FILE"), "{}", ran.err);
    }
    assert!(!place.db().exists());
}

#[test]
fn flags_beat_variables_and_variables_beat_the_env_file() {
    let place = Place::new();
    place.write(".env", "SQLITE_PATH=~/from-file.db\nCUSTOMERIQ_CURRENCY=EUR\n");
    place.import(STORY);
    assert!(place.path("from-file.db").exists());
    assert!(place.run(&["show", "cust_001"]).expect(0).out.contains("299.99 EUR"));
    let mut command = place.command(&["import", "-"]);
    command.env("SQLITE_PATH", "from-variable.db");
    ran(command, STORY.as_bytes()).expect(0);
    assert!(place.path("from-variable.db").exists());
    let mut command = place.command(&["import", "-", "--db", "from-flag.db"]);
    command.env("SQLITE_PATH", "from-variable-2.db");
    ran(command, STORY.as_bytes()).expect(0);
    assert!(place.path("from-flag.db").exists() && !place.path("from-variable-2.db").exists());
}

#[test]
fn a_broken_env_file_is_told_without_its_contents() {
    let place = Place::with_story();
    place.write(".env", "TWILIO_AUTH_TOKEN 'hush\n");
    let ran = place.run(&["stats"]).expect(0);
    assert!(ran.err.contains("could not use .env"), "{}", ran.err);
    assert!(!ran.err.contains("hush"), "{}", ran.err);
}

#[test]
fn colours_are_there_when_asked_for() {
    let place = Place::with_story();
    assert!(place.run(&["stats", "--color", "always"]).expect(0).out.contains("\u{1b}[1m"));
    assert!(!place.run(&["stats"]).expect(0).out.contains('\u{1b}'));
}
