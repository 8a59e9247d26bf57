//! Where a test keeps its brands: files in a folder, or schemas of a database, as the run has
//! chosen.

use std::cell::RefCell;

use ciq_event::Brand;
use ciq_store::{Location, PostgresPlace, PostgresServer, Reader};
use ciq_testkit::{PostgresDatabase, TestDatabase};
use rusqlite::types::Value;
use tokio_postgres::{NoTls, SimpleQueryMessage, SimpleQueryRow};

/// Whose tables a shelf has.
pub(crate) const OWN: &str = "default";

/// Leaves the tables of the current schema, if there are any, as they were made.
const EMPTY: &str = "DO $$
    DECLARE name text;
    BEGIN
        IF to_regclass('counter') IS NULL THEN
            RETURN;
        END IF;
        FOR name IN SELECT c.relname FROM pg_class AS c
            WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
                AND c.relname NOT IN ('meta', 'currency')
        LOOP
            EXECUTE format('DELETE FROM %I', name);
        END LOOP;
        FOR name IN SELECT c.relname FROM pg_class AS c
            WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'S'
        LOOP
            PERFORM setval(name::regclass, 1, false);
        END LOOP;
        INSERT INTO counter (name, next)
        VALUES ('customer_key', 1), ('event_seq', 1), ('log_seq', 1);
    END $$";

thread_local! {
    /// Databases of this test that are used no more: another takes long to make.
    static SPARE: RefCell<Vec<PostgresDatabase>> = const { RefCell::new(Vec::new()) };
}

/// A folder or a database of the test's own.
pub(crate) struct Ground {
    /// Always there, but while this is dropped.
    database: Option<TestDatabase>,
    folder: tempfile::TempDir,
}

impl Drop for Ground {
    fn drop(&mut self) {
        if let Some(TestDatabase::Postgres(database)) = self.database.take()
            && !std::thread::panicking()
        {
            // When the thread ends, so does the database.
            SPARE.try_with(|spare| spare.borrow_mut().push(database)).unwrap_or_default();
        }
    }
}

impl Ground {
    /// As the run has chosen.
    pub(crate) fn chosen() -> Self {
        match Self::used_before() {
            Some(ground) => ground,
            None => Self::of(TestDatabase::chosen().unwrap()),
        }
    }

    pub(crate) fn files() -> Self {
        Self::of(TestDatabase::File)
    }

    pub(crate) fn postgres() -> Self {
        match Self::used_before() {
            Some(ground) => ground,
            None => Self::of(TestDatabase::Postgres(PostgresDatabase::fresh().unwrap())),
        }
    }

    fn of(database: TestDatabase) -> Self {
        Self { database: Some(database), folder: tempfile::tempdir().unwrap() }
    }

    /// A database of this test that is used no more, and is empty again.
    fn used_before() -> Option<Self> {
        let database = SPARE.with_borrow_mut(Vec::pop)?;
        let ground = Self::of(TestDatabase::Postgres(database));
        ground.run(OWN, EMPTY);
        Some(ground)
    }

    fn url(&self) -> Option<&str> {
        self.database.as_ref().and_then(TestDatabase::url)
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.url().is_some()
    }

    /// Where a brand's tables are, or can be made.
    pub(crate) fn location(&self, brand: &str) -> Location {
        let brand = Brand::parse(brand).unwrap();
        match self.url() {
            None => Location::File(self.folder.path().join(format!("{brand}.db"))),
            Some(url) => {
                let server = PostgresServer::parse(url).unwrap();
                Location::Schema(PostgresPlace::of_brand(&server, &brand))
            }
        }
    }

    /// Makes place for a brand's tables.
    pub(crate) fn clear(&self, brand: &str) {
        match self.location(brand) {
            Location::File(path) => drop(std::fs::remove_file(path)),
            Location::Schema(place) => {
                self.run(brand, &format!("DROP SCHEMA IF EXISTS \"{}\" CASCADE", place.schema()));
            }
        }
    }

    /// Runs statements with a connection of their own.
    pub(crate) fn run(&self, brand: &str, statements: &str) {
        drop(self.sql(brand, statements));
    }

    /// The rows of a statement, as text; `-` where there is nothing.
    pub(crate) fn sql(&self, brand: &str, sql: &str) -> Vec<Vec<String>> {
        match (self.location(brand), self.url()) {
            (Location::Schema(place), Some(url)) => of_postgres(url, place.schema(), sql),
            (location, _) => of_file(&location, sql),
        }
    }
}

fn of_file(location: &Location, sql: &str) -> Vec<Vec<String>> {
    let connection = rusqlite::Connection::open(location.file().unwrap()).unwrap();
    let mut statement = connection.prepare(sql).unwrap();
    let count = statement.column_count();
    if count == 0 {
        connection.execute_batch(sql).unwrap();
        return Vec::new();
    }
    let cells = |row: &rusqlite::Row<'_>| (0..count).map(|at| row.get(at).map(text_of)).collect();
    let rows = statement.query_map([], cells).unwrap();
    rows.map(Result::unwrap).collect()
}

fn text_of(value: Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Text(text) => text,
        Value::Blob(_) => panic!("a blob is not for people"),
    }
}

fn of_postgres(url: &str, schema: &str, sql: &str) -> Vec<Vec<String>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        let driver = tokio::spawn(connection);
        client.batch_execute(&format!("SET search_path TO \"{schema}\"")).await.unwrap();
        let messages = client.simple_query(sql).await.unwrap();
        drop(client);
        driver.await.unwrap().unwrap();
        let rows = messages.iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(texts_of(row)),
            _ => None,
        });
        rows.collect()
    })
}

fn texts_of(row: &SimpleQueryRow) -> Vec<String> {
    (0..row.len()).map(|at| row.get(at).unwrap_or("-").to_owned()).collect()
}

/// How many random cases a law is tried on: fewer with PostgreSQL, where each takes longer.
pub(crate) fn cases(of_files: u32) -> u32 {
    if Ground::chosen().is_postgres() { of_files / 4 } else { of_files }
}

/// Everything that a brand's tables mean.
pub(crate) fn dump_of(reader: &Reader) -> String {
    let mut out = Vec::new();
    reader.dump(&mut out).unwrap().unwrap();
    String::from_utf8(out).unwrap()
}
