//! Help, completions and manual pages.

use crate::support::Place;

#[test]
fn without_a_command_the_next_steps_are_told() {
    let place = Place::new();
    let out = place.run(&[]).expect(0).out;
    for step in ["customeriq demo", "customeriq import FILE", "customeriq serve"] {
        assert!(out.contains(step), "{out}");
    }
    place.run(&["frobnicate"]).expect(2);
    assert!(place.run(&["--version"]).expect(0).out.starts_with("customeriq "));
}

#[test]
fn shells_get_completions() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let out = place.run(&["completions", shell]).expect(0).out;
        assert!(out.contains("dead-letters"), "{shell}");
    }
}

#[test]
fn manual_pages_are_written() {
    let place = Place::new();
    assert!(place.run(&["man"]).expect(0).out.contains(".TH customeriq 1"));
    place.run(&["man", "pages"]).expect(0);
    assert!(place.read("pages/customeriq-import.1").contains("rejected"));
    assert!(place.read("pages/customeriq-replay-stream.1").contains("subjects"));
    assert!(place.read("pages/customeriq-automations-add.1").contains("TOML"));
}

#[test]
fn help_shows_no_secret() {
    let place = Place::new();
    for args in [
        ["help"].as_slice(),
        &["serve", "--help"],
        &["--help"],
        &["serve", "--oops"],
        &["publish", "--help"],
        &["publish", "--event", "note"],
        &["automations", "evaluate", "--help"],
        &["automations", "evaluate"],
    ] {
        let mut command = place.command(args);
        for name in [
            "CUSTOMERIQ_TOKENS",
            "SHOPIFY_WEBHOOK_SECRET",
            "TWILIO_AUTH_TOKEN",
            "STRIPE_WEBHOOK_SECRET",
            "NATS_PASSWORD",
            "NATS_TOKEN",
            "NATS_NKEY",
            "TWILIO_ACCOUNT_SID",
            "SMTP_PASSWORD",
            "OUTREACH_WEBHOOK_SECRET",
        ] {
            command.env(name, "hush-hush");
        }
        command.env("NATS_SERVERS", "nats://me:hush@ nowhere");
        let ran = crate::support::ran(command, b"");
        assert!(!ran.out.contains("hush") && !ran.err.contains("hush"), "{ran:?}");
    }
}
