//! Of several processes on one schema, one has its clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ciq_clockwork::{Clocks, Clockwork, ClockworkSettings};
use ciq_event::{Brand, Message, WireForm};
use ciq_ingest::{Brands, Clock, EngineOptions};
use ciq_outreach::{Outreach, OutreachSettings};
use ciq_store::{Database, Leadership, PostgresServer};
use ciq_testkit::{PostgresDatabase, eventually};
use jiff::Timestamp;
use serde_json::json;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::house::at;

/// How long anything may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(40);

/// A clock that counts how often it is asked, which is once for each pass.
#[derive(Debug, Default)]
struct Counting(AtomicU64);

impl Counting {
    fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Clock for Counting {
    fn now(&self) -> Timestamp {
        self.0.fetch_add(1, Ordering::Relaxed);
        at(0, 12, 0)
    }
}

/// What a process has: connections, a clock, a clockwork.
struct Process {
    brands: Arc<Brands>,
    asked: Arc<Counting>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Process {
    fn start(runtime: &Runtime, url: &str, every: Duration) -> Self {
        let database = Database::Postgres(PostgresServer::parse(url).unwrap());
        let brands = Arc::new(Brands::new(database, EngineOptions::default()).unwrap());
        brands.open(&Brand::default()).unwrap();
        let outreach = Outreach::new(OutreachSettings::from_lookup(&|_| None).unwrap());
        let clocks = Arc::new(Clocks::new(Arc::clone(&brands), outreach));
        let asked = Arc::new(Counting::default());
        let (stop, stopped) = watch::channel(false);
        let clock: Arc<dyn Clock> = Arc::clone(&asked) as _;
        let clockwork = Clockwork::new(clocks, clock, ClockworkSettings { every }, stopped);
        let task = runtime.spawn(clockwork.run());
        Self { brands, asked, stop, task }
    }

    /// Waits for passes beyond those that there were.
    #[track_caller]
    fn await_passes(&self, further: u64) {
        let before = self.asked.count();
        assert!(eventually(LIMIT, || self.asked.count() >= before + further));
    }

    /// Stores an event.
    fn tell(&self, runtime: &Runtime, when: Timestamp) {
        let handle = self.brands.open(&Brand::default()).unwrap();
        let body = json!({"event_type": "session_start", "timestamp": when.to_string(),
            "source_service": "shop", "data": {"email": "ann@example.com"}});
        let message = Message::new(WireForm::Envelope, body.to_string(), when);
        let entry = ciq_engine::prepare(message, handle.settings());
        runtime.block_on(handle.ingest(vec![entry])).unwrap();
    }

    /// Ends the clockwork, while the process goes on.
    fn stop(&mut self, runtime: &Runtime) {
        self.stop.send_replace(true);
        runtime.block_on(&mut self.task).unwrap();
    }
}

#[test]
fn of_two_processes_one_makes_the_passes_and_the_other_takes_over_from_it() {
    let database = PostgresDatabase::fresh().unwrap();
    let runtime = Runtime::new().unwrap();
    let mut one = Process::start(&runtime, database.url(), Duration::ZERO);
    one.await_passes(1);
    let mut other = Process::start(&runtime, database.url(), Duration::ZERO);
    one.await_passes(3);
    assert_eq!(other.asked.count(), 0);
    one.stop(&runtime);
    other.await_passes(1);
    other.stop(&runtime);
}

#[test]
fn a_lead_goes_with_its_connection_and_is_not_taken_back() {
    let database = PostgresDatabase::fresh().unwrap();
    let server = Database::Postgres(PostgresServer::parse(database.url()).unwrap());
    let place = server.location_of(&Brand::default());
    let (mut one, mut other) = (Leadership::of(&place), Leadership::of(&place));
    let acme = Brand::parse("acme").unwrap();
    let mut beside = Leadership::of(server.location_of(&acme));
    assert!(one.take().unwrap() && one.take().unwrap());
    assert!(!other.take().unwrap());
    assert!(beside.take().unwrap(), "of another brand");
    // As of a process that died.
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_locks
        WHERE locktype = 'advisory' AND mode = 'ExclusiveLock'
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    database.psql(cut).unwrap();
    assert!(eventually(LIMIT, || other.take().unwrap()));
    assert!(eventually(LIMIT, || one.take().is_ok_and(|is_held| !is_held)));
    assert!(other.take().unwrap() && other.is_held() && !one.is_held());
    drop(other);
    assert!(eventually(LIMIT, || one.take().unwrap()));
}

#[test]
fn what_one_process_stores_the_other_looks_at_at_once() {
    let database = PostgresDatabase::fresh().unwrap();
    let runtime = Runtime::new().unwrap();
    let day = Duration::from_secs(86_400);
    let mut one = Process::start(&runtime, database.url(), day);
    one.await_passes(1);
    let mut other = Process::start(&runtime, database.url(), day);
    other.tell(&runtime, at(0, 10, 0));
    one.await_passes(1);
    assert_eq!(other.asked.count(), 0);
    one.stop(&runtime);
    other.stop(&runtime);
}

#[test]
fn a_brand_that_another_process_makes_is_looked_at_too() {
    let database = PostgresDatabase::fresh().unwrap();
    let runtime = Runtime::new().unwrap();
    let mut one = Process::start(&runtime, database.url(), Duration::ZERO);
    one.await_passes(1);
    let server = Database::Postgres(PostgresServer::parse(database.url()).unwrap());
    let elsewhere = Brands::new(server, EngineOptions::default()).unwrap();
    let acme = Brand::parse("acme").unwrap();
    elsewhere.open(&acme).unwrap();
    let is_open = || one.brands.open_brands().iter().any(|(brand, _)| *brand == acme);
    assert!(eventually(LIMIT, is_open));
    one.stop(&runtime);
}
