//! PostgreSQL under a service that takes events from NATS: it is stopped, killed, made read-only,
//! its disk is full. Events wait at NATS, `/readyz` says why, and then all of them arrive.
//!
//! `cargo xtask soak postgres` stops it for longer, under a longer load.

use std::ops::Range;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::time::Duration;

use ciq_nats::Outgoing;
use ciq_synth::{Seed, chance::below};
use ciq_testkit::eventually;
use serde_json::json;

use crate::cluster_dump::Undisturbed;
use crate::cluster_people::{KNOWN, People, STRANGERS};
use crate::cluster_publisher::{Pace, publish, publish_all};
use crate::nats_load::message;
use crate::nats_served::Served;
use crate::nats_support::{Bus, LIMIT};
use crate::postgres_faults_support::{House, variable};

/// How many events there are where the test runs for long.
const EVENTS_VARIABLE: &str = "CUSTOMERIQ_SOAK_EVENTS";

/// For how many seconds the server is away then.
const SECONDS_VARIABLE: &str = "CUSTOMERIQ_SOAK_SECONDS";

/// How often the server is killed.
const KILLS: u64 = 6;

/// How long to wait for further events at most before it is killed.
const STALL: Duration = Duration::from_secs(2);

/// The size of files on the full disk: enough for the log's, and not for what is in the tables. It
/// ends within a page, as a disk does that is full.
const FILE_BYTES_MAX: u64 = (16 << 20) + 4_096;

/// How many letters an event has of which a few fill the disk.
const LONG: usize = 200_000;

/// How many of them there are.
const LONG_COUNT: u64 = 120;

/// A service of a bus that keeps its customers in PostgreSQL, and its load.
struct Fort {
    bus: Bus,
    house: House,
    people: People,
    service: Served,
}

impl Fort {
    /// The service has stored who the people are.
    fn new(people: People, house: House) -> Self {
        let bus = Bus::new();
        let mut command = house.command(&["serve", "--nats", "--port", "0", "--every", "off"]);
        command.env("NATS_SERVERS", bus.server.url()).env("NATS_ACK_WAIT", "4");
        command.env("NATS_PARTITIONS", "8");
        let service = Served::launch(&house.place, command);
        service.await_ready();
        let fort = Self { bus, house, people, service };
        fort.publish(people.introductions());
        fort.house.await_stored(KNOWN, people.introductions().end);
        fort
    }

    fn publish(&self, events: Range<u64>) {
        publish(&self.bus.server.url(), self.people, Pace::AtOnce(events));
    }

    /// A part of the deeds, of so many.
    fn part(&self, part: u64, parts: u64) -> Range<u64> {
        let deeds = self.people.deeds();
        let at = |part: u64| deeds.start + (deeds.end - deeds.start) * part / parts;
        at(part)..at(part + 1)
    }

    fn stored(&self) -> u64 {
        [KNOWN, STRANGERS].iter().map(|brand| self.house.stored(brand)).sum()
    }

    /// Checks that it is not ready for as long as the server is away.
    #[track_caller]
    fn stays_unready(&self, why: &str, duration: Duration) {
        self.service.await_unready(why);
        let is_ready = || self.service.get("/readyz").starts_with("HTTP/1.1 200");
        assert!(!eventually(duration, is_ready), "{}", self.service.words());
    }

    /// Checks that everything has arrived once.
    #[track_caller]
    fn check(self) {
        self.service.await_ready();
        for brand in [KNOWN, STRANGERS] {
            self.house.await_stored(brand, self.people.count_of(brand));
        }
        let words = self.service.stop();
        assert!(words.contains("everything that was taken in is stored"), "{words}");
        assert!(!words.contains("panicked"), "{words}");
        Undisturbed::new(self.people).check(|args| self.house.command(args));
    }
}

#[test]
fn while_postgresql_is_stopped_events_wait_and_then_arrive() {
    let people = People { event_count: variable(EVENTS_VARIABLE).unwrap_or(3_000) };
    let away = Duration::from_secs(variable(SECONDS_VARIABLE).unwrap_or(5));
    let mut fort = Fort::new(people, House::new());
    let before = fort.stored();
    fort.publish(fort.part(0, 3));
    assert!(eventually(LIMIT, || fort.stored() > before));
    fort.house.postgres.stop().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| fort.publish(fort.part(1, 3)));
        fort.stays_unready("Connection refused", away);
    });
    let words = fort.service.words();
    assert!(words.contains("trying again until it works"), "{words}");
    fort.house.postgres.restart().unwrap();
    fort.service.await_ready();
    fort.publish(fort.part(2, 3));
    fort.check();
}

#[test]
fn killed_in_the_midst_of_commits_postgresql_loses_and_doubles_nothing() {
    let people = People { event_count: variable(EVENTS_VARIABLE).unwrap_or(4_000) };
    let mut fort = Fort::new(people, House::new());
    let mut rng = Seed::new(8).stream("kills of PostgreSQL", 0);
    for kill in 0..KILLS {
        let before = fort.stored();
        fort.publish(fort.part(kill, KILLS));
        let further = 1 + below(&mut rng, people.event_count / KILLS / 2);
        eventually(STALL, || fort.stored() >= before + further);
        fort.house.postgres.kill().unwrap();
        fort.house.postgres.restart().unwrap();
    }
    fort.check();
}

#[test]
fn while_postgresql_takes_no_writes_events_wait_and_then_arrive() {
    let people = People { event_count: 1_500 };
    let mut fort = Fort::new(people, House::new());
    fort.house.postgres.make_read_only().unwrap();
    // The first event of a brand that is not there yet.
    let first = people.deeds().find(|index| people.told(*index).brand == STRANGERS).unwrap();
    fort.publish(first..first + 1);
    fort.service.await_unready("NATS: cannot store");
    fort.publish(fort.part(0, 2));
    fort.stays_unready("NATS: cannot store", Duration::from_secs(2));
    let told = fort.service.get("/readyz");
    let reasons = ["takes no writes", "read-only transaction"];
    assert!(reasons.iter().any(|reason| told.contains(reason)), "{told}");

    assert!(fort.service.get("/api/customers").starts_with("HTTP/1.1 200"), "it can be read");
    assert_eq!(fort.stored(), people.introductions().end);
    fort.house.postgres.make_writable().unwrap();
    fort.service.await_ready();
    fort.publish(fort.part(1, 2));
    fort.check();
}

#[test]
fn while_postgresql_hangs_events_wait_and_then_arrive() {
    let people = People { event_count: 1_500 };
    let mut fort = Fort::new(people, House::new());
    fort.house.postgres.suspend().unwrap();
    fort.publish(fort.part(0, 2));
    // Nothing says yet that it will not answer.
    assert!(fort.service.get("/healthz").starts_with("HTTP/1.1 200"));
    fort.house.postgres.resume().unwrap();
    fort.publish(fort.part(1, 2));
    fort.check();
}

/// Limits the size of the files of a server's processes, present and future.
fn limit_files(house: &House, bytes: &str) {
    let store = house.postgres.folder().join("data");
    let owner = std::fs::metadata(&store).unwrap();
    let words = std::fs::read_to_string(store.join("postmaster.pid")).unwrap();
    let first = words.lines().next().unwrap().trim();
    let clients = house.postgres.psql("SELECT pid FROM pg_stat_activity").unwrap();
    for process in [first].into_iter().chain(clients.lines()) {
        let mut limiting = Command::new("prlimit");
        limiting.args(["--pid", process, &format!("--fsize={bytes}:unlimited")]);
        // Not even root may do so to somebody else's everywhere.
        let limited = limiting.uid(owner.uid()).gid(owner.gid()).output().unwrap();
        // Whoever asked for the list is gone by now.
        assert!(limited.status.success() || process != first, "{limited:?}");
    }
}

/// An event of a known customer, of which a few fill the disk.
fn long_event(index: u64) -> Outgoing {
    let mut rng = Seed::new(8).stream("long events", index);
    let mut sign = || char::from(b'a' + u8::try_from(below(&mut rng, 26)).unwrap());
    let notes: String = (0..LONG).map(|at| if at % 8 == 0 { ' ' } else { sign() }).collect();
    let body = json!({
        "customer_id": "cust_000001",
        "event_type": "contact",
        "timestamp": 1_767_000_000 + index,
        "source_service": "contact-center",
        "data": {"contact_id": format!("long-{index}"), "agent_notes": notes},
    });
    message("customer.partitioned.8.0.cust_000001.contact", body.to_string())
}

#[test]
fn while_the_disk_of_postgresql_is_full_events_wait_and_then_arrive() {
    let people = People { event_count: 400 };
    let fort = Fort::new(people, House::new());
    limit_files(&fort.house, &FILE_BYTES_MAX.to_string());
    let long: Vec<Outgoing> = (0..LONG_COUNT).map(long_event).collect();
    publish_all(&fort.bus.server.url(), &long);
    fort.service.await_unready("53100");
    let told = fort.service.get("/readyz");
    assert!(told.contains("could not extend file"), "{told}");
    let held = fort.stored();
    fort.publish(people.deeds());
    assert_eq!(fort.stored(), held);
    limit_files(&fort.house, "unlimited");
    fort.house.await_stored(STRANGERS, people.count_of(STRANGERS));
    fort.house.await_stored(KNOWN, people.count_of(KNOWN) + LONG_COUNT);
    fort.service.stop();
}
