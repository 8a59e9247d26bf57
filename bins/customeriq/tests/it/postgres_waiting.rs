//! What is waited for, and what is not: PostgreSQL that is away, that takes no writes, and that
//! does not answer while a service starts.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};

use ciq_testkit::eventually;

use crate::nats_support::LIMIT;
use crate::postgres_faults_support::House;
use crate::support::STORY;

/// The bit of SIGTERM among the signals that a process handles.
const TERM: u64 = 1 << 14;

/// A command that runs until it ends or is forgotten.
struct Running {
    child: Child,
    log: PathBuf,
}

impl Running {
    fn start(house: &House, mut command: Command) -> Self {
        let log = house.place.path("told.log");
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(File::create(&log).unwrap());
        Self { child: command.spawn().unwrap(), log }
    }

    fn words(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    #[track_caller]
    fn await_words(&self, words: &str) {
        assert!(eventually(LIMIT, || self.words().contains(words)), "{}", self.words());
    }

    /// Waits for the end by itself.
    #[track_caller]
    fn end(&mut self) -> ExitStatus {
        let mut status = None;
        let has_ended = eventually(LIMIT, || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        assert!(has_ended, "it goes on: {}", self.words());
        status.unwrap()
    }

    /// Hands over records, and goes on.
    fn hand(&mut self, records: &str) {
        self.child.stdin.as_mut().unwrap().write_all(records.as_bytes()).unwrap();
    }

    /// Tells which signals it handles.
    fn handled(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
        u64::from_str_radix(line.trim(), 16).unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn an_import_into_a_server_that_takes_no_writes_ends_and_says_what_to_do() {
    let mut house = House::new();
    house.postgres.make_read_only().unwrap();
    let mut import = Running::start(&house, house.command(&["import", "-"]));
    assert_eq!(import.end().code(), Some(75), "{}", import.words());
    let words = import.words();
    assert!(words.contains("takes no writes: it is a replica, or was told to"), "{words}");
    assert!(words.contains("set DATABASE_URL to a server that takes writes"), "{words}");
    assert_eq!(words.matches("customeriq_default").count(), 1, "{words}");
}

#[test]
fn an_import_during_which_the_server_takes_no_more_writes_ends_and_what_was_stored_stays() {
    let mut house = House::new();
    let mut import = Running::start(&house, house.command(&["import", "-"]));
    // A full first batch is stored without waiting for the end of the input.
    let event = |index: u32| {
        let customer = format!("cust_{index}");
        crate::support::event(index.into(), &serde_json::json!({"customer_id": customer}))
    };
    import.hand(&(0..1_500).map(event).collect::<String>());
    assert!(eventually(LIMIT, || house.stored("default") >= 500), "{}", import.words());
    house.postgres.make_read_only().unwrap();
    import.hand(&(1_500..3_000).map(event).collect::<String>());
    drop(import.child.stdin.take());
    assert_eq!(import.end().code(), Some(75), "{}", import.words());
    let words = import.words();
    assert!(words.contains("what was stored stays") && words.contains("read-only"), "{words}");
    assert!(words.contains("set DATABASE_URL to a server that takes writes"), "{words}");
}

#[test]
fn an_import_waits_for_a_server_that_is_started_again() {
    let mut house = House::new();
    house.postgres.stop().unwrap();
    let mut import = Running::start(&house, house.command(&["import", "-"]));
    import.hand(STORY);
    drop(import.child.stdin.take());
    import.await_words("waiting for up to 10 minutes");
    house.postgres.restart().unwrap();
    assert_eq!(import.end().code(), Some(0), "{}", import.words());
    let words = import.words();
    assert!(words.contains("the import goes on"), "{words}");
    assert_eq!(words.matches("warning: could not use").count(), 1, "{words}");
    // Once in the warning, and once in the report.
    assert_eq!(words.matches("customeriq_default").count(), 2, "{words}");
    assert_eq!(house.stored("default"), 3);
}

#[test]
fn a_service_that_is_told_to_stop_while_it_starts_ends_well() {
    for args in [&["serve", "--port", "0"][..], &["worker"]] {
        let mut house = House::new();
        house.postgres.suspend().unwrap();
        let mut service = Running::start(&house, house.command(args));
        assert!(eventually(LIMIT, || service.handled() & TERM != 0), "{args:?}");
        let pid = service.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        assert_eq!(service.end().code(), Some(0), "{args:?}: {}", service.words());
        assert!(service.words().contains("stopped"), "{args:?}: {}", service.words());
        house.postgres.resume().unwrap();
    }
}
