//! Tests with faults that run for long, with far more events than the gate has time for.

use crate::cli::Soak;
use crate::process::{Failure, Task, cargo};

/// Tells the tests how many events there are.
const EVENTS_VARIABLE: &str = "CUSTOMERIQ_SOAK_EVENTS";

/// Tells the tests how often a run is killed.
const KILLS_VARIABLE: &str = "CUSTOMERIQ_SOAK_KILLS";

/// How the path of every test with kills begins.
const KILL_TESTS: &str = "nats_faults::killed";

/// The same for stripe-seed.
const STRIPE_KILL_TESTS: &str = "kills::";

/// Runs what is asked for; the tests print their figures themselves.
pub(crate) fn run(what: Soak) -> Result<(), Failure> {
    match what {
        Soak::Nats { events } => nats(events).run(),
        Soak::Stripe { kills } => stripe(kills).run(),
    }
}

fn nats(events: u64) -> Task {
    tests("customeriq", KILL_TESTS).env(EVENTS_VARIABLE, events.to_string())
}

fn stripe(kills: u64) -> Task {
    tests("stripe-seed", STRIPE_KILL_TESTS).env(KILLS_VARIABLE, kills.to_string())
}

fn tests(package: &str, path: &str) -> Task {
    let built = ["test", "--release", "--locked", "--test", "it", "--package", package];
    // One after the other, so that the seconds are each test's own.
    cargo(built).args(["--", path, "--nocapture", "--test-threads", "1"])
}
