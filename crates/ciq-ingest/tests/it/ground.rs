//! Where a test keeps its tables: files in a folder, or schemas of a database, as the run has
//! chosen.

use ciq_event::Brand;
use ciq_store::{Location, PostgresPlace, PostgresServer};
use ciq_testkit::TestDatabase;

/// A folder or a database of the test's own.
pub(crate) struct Ground {
    database: TestDatabase,
    folder: tempfile::TempDir,
}

impl Ground {
    pub(crate) fn chosen() -> Self {
        let database = TestDatabase::chosen().unwrap();
        Self { database, folder: tempfile::tempdir().unwrap() }
    }

    /// Where tables of a name are, or can be made.
    pub(crate) fn location(&self, name: &str) -> Location {
        match self.database.url() {
            None => Location::File(self.folder.path().join(format!("{name}.db"))),
            Some(url) => {
                let server = PostgresServer::parse(url).unwrap();
                Location::Schema(PostgresPlace::of_brand(&server, &Brand::parse(name).unwrap()))
            }
        }
    }
}
