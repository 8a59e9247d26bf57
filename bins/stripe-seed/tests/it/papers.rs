//! Help, completions and manual pages.

use crate::support::{Place, ran};

#[test]
fn help_tells_the_first_steps() {
    let place = Place::new();
    let out = place.run(&["--help"]).expect(0).out;
    for step in ["stripe-seed plan", "stripe-seed generate --twin", "Exit codes"] {
        assert!(out.contains(step), "{out}");
    }
    place.run(&["frobnicate"]).expect(2);
    place.run(&[]).expect(2);
    assert!(place.run(&["--version"]).expect(0).out.starts_with("stripe-seed "));
}

#[test]
fn shells_get_completions() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let out = place.run(&["completions", shell]).expect(0).out;
        assert!(out.contains("dry-run"), "{shell}");
    }
}

#[test]
fn manual_pages_are_written() {
    let place = Place::new();
    assert!(place.run(&["man"]).expect(0).out.contains(".TH stripe-seed 1"));
    place.run(&["man", "pages"]).expect(0);
    assert!(place.read("pages/stripe-seed-twin.1").contains("internal_failure"));
}

#[test]
fn help_shows_no_secret() {
    let place = Place::new();
    let names =
        ["STRIPE_SECRET_KEY", "STRIPE_API_BASE", "STRIPE_WEBHOOK_SECRET", "HTTP_SINK_TOKEN"];
    for args in
        [["--help"].as_slice(), &["generate", "--help"], &["events", "--oops"], &["twin", "-h"]]
    {
        let mut command = place.command(args);
        for name in names {
            command.env(name, "hush-hush");
        }
        let ran = ran(command);
        assert!(!ran.out.contains("hush") && !ran.err.contains("hush"), "{ran:?}");
    }
}
