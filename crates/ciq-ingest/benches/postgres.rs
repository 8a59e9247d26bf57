//! Workers on PostgreSQL beside a bare loop that inserts the same rows.
//!
//! `cargo xtask bench postgres [--json] [--events 400000] [--customers 200000] [--workers 1,2,4]
//! [--batch 1500] [--dir DIR]`
//!
//! It starts a server of its own, in the folder that `TMPDIR` names. The bare loop writes values
//! that were parsed before its clock runs: the event's row with its body and its indexes, its words
//! for search with their index, the customer's row and the order's row, by `UNNEST`, in the size of
//! transaction that is best here. Ours takes the same events as bytes; workers share them by
//! customer, as partitions have it, and then any worker takes any event. Each part has a fresh
//! database, and begins after a checkpoint.
//!
//! At the end: what an event of known customers costs among a tenth of the customers and among all.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    reason = "a benchmark stops at the first surprise, prints, and reads the clock"
)]

mod options;

#[path = "postgres/bare.rs"]
mod bare;
#[path = "postgres/conflicts.rs"]
mod conflicts;
#[path = "postgres/events.rs"]
mod events;
#[path = "postgres/meter.rs"]
mod meter;
#[path = "postgres/report.rs"]
mod report;
#[path = "postgres/workers.rs"]
mod workers;

use std::ops::Range;
use std::path::Path;

use ciq_testkit::{PostgresConfig, PostgresDatabase, PostgresServer};

use bare::Bare;
use conflicts::Conflicts;
use events::{Events, Sharing};
use meter::{Cost, Meter};
use options::{flag, folder, option};
use report::{Report, Run, Scale};
use workers::Crew;

/// What a production server on a machine of this size is set to; the rest is as it comes.
const SETTINGS: [(&str, &str); 7] = [
    ("shared_buffers", "1GB"),
    ("max_wal_size", "4GB"),
    ("checkpoint_timeout", "15min"),
    ("wal_compression", "lz4"),
    ("random_page_cost", "1.1"),
    ("fsync", "on"),
    ("synchronous_commit", "on"),
];

/// The sizes of transaction that the bare loop tries.
const BARE_BATCHES: [usize; 3] = [1_000, 2_000, 5_000];

/// Events for which each size is tried.
const BARE_TRIAL: usize = 60_000;

/// Events of each customer before the cost of one more is measured: nearly all are known then.
const EVENTS_BEFORE: u64 = 5;

/// Where the tables of the bare loop and ours are.
const BARE_SCHEMA: &str = "public";
const OUR_SCHEMA: &str = "customeriq_default";

fn main() {
    let (count, customers) = (option("events", 400_000), option("customers", 200_000));
    let batch_size = usize::try_from(option("batch", 1_500)).unwrap();
    let worker_counts = worker_counts();
    let folder = folder();
    let server = SETTINGS
        .into_iter()
        .fold(PostgresConfig::new(), |config, (name, value)| config.with_setting(name, value));
    let server = PostgresServer::start(server).unwrap();
    let bench = Bench { server, batch_size, conflicts: Conflicts::counting() };

    let events = Events::write(&folder.path().join("events"), count, customers);
    let mut runs = Vec::new();
    for worker_count in &worker_counts {
        runs.push(bench.ours(&events, *worker_count, Sharing::ByCustomer));
    }
    for worker_count in worker_counts.iter().filter(|count| **count > 1) {
        runs.push(bench.ours(&events, *worker_count, Sharing::Any));
    }
    let facts: Vec<&str> = runs.iter().map(|run| run.facts.as_str()).collect();
    assert!(facts.iter().all(|it| *it == facts[0]), "workers make a difference: {facts:?}");
    let bare = bench.bare(&events);
    let few = bench.scale(folder.path(), count, customers / 10);
    let many = bench.scale(folder.path(), count, customers);

    let version = bench.server.psql("SHOW server_version").unwrap().trim().to_owned();
    let report = Report { version, count, customers, batch_size, bare, runs, few, many };
    if flag("json") {
        println!("{}", report.json());
    } else {
        print!("{}", report.table(&SETTINGS));
    }
}

/// `--workers 1,2,4`: how many work at once, run by run.
fn worker_counts() -> Vec<usize> {
    let mut words = std::env::args().skip_while(|word| word != "--workers");
    let counts = words.nth(1).unwrap_or_else(|| "1,2,4".to_owned());
    counts.split(',').map(|count| count.trim().parse().unwrap()).collect()
}

/// The server, and how much is stored at once.
struct Bench {
    server: PostgresServer,
    batch_size: usize,
    conflicts: Conflicts,
}

impl Bench {
    /// All events by workers.
    fn ours(&self, events: &Events, worker_count: usize, sharing: Sharing) -> Run {
        let database = self.database();
        let crew = Crew::open(&database, worker_count);
        self.conflicts.take();
        let shares = events.shares(0..events.count(), worker_count, sharing);
        let cost = self.stored(&crew, events, &shares);
        let again = crew.again();
        crew.close();
        let rows = meter::rows_written(&database, OUR_SCHEMA, events.count());
        Run {
            worker_count,
            sharing,
            rows,
            sizes: meter::sizes(&database, OUR_SCHEMA),
            conflicts: self.conflicts.take(),
            deadlocks: meter::deadlocks(&database),
            again,
            facts: facts(&database),
            batch_size: self.batch_size,
            cost,
        }
    }

    /// All events by the bare loop, in the best size of transaction.
    fn bare(&self, events: &Events) -> Run {
        let trial_count = BARE_TRIAL.min(events.count());
        let mut best = (f64::INFINITY, 0);
        for batch_size in BARE_BATCHES {
            let database = self.database();
            let mut bare = Bare::open(&database);
            self.calm();
            let (seconds, _) = bare.insert(events, trial_count, batch_size);
            if seconds < best.0 {
                best = (seconds, batch_size);
            }
        }
        let database = self.database();
        let mut bare = Bare::open(&database);
        let meter = Meter::start(&self.server);
        let (seconds, own_seconds) = bare.insert(events, events.count(), best.1);
        let cost = Cost { seconds, own_seconds, ..meter.stop() };
        drop(bare);
        Run {
            worker_count: 1,
            sharing: Sharing::Any,
            rows: meter::rows_written(&database, BARE_SCHEMA, events.count()),
            sizes: meter::sizes(&database, BARE_SCHEMA),
            conflicts: 0,
            deadlocks: 0.0,
            again: 0,
            facts: String::new(),
            batch_size: best.1,
            cost,
        }
    }

    /// What `count` events cost one worker where `customers` are known.
    fn scale(&self, folder: &Path, count: u64, customers: u64) -> Scale {
        let before = usize::try_from(customers * EVENTS_BEFORE).unwrap();
        let all = customers * EVENTS_BEFORE + count;
        let events = Events::write(&folder.join("scale"), all, customers);
        let database = self.database();
        let crew = Crew::open(&database, 1);
        let part = |part: Range<usize>| events.shares(part, 1, Sharing::ByCustomer);
        crew.run(&events, &part(0..before), self.batch_size);
        let cost = self.stored(&crew, &events, &part(before..events.count()));
        crew.close();
        Scale { customers, count, cost }
    }

    fn stored(&self, crew: &Crew, events: &Events, shares: &[Vec<usize>]) -> Cost {
        let meter = Meter::start(&self.server);
        crew.run(events, shares, self.batch_size);
        meter.stop()
    }

    fn database(&self) -> PostgresDatabase {
        PostgresDatabase::on(&self.server.url()).unwrap()
    }

    fn calm(&self) {
        self.server.psql("CHECKPOINT").unwrap();
    }
}

/// What is the same whoever stored the events.
fn facts(database: &PostgresDatabase) -> String {
    let sql = format!(
        "SELECT (SELECT count(*) FROM {OUR_SCHEMA}.event), count(*), sum(event_count),
            sum(order_count), sum(lifetime_value_minor) FROM {OUR_SCHEMA}.activity"
    );
    database.psql(&sql).unwrap().trim().to_owned()
}
