//! What goes wrong is told with what to do, and nothing half-written is left.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Command, Stdio};

use ciq_testkit::eventually;

use crate::support::{KEY, LIMIT, Place, Ran, SMALL, TwinProcess, ran};

/// Runs `generate` with a key at a server.
fn generate(place: &Place, key: &str, url: &str, more: &[&str]) -> Ran {
    let mut command = place.command(&[&["generate"][..], &SMALL, more].concat());
    command.env("STRIPE_SECRET_KEY", key).env("STRIPE_API_BASE", url);
    ran(command)
}

#[track_caller]
fn check_nothing_written(place: &Place) {
    assert!(place.files().is_empty(), "{:?}", place.files());
}

#[test]
fn a_key_that_is_missing_live_or_none_at_all_is_refused_before_any_call() {
    let twin = TwinProcess::start(&["--record", "record"]);
    for (key, says) in [
        ("", "set STRIPE_SECRET_KEY to a test key"),
        ("sk_live_hush", "this is a live key"),
        ("rk_live_hush", "this is a live key"),
        ("pk_test_hush", "this is a publishable key"),
        ("hush", "this is no test key"),
    ] {
        let place = Place::new();
        let told = generate(&place, key, &twin.url, &[]).expect(2).says(says);
        assert!(!told.err.contains("hush"), "{}", told.err);
        check_nothing_written(&place);
    }
    let record = std::fs::read_to_string(twin.place.path("record")).unwrap_or_default();
    assert_eq!(record, "");
}

#[test]
fn a_key_that_the_server_does_not_know_is_told() {
    let url = answering(
        "HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\n",
        r#"{"error":{"type":"invalid_request_error","message":"Invalid API Key provided: sk_test_****hush"}}"#,
    );
    let place = Place::new();
    generate(&place, KEY, &url, &[]).expect(1).says("STRIPE_SECRET_KEY");
    check_nothing_written(&place);
}

#[test]
fn a_server_that_is_not_there_is_told() {
    let place = Place::new();
    // Nobody listens at this port: it is only for those who ask what a machine is for.
    let told = generate(&place, KEY, "http://127.0.0.1:1", &[]).expect(75);
    assert!(told.err.contains("127.0.0.1:1"), "{}", told.err);
    check_nothing_written(&place);
}

#[test]
fn a_server_that_answers_html_is_told() {
    let url = answering("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n", "<html>Welcome</html>");
    let place = Place::new();
    generate(&place, KEY, &url, &[]).expect(1).says("STRIPE_API_BASE");
    check_nothing_written(&place);
}

#[test]
fn an_address_that_is_none_is_told() {
    let place = Place::new();
    generate(&place, KEY, "somewhere", &[]).expect(2);
    check_nothing_written(&place);
}

#[test]
fn a_clock_that_fails_is_named_and_the_run_is_kept() {
    let twin = TwinProcess::start(&["--failing-clock", "demo 02"]);
    let place = Place::new();
    let told = generate(&place, KEY, &twin.url, &["--quiet"]).expect(1);
    assert!(
        told.err.contains("stripe-seed demo 02") && told.err.contains("stripe-seed cleanup"),
        "{told:?}"
    );
    assert!(told.err.contains("internal_failure"), "{told:?}");
    let status = place.run(&["status", "--json"]).expect(0).json();
    assert_eq!((&status["is_finished"], &status["months_done"]), (&false.into(), &0.into()));
}

#[test]
fn only_one_works_on_a_folder_and_ctrl_c_ends_it_until_it_is_resumed() {
    let twin = TwinProcess::start(&["--advance-ms", "1500"]);
    let place = Place::new();
    let args = [&["generate", "--rate", "0", "--start", "2026-01"][..], &SMALL].concat();
    let mut command = place.command_at(&twin.url, &args);
    let err = std::fs::File::create(place.path("stderr")).unwrap();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(err).spawn().unwrap();
    assert!(eventually(LIMIT, || place.read("stderr").contains("waiting for clocks")));
    let second = place.run_at(&twin.url, &["resume", "--rate", "0"]).expect(1);
    assert!(second.err.contains("another stripe-seed works on this folder"), "{}", second.err);
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(75));
    let told = place.read("stderr");
    assert!(told.contains("`stripe-seed resume` goes on from there"), "{told}");
    place.run_at(&twin.url, &["resume", "--rate", "0"]).expect(0);
    place.run_at(&twin.url, &["verify", "--rate", "0"]).expect(0);
}

#[test]
fn a_price_of_another_amount_is_told() {
    let twin = TwinProcess::start(&[]);
    let (_, product) = twin.ask("POST", "/v1/products", "name=Standard");
    let product = product["id"].as_str().unwrap();
    let price = format!(
        "product={product}&currency=usd&unit_amount=999&recurring[interval]=month\
         &lookup_key=stripe_seed_standard_monthly"
    );
    let (status, made) = twin.ask("POST", "/v1/prices", &price);
    assert_eq!(status, 200, "{made}");
    let place = Place::new();
    let told = generate(&place, KEY, &twin.url, &[]).expect(1);
    let id = made["id"].as_str().unwrap();
    assert!(
        told.err.contains(id) && told.err.contains("stripe_seed_standard_monthly"),
        "{}",
        told.err
    );
    check_nothing_written(&place);
}

#[test]
fn a_folder_without_a_run_is_told() {
    let place = Place::new();
    for command in ["resume", "verify", "status", "mrr", "events"] {
        place.run(&[command]).expect(4).says("there is no run in config: `stripe-seed generate`");
    }
    check_nothing_written(&place);
}

#[test]
fn a_file_that_was_changed_is_a_difference() {
    let place = Place::new();
    place.run(&[&["generate", "--twin", "--quiet"][..], &SMALL].concat()).expect(0);
    let rows = place.read("config/sub_snapshots.json");
    let changed = rows.replacen("\"mrr_cents\": ", "\"mrr_cents\": 1", 1);
    assert_ne!(rows, changed);
    std::fs::write(place.path("config/sub_snapshots.json"), changed).unwrap();
    let told = place.run(&["verify"]).expect(1).says("differences");
    assert!(!told.out.is_empty());
    let verdict = place.run(&["verify", "--json"]).expect(1).json();
    assert!(!verdict["differences"].as_array().unwrap().is_empty(), "{verdict}");
}

/// Serves one answer to everybody, for as long as the test lives.
fn answering(head: &'static str, body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = stream;
            let mut asked = [0; 8_192];
            // Whoever hangs up gets no answer.
            if stream.read(&mut asked).is_ok() {
                let length = body.len();
                let answer =
                    format!("{head}content-length: {length}\r\nconnection: close\r\n\r\n{body}");
                drop(stream.write_all(answer.as_bytes()));
            }
        }
    });
    url
}
