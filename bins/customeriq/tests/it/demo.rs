//! `demo`: people told apart.

use std::io::Read as _;
use std::process::Stdio;

use crate::support::Place;

#[test]
fn sixty_people_are_told_apart() {
    let place = Place::new();
    let args = ["demo", "--people", "60", "--no-serve", "--json"];
    let report = place.run(&args).expect(0).json();
    assert_eq!(report["people"], 60);
    assert_eq!(report["refused"], 0);
    assert_eq!(report["precision"], 1.0);
    assert!(report["recall"].as_f64().unwrap() >= 0.99, "{report}");
    assert!(report["events_per_second"].as_u64().unwrap() > 0);
    assert_eq!(report["customers"], 60);
    let db = report["database"].as_str().unwrap();
    let stats = place.run(&["stats", "--json", "--db", db]).expect(0).json();
    assert_eq!(stats["event_count"], report["events"]);
    // The demo makes its own file anew each time, whatever the number of threads.
    let dump = place.run(&["dump", "--db", db]).expect(0).out;
    place.run(&["demo", "--people", "60", "--no-serve", "--threads", "1"]).expect(0);
    assert_eq!(place.run(&["dump", "--db", db]).expect(0).out, dump);
}

#[test]
fn the_demo_never_takes_a_file_away() {
    let place = Place::with_story();
    let db = place.db();
    let args = ["demo", "--people", "1", "--no-serve", "--db", db.to_str().unwrap()];
    place.run(&args).expect(2);
    let mut command = place.command(&["demo", "--people", "1", "--no-serve"]);
    command.env("SQLITE_PATH", &db);
    crate::support::ran(command, b"").expect(0);
    place.run(&["show", "cust_001"]).expect(0);
    place.run(&["demo", "--days", "1", "--no-serve"]).expect(2);
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let place = Place::new();
    place.run(&["demo", "--people", "20", "--no-serve", "--db", "d.db"]).expect(0);
    for args in [
        ["dump"].as_slice(),
        &["export", "customer_events"],
        &["export", "customer_events", "--format", "ndjson"],
    ] {
        let mut command = place.command(args);
        command.args(["--db", "d.db"]).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut out = child.stdout.take().unwrap();
        out.read_exact(&mut [0; 10]).unwrap();
        drop(out);
        let ended = child.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(0), "{args:?}");
        assert_eq!(String::from_utf8(ended.stderr).unwrap(), "");
    }
}
