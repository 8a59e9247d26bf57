//! The real binary with a PostgreSQL database of its own.

use std::process::Command;

use ciq_testkit::PostgresDatabase;

use crate::support::{Place, Ran, STORY, ran};

/// A folder, and the database that `DATABASE_URL` names there.
pub(crate) struct Shop {
    pub(crate) place: Place,
    pub(crate) database: PostgresDatabase,
}

impl Shop {
    pub(crate) fn new() -> Self {
        Self { place: Place::new(), database: PostgresDatabase::fresh().unwrap() }
    }

    /// A shop whose default brand holds the story.
    pub(crate) fn with_story() -> Self {
        let shop = Self::new();
        shop.import(STORY);
        shop
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        at(&self.place, self.database.url(), args)
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        ran(self.command(args), b"")
    }

    #[track_caller]
    pub(crate) fn import(&self, records: &str) {
        ran(self.command(&["import", "-"]), records.as_bytes()).expect(0);
    }

    #[track_caller]
    pub(crate) fn dump(&self) -> String {
        self.run(&["dump"]).expect(0).out
    }

    /// Asks the database by other means.
    pub(crate) fn psql(&self, sql: &str) -> String {
        self.database.psql(sql).unwrap().trim().to_owned()
    }
}

/// The binary in a place, told of a database.
pub(crate) fn at(place: &Place, url: &str, args: &[&str]) -> Command {
    let mut command = place.command(args);
    command.env("DATABASE_URL", url);
    command
}
