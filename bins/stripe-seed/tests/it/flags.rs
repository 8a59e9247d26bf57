//! Bad values name their flag and say what to write instead; nothing is called and nothing written.

use crate::support::Place;

#[track_caller]
fn check(args: &[&str], told: &str) {
    let place = Place::new();
    let ran = place.run(args).expect(2);
    assert!(ran.err.contains(told), "{}", ran.err);
    assert!(ran.out.is_empty(), "{}", ran.out);
    assert!(place.files().is_empty());
}

#[test]
fn wrong_values_name_the_flag_and_the_remedy() {
    check(&["plan", "--seed", "one"], "--seed is unusable: \"one\" is no number");
    check(&["plan", "--months", "-1"], "--months is unusable: \"-1\" is no number");
    check(&["plan", "--run", "No Name"], "--run is unusable: \"No Name\" is no name: use 1 to 40");
    check(&["plan", "--start", "2026"], "--start is unusable: \"2026\" is no month: write it as");
    check(
        &["plan", "--proration", "some"],
        "--proration is unusable: \"some\" is none: use create_",
    );
    check(&["plan", "--customers", "9", "--free", "1"], "cannot be used with");
    check(&["generate", "--twin", "--workers", "0"], "--workers is unusable: 0 is out of range");
    check(&["generate", "--twin", "--rate", "fast"], "--rate is unusable: \"fast\" is no number");
    check(&["generate", "--twin", "--clock-timeout", "soon"], "--clock-timeout is unusable");
    check(&["generate", "--twin", "--api-base", "http://a"], "cannot be used with");
    check(&["twin", "--port", "70000"], "--port is unusable: \"70000\" is no port: use 0 to 65535");
    check(&["twin", "--fault-429", "101"], "--fault-429 is unusable: \"101\" is no share");
    check(&["twin", "--fault-429", "60", "--fault-500", "60"], "it is more than 100");
    check(&["twin", "--dunning", "never"], "--dunning is unusable: \"never\" is none");
    check(&["twin", "--advance-ms", "-5"], "--advance-ms is unusable: -5 is out of range");
    check(&["twin", "--webhook", "here"], "--webhook is unusable: it is no address");
    check(
        &["twin", "--webhook", "http://127.0.0.1:1"],
        "STRIPE_WEBHOOK_SECRET is unusable: set it",
    );
}

#[test]
fn what_cannot_be_planned_is_told() {
    check(
        &["plan", "--customers", "3", "--past-due", "4"],
        "plan fewer customers past due, or more",
    );
    check(
        &["plan", "--customers", "6", "--cancellations", "9"],
        "plan fewer cancellations, or more",
    );
    check(&["generate", "--months", "0"], "a run cannot have 0 months: choose 1 to 24");
    check(&["generate", "--customers", "0"], "a run cannot have 0 customers: choose 1 to");
}
