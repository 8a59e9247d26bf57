//! Tests with faults that run for long, with far more events than the gate has time for.

use crate::cli::Soak;
use crate::process::{Failure, Task, cargo};

/// Tells the tests how many events there are.
const EVENTS_VARIABLE: &str = "CUSTOMERIQ_SOAK_EVENTS";

/// Tells the tests how often a run is killed.
const KILLS_VARIABLE: &str = "CUSTOMERIQ_SOAK_KILLS";

/// Tells the tests for how long something lasts.
const SECONDS_VARIABLE: &str = "CUSTOMERIQ_SOAK_SECONDS";

/// How the path of every test with kills begins.
const KILL_TESTS: &str = "nats_faults::killed";

/// The same for the test with three servers of NATS, PostgreSQL and three workers.
const CLUSTER_TESTS: &str = "cluster_nats_postgres::";

/// The same for the tests in which PostgreSQL is away, or is killed.
const POSTGRES_TESTS: [&str; 3] = [
    "postgres_faults_nats::while_postgresql_is_stopped",
    "postgres_faults_nats::killed",
    "postgres_faults::while_postgresql_is_stopped",
];

/// The same for stripe-seed.
const STRIPE_KILL_TESTS: &str = "kills::";

/// How many events a second the cluster gets: a part of what it can take with two cores, so that it
/// catches up after each kill.
const CLUSTER_RATE: u64 = 300;

/// Runs what is asked for; the tests print their figures themselves.
pub(crate) fn run(what: Soak) -> Result<(), Failure> {
    match what {
        Soak::Nats { events } => nats(events).run(),
        Soak::Cluster { seconds, events } => {
            let events = events.unwrap_or(seconds * CLUSTER_RATE);
            let task = tests("customeriq", &[CLUSTER_TESTS]);
            lasting(task, seconds).env(EVENTS_VARIABLE, events.to_string()).run()
        }
        Soak::Postgres { seconds, events } => {
            let task = tests("customeriq", &POSTGRES_TESTS);
            lasting(task, seconds).env(EVENTS_VARIABLE, events.to_string()).run()
        }
        Soak::Stripe { kills } => stripe(kills).run(),
    }
}

fn lasting(task: Task, seconds: u64) -> Task {
    task.env(SECONDS_VARIABLE, seconds.to_string())
}

fn nats(events: u64) -> Task {
    tests("customeriq", &[KILL_TESTS]).env(EVENTS_VARIABLE, events.to_string())
}

fn stripe(kills: u64) -> Task {
    tests("stripe-seed", &[STRIPE_KILL_TESTS]).env(KILLS_VARIABLE, kills.to_string())
}

fn tests(package: &str, paths: &[&str]) -> Task {
    let built = ["test", "--release", "--locked", "--test", "it", "--package", package];
    // One after the other, so that the seconds are each test's own.
    cargo(built).arg("--").args(paths).args(["--nocapture", "--test-threads", "1"])
}
