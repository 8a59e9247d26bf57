//! The key is nowhere but in the header of requests.

use crate::support::{KEY, Place, SMALL, TwinProcess, ran};

/// The part of the key that would give it away.
const HUSH: &str = "hushhush";

#[test]
fn the_key_is_in_no_output_no_log_and_no_file() {
    let twin = TwinProcess::start(&["--record", "record", "--log", "log", "--fault-500", "3"]);
    let place = Place::new();
    for args in [
        [&["generate", "--rate", "0"][..], &SMALL].concat(),
        vec!["verify"],
        vec!["events", "--live"],
        vec!["cleanup"],
    ] {
        let mut command = place.command_at(&twin.url, &[&args[..], &["-vvv"]].concat());
        command.env("RUST_LOG", "trace");
        let ran = ran(command).expect(0);
        assert!(!ran.out.contains(HUSH) && !ran.err.contains(HUSH), "{args:?}");
        assert!(ran.err.len() > 1_000, "the logs are on: {}", ran.err);
    }
    place.run_at(&twin.url, &[&["generate", "--rate", "0"][..], &SMALL].concat()).expect(0);
    for name in place.files() {
        assert!(!place.read(&format!("config/{name}")).contains(HUSH), "{name}");
    }
    for name in ["record", "log", "stderr"] {
        assert!(!twin.place.read(name).contains(HUSH), "{name}");
    }
}

#[test]
fn a_key_in_the_environment_file_is_used_and_not_told() {
    let twin = TwinProcess::start(&[]);
    let place = Place::new();
    let file = format!("STRIPE_SECRET_KEY={KEY}\nSTRIPE_API_BASE={}\n", twin.url);
    std::fs::write(place.path(".env"), file).unwrap();
    place.run(&["prices"]).expect(0);
    std::fs::write(place.path(".env"), format!("STRIPE SECRET_KEY={KEY}\n")).unwrap();
    let told = place.run(&["prices"]).expect(2);
    assert!(told.err.contains("could not use .env") && !told.err.contains(HUSH), "{}", told.err);
}
