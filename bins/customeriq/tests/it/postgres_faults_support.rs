//! A PostgreSQL server that a test may break, and what is stored there.

use std::process::Command;

use ciq_testkit::{PostgresConfig, PostgresServer, eventually};

use crate::nats_support::LIMIT;
use crate::postgres_support::at;
use crate::support::Place;

/// Reads a number from the variables, where the test runs for long.
pub(crate) fn variable(name: &str) -> Option<u64> {
    std::env::var_os(name).map(|value| value.to_str().unwrap().parse().unwrap())
}

/// A place, and a server of its own.
pub(crate) struct House {
    pub(crate) place: Place,
    pub(crate) postgres: PostgresServer,
}

impl House {
    /// A server as it comes: what it confirms is on the disk.
    pub(crate) fn new() -> Self {
        Self::with(PostgresConfig::new())
    }

    pub(crate) fn with(config: PostgresConfig) -> Self {
        Self { place: Place::new(), postgres: PostgresServer::start(config).unwrap() }
    }

    /// The binary, which knows of the server.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        at(&self.place, &self.postgres.url(), args)
    }

    /// How many events of a brand are stored; 0 where nobody knows.
    pub(crate) fn stored(&self, brand: &str) -> u64 {
        // The schema comes with the brand's first event.
        let count = self.postgres.psql(&format!("SELECT count(*) FROM customeriq_{brand}.event"));
        count.map_or(0, |count| count.parse().unwrap())
    }

    /// Waits for so many events, as long as there is progress.
    #[track_caller]
    pub(crate) fn await_stored(&self, brand: &str, count: u64) {
        loop {
            let before = self.stored(brand);
            if before >= count {
                assert_eq!(before, count, "events of {brand}");
                return;
            }
            let goes_on = eventually(LIMIT, || self.stored(brand) > before);
            assert!(goes_on, "{before} of {count} events of {brand}");
        }
    }
}
