//! Bad values name their flag and say what to write instead.

use crate::support::Place;

#[track_caller]
fn check(args: &[&str], told: &str) {
    let ran = Place::new().run(args).expect(2);
    assert!(ran.err.contains(told), "{}", ran.err);
    assert!(ran.out.is_empty() && !ran.err.contains("hush"), "{}{}", ran.out, ran.err);
}

#[test]
fn wrong_values_name_the_flag_and_the_remedy() {
    check(&["--interval", "soon"], "--interval is unusable: \"soon\" is no time: write 500ms, 30s");
    check(&["--interval", "0s"], "--interval is unusable: \"0s\" is too short");
    check(&["--speed", "0.5x"], "--speed is unusable: \"0.5x\" is no speed: write 1x, 60x");
    check(&["--customers", "0"], "--customers is unusable: 0 is out of range: use 1 to 100000");
    check(&["--customers", "many"], "--customers is unusable: \"many\" is no number");
    check(&["--cycles", "-1"], "--cycles is unusable: \"-1\" is no number");
    check(&["--seed", "one"], "--seed is unusable: \"one\" is no number");
    check(&["--brand", "No Brand"], "--brand is unusable");
    check(&["--target", "localhost:3000"], "--target is unusable: it is no address: write http://");
    check(&["--target", "http://me:hush@localhost"], "--target is unusable: it names a user");
    check(&["--target", "nats://me:hush@bad host"], "--target is unusable");
    check(&["--state-from", "http://127.0.0.1:1"], "--state-from is unusable");
    check(&["--token", "hush?"], "unexpected argument '--token'");
}

#[test]
fn a_token_that_cannot_be_sent_is_named_and_not_shown() {
    let place = Place::new();
    let mut command = place.command(&[]);
    command.env("CUSTOMERIQ_TOKEN", "hush\nhush");
    let ran = crate::support::ran(command).expect(2);
    assert!(ran.err.contains("CUSTOMERIQ_TOKEN is unusable"), "{}", ran.err);
    assert!(!ran.err.contains("hush"), "{}", ran.err);
}

#[test]
fn help_tells_where_to_begin() {
    let ran = Place::new().run(&["--help"]).expect(0);
    assert!(ran.out.contains("simulator --speed 60x --cycles 120"), "{}", ran.out);
    assert!(ran.out.contains("CUSTOMERIQ_TOKEN"), "{}", ran.out);
}
