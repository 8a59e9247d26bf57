//! Reading: a small pool of connections that cannot write.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OpenFlags};

use crate::StoreError;
use crate::open::BUSY_TIMEOUT_MS;

/// Connections kept open when nobody reads; more are opened and closed as needed.
const IDLE_MAX: usize = 8;

/// Page cache of a reader in KiB.
const READER_CACHE_KIB: i64 = 2 * 1024;

/// Page cache of a reader of everything in KiB: what is not mapped but still in the write-ahead log
/// has to be looked up there.
const PASS_CACHE_KIB: i64 = 16 * 1024;

/// How much of the file a reader of everything maps into memory at most, in bytes. It goes through
/// more pages than any cache holds, and copying each costs more than reading it.
const MAPPED_BYTES_MAX: i64 = 64 * 1024 * 1024 * 1024;

/// A small pool of read-only connections to one brand's file.
#[derive(Debug)]
pub struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

/// One read-only connection, with the named queries. Short statements only: a reader that stays
/// keeps the write-ahead log from shrinking.
#[derive(Debug)]
pub struct Reader {
    pub(crate) connection: Connection,
}

impl Readers {
    /// Makes a pool for a file that a [`crate::Writer`] has opened before.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), idle: Mutex::default() }
    }

    /// Opens a connection for a pass over everything, which shares nothing with the pool.
    pub fn for_everything(&self) -> Result<Reader, StoreError> {
        let doing = StoreError::doing("prepare a pass over everything");
        let reader = Reader::open(&self.path)?;
        for (pragma, value) in [
            ("mmap_size", MAPPED_BYTES_MAX.to_string()),
            ("cache_size", format!("-{PASS_CACHE_KIB}")),
        ] {
            reader.connection.pragma_update(None, pragma, value).map_err(&doing)?;
        }
        Ok(reader)
    }

    /// Runs a query on a connection of the pool. Blocks: call it off the async threads.
    pub fn read<T>(
        &self,
        query: impl FnOnce(&Reader) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let reader = match idle {
            Some(connection) => Reader { connection },
            None => Reader::open(&self.path)?,
        };
        let answer = query(&reader);
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_MAX {
            idle.push(reader.connection);
        }
        answer
    }
}

impl Reader {
    /// Opens a connection that cannot write.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let doing = StoreError::doing("open the file for reading");
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(&doing)?;
        connection
            .busy_timeout(std::time::Duration::from_millis(BUSY_TIMEOUT_MS))
            .map_err(&doing)?;
        connection.pragma_update(None, "query_only", "ON").map_err(&doing)?;
        connection
            .pragma_update(None, "cache_size", format!("-{READER_CACHE_KIB}"))
            .map_err(&doing)?;
        connection.set_prepared_statement_cache_capacity(64);
        rusqlite::vtab::array::load_module(&connection).map_err(&doing)?;
        Ok(Self { connection })
    }

    /// Returns what tells this file from every other one, also of the same brand.
    pub fn file_id(&self) -> Result<String, StoreError> {
        self.connection
            .query_row("SELECT value FROM meta WHERE name = 'file_id'", [], |row| row.get(0))
            .map_err(StoreError::doing("read which file it is"))
    }
}
