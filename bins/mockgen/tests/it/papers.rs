//! Help, completions and manual pages.

use crate::support::{Place, ran};

#[test]
fn help_tells_the_first_steps() {
    let place = Place::new();
    let out = place.run(&["--help"]).expect(0);
    for step in ["mockgen generate", "mockgen replay FILE", "Exit codes"] {
        assert!(out.text().contains(step), "{}", out.text());
    }
    place.run(&["frobnicate"]).expect(2);
    assert!(place.run(&["--version"]).expect(0).text().starts_with("mockgen "));
}

#[test]
fn shells_get_completions() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let out = place.run(&["completions", shell]).expect(0);
        assert!(out.text().contains("per-user-density"), "{shell}");
    }
}

#[test]
fn manual_pages_are_written() {
    let place = Place::new();
    assert!(place.run(&["man"]).expect(0).text().contains(".TH mockgen 1"));
    place.run(&["man", "pages"]).expect(0);
    let page = String::from_utf8(place.read("pages/mockgen-generate.1")).unwrap();
    assert!(page.contains("same bytes"));
}

#[test]
fn help_shows_no_secret() {
    let place = Place::new();
    for args in [["--help"].as_slice(), &["generate", "--help"], &["serve", "--oops"]] {
        let mut command = place.command(args);
        for name in ["HTTP_SINK_URL", "HTTP_SINK_TOKEN", "REDIS_URL", "NATS_SERVERS"] {
            command.env(name, "hush-hush");
        }
        let ran = ran(command, b"");
        assert!(!ran.text().contains("hush") && !ran.err.contains("hush"), "{ran:?}");
    }
}
