//! Tests with faults that run for long, with far more events than the gate has time for.

use crate::cli::Soak;
use crate::process::{Failure, Task, cargo};

/// Tells the tests how many events there are.
const EVENTS_VARIABLE: &str = "CUSTOMERIQ_SOAK_EVENTS";

/// How the path of every test with kills begins.
const KILL_TESTS: &str = "nats_faults::killed";

/// Runs what is asked for; the tests print their figures themselves.
pub(crate) fn run(what: Soak) -> Result<(), Failure> {
    match what {
        Soak::Nats { events } => nats(events).run(),
    }
}

fn nats(events: u64) -> Task {
    let built = ["test", "--release", "--locked", "--package", "customeriq", "--test", "it"];
    // One after the other, so that the seconds are each test's own.
    let alone = ["--", KILL_TESTS, "--nocapture", "--test-threads", "1"];
    cargo(built).args(alone).env(EVENTS_VARIABLE, events.to_string())
}
