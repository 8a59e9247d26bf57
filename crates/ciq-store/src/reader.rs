//! Reading: a small pool of connections that cannot write.

use std::path::Path;
use std::sync::{Condvar, Mutex, PoisonError};

use rusqlite::OpenFlags;

use crate::open::{BUSY_TIMEOUT_MS, version};
use crate::sql::{Connection, Mode, Session};
use crate::{Location, PostgresPlace, SCHEMA_VERSION, StoreError, sql};

/// Connections kept open when nobody reads; more are opened and closed as needed.
const IDLE_MAX: usize = 8;

/// Connections to PostgreSQL that read at once; who comes later waits. A server has a hundred for
/// all its clients unless told otherwise.
const READING_MAX: usize = 16;

/// Page cache of a reader in KiB.
const READER_CACHE_KIB: i64 = 2 * 1024;

/// Page cache of a reader of everything in KiB: what is not mapped but still in the write-ahead log
/// has to be looked up there.
const PASS_CACHE_KIB: i64 = 16 * 1024;

/// How much of the file a reader of everything maps into memory at most, in bytes. It goes through
/// more pages than any cache holds, and copying each costs more than reading it.
const MAPPED_BYTES_MAX: i64 = 64 * 1024 * 1024 * 1024;

/// A small pool of read-only connections to one brand's tables.
#[derive(Debug)]
pub struct Readers {
    location: Location,
    idle: Mutex<Vec<Connection>>,
    /// How many read in PostgreSQL now, and the sign that one is done.
    reading: Mutex<usize>,
    done: Condvar,
}

/// One read-only connection, with the named queries. Short statements only: a reader that stays
/// keeps the write-ahead log from shrinking.
#[derive(Debug)]
pub struct Reader {
    pub(crate) connection: Connection,
}

impl Readers {
    /// Makes a pool for tables that a [`crate::Writer`] has opened before.
    #[must_use]
    pub fn new(location: impl Into<Location>) -> Self {
        Self {
            location: location.into(),
            idle: Mutex::default(),
            reading: Mutex::default(),
            done: Condvar::new(),
        }
    }

    /// Returns where the tables are.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Opens a connection for a pass over everything, which shares nothing with the pool.
    pub fn for_everything(&self) -> Result<Reader, StoreError> {
        let reader = Reader::open(&self.location)?;
        if let Some(connection) = reader.connection.as_sqlite() {
            for (pragma, value) in [
                ("mmap_size", MAPPED_BYTES_MAX.to_string()),
                ("cache_size", format!("-{PASS_CACHE_KIB}")),
            ] {
                connection
                    .pragma_update(None, pragma, value)
                    .map_err(StoreError::doing("prepare a pass over everything"))?;
            }
        }
        Ok(reader)
    }

    /// Runs a query on a connection of the pool. Blocks: call it off the async threads.
    pub fn read<T>(
        &self,
        query: impl FnOnce(&Reader) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let _turn = self.turn();
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let reader = match idle {
            Some(connection) => Reader { connection },
            None => Reader::open(&self.location)?,
        };
        let answer = query(&reader);
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_MAX {
            idle.push(reader.connection);
        }
        answer
    }

    /// Waits until there is a connection to be had; a file has as many as are wanted.
    fn turn(&self) -> Option<Turn<'_>> {
        self.location.file().is_none().then(|| {
            let mut reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
            while *reading >= READING_MAX {
                reading = self.done.wait(reading).unwrap_or_else(PoisonError::into_inner);
            }
            *reading += 1;
            Turn(self)
        })
    }
}

/// One of those that read in PostgreSQL.
struct Turn<'r>(&'r Readers);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.0.reading.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.0.done.notify_one();
    }
}

impl Reader {
    /// Opens a connection that cannot write. The tables must be there.
    pub fn open(location: impl Into<Location>) -> Result<Self, StoreError> {
        let connection = match location.into() {
            Location::File(path) => {
                let opened = open_file(&path);
                let opened = opened.map_err(StoreError::doing("open the file for reading"))?;
                Connection::Sqlite(opened)
            }
            Location::Schema(place) => open_schema(&place)?,
        };
        Ok(Self { connection })
    }

    /// Returns what tells these tables from all others, also of the same brand.
    pub fn file_id(&self) -> Result<String, StoreError> {
        self.connection
            .query_row("SELECT value FROM meta WHERE name = 'file_id'", [], |row| row.get(0))
            .map_err(StoreError::doing("read which file it is"))
    }
}

pub(crate) fn open_file(path: &Path) -> sql::Result<rusqlite::Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = rusqlite::Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(std::time::Duration::from_millis(BUSY_TIMEOUT_MS))?;
    connection.pragma_update(None, "query_only", "ON")?;
    connection.pragma_update(None, "cache_size", format!("-{READER_CACHE_KIB}"))?;
    connection.set_prepared_statement_cache_capacity(64);
    rusqlite::vtab::array::load_module(&connection)?;
    Ok(connection)
}

fn open_schema(place: &PostgresPlace) -> Result<Connection, StoreError> {
    let session =
        Session::connect(place, Mode::Read).map_err(StoreError::doing("connect to PostgreSQL"))?;
    let connection = Connection::Postgres(session);
    match version(&connection)? {
        0 => Err(StoreError::NoSchema(place.to_string())),
        found if found > SCHEMA_VERSION => {
            Err(StoreError::FromTheFuture { found, known: SCHEMA_VERSION })
        }
        _ => Ok(connection),
    }
}
