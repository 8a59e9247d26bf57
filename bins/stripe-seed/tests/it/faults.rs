//! Answers that fail, get lost or come as a page of HTML.

use crate::support::{Place, SMALL, TwinProcess};
use crate::world::{check_no_duplicates, state};

/// Checks that a run against such a twin comes to what it comes to without faults.
#[track_caller]
fn check(faults: &[&str]) {
    let args = [&["generate", "--start", "2026-01", "--quiet", "--json"][..], &SMALL].concat();
    let calm = Place::new();
    calm.run(&[&args[..], &["--twin"]].concat()).expect(0);
    let twin = TwinProcess::start(faults);
    let place = Place::new();
    let report = place.run_at(&twin.url, &[&args[..], &["--rate", "0"]].concat()).expect(0).json();
    assert!(report["retries"].as_u64().unwrap() > 0, "{report}");
    assert_eq!(state(&place), state(&calm));
    check_no_duplicates(&twin, &place);
}

#[test]
fn faults_of_every_kind_change_nothing() {
    check(&["--fault-429", "5", "--fault-500", "4", "--fault-lost", "4", "--seed", "3"]);
}

#[test]
fn pages_of_html_in_between_change_nothing() {
    check(&["--fault-html", "8", "--fault-lost", "3", "--advance-ms", "30", "--seed", "4"]);
}

#[test]
fn a_twin_with_a_limit_is_kept_to() {
    check(&["--rate", "20"]);
}

#[test]
fn dunning_that_cancels_is_told_as_a_difference() {
    let twin = TwinProcess::start(&["--dunning", "cancel"]);
    let place = Place::new();
    let flags = ["--past-due", "1", "--months", "3", "--seed", "5"];
    let args = [&["generate", "--rate", "0", "--quiet", "--customers", "9"][..], &flags].concat();
    let told = place.run_at(&twin.url, &args).expect(1);
    assert!(
        told.out.contains("cancelled by dunning") && told.err.contains("differences"),
        "{told:?}"
    );
}
