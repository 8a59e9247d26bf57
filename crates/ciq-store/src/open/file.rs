//! Brands in SQLite files.

use std::path::Path;

use ciq_event::Brand;
use rusqlite::{Connection, OptionalExtension as _};

use super::{MIGRATION_COUNT, SCHEMA_VERSION};
use crate::{StoreError, sql};

/// Migrations, applied in order. They only go forward and are never edited after a release.
const MIGRATIONS: [&str; MIGRATION_COUNT] = [
    include_str!("../sql/migrate_0001.sql"),
    include_str!("../sql/migrate_0002.sql"),
    include_str!("../sql/migrate_0003.sql"),
    include_str!("../sql/migrate_0004.sql"),
    include_str!("../sql/migrate_0005.sql"),
];

/// Marks the file as ours: "ciq1" in ASCII.
const APPLICATION_ID: i64 = 0x6369_7131;

/// How long a connection waits for another process's lock.
pub(crate) const BUSY_TIMEOUT_MS: u64 = 10_000;

/// Page cache of the writer in KiB. Half of a small machine's memory budget for an import.
const WRITER_CACHE_KIB: i64 = 28 * 1024;

/// Bytes of a page. Seven messages of 1 KB fit on one, of 4 KiB only three: measured a tenth
/// faster than 4 KiB, and no slower than 16 KiB.
const PAGE_SIZE_BYTES: i64 = 8_192;

/// Pages of write-ahead log before the writer checkpoints: 4 MiB. A checkpoint holds up the events
/// that come meanwhile for as long as the disk takes its pages; few at a time are over soon.
const CHECKPOINT_PAGES: i64 = 512;

/// The same while catching up, in large batches: 256 MiB. Every batch writes to most pages of the
/// indexes, and a checkpoint writes each once for all batches since the last.
const CHECKPOINT_PAGES_CATCHING_UP: i64 = 32_768;

/// Messages in a batch from which on the writer is catching up.
const CATCHING_UP_FROM: usize = 900;

/// What the write-ahead log shrinks to when it begins anew, in bytes.
const LOG_BYTES_KEPT: i64 = 64 * 1024 * 1024;

/// The same while catching up: all that it needs, for to take the room anew costs a seventh of the
/// rate.
const LOG_BYTES_KEPT_CATCHING_UP: i64 = 512 * 1024 * 1024;

/// Statements kept prepared; more than there are.
const STATEMENT_CACHE: usize = 128;

/// Opens a brand's file for writing.
pub(super) fn open(path: &Path, brand: &Brand) -> Result<sql::Connection, StoreError> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|source| StoreError::Folder {
            folder: folder.display().to_string(),
            source,
        })?;
    }
    let connection = Connection::open(path).map_err(StoreError::doing("open the file"))?;
    refuse_foreign(&connection)?;
    prepare(&connection).map_err(StoreError::doing("prepare the file"))?;
    migrate(connection, brand)
}

/// Writes the log into the file and shrinks it.
pub(super) fn checkpoint(connection: &Connection) -> Result<(), StoreError> {
    connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .map_err(StoreError::doing("write the log into the file"))
}

/// Tells whether a batch is so large that the writer is catching up.
pub(super) fn is_catching_up(message_count: usize) -> bool {
    message_count >= CATCHING_UP_FROM
}

/// Sets how often the writer checkpoints.
pub(super) fn set_pace(connection: &Connection, is_catching_up: bool) -> Result<(), StoreError> {
    let (pages, bytes) = if is_catching_up {
        (CHECKPOINT_PAGES_CATCHING_UP, LOG_BYTES_KEPT_CATCHING_UP)
    } else {
        (CHECKPOINT_PAGES, LOG_BYTES_KEPT)
    };
    for (pragma, value) in [("wal_autocheckpoint", pages), ("journal_size_limit", bytes)] {
        connection
            .pragma_update(None, pragma, value)
            .map_err(StoreError::doing("set the size of the write-ahead log"))?;
    }
    Ok(())
}

/// Returns a number that changes when another connection writes.
pub(super) fn data_version(connection: &Connection) -> sql::Result<i64> {
    Ok(connection.pragma_query_value(None, "data_version", |row| row.get(0))?)
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(std::time::Duration::from_millis(BUSY_TIMEOUT_MS))?;
    for (pragma, value) in [
        ("page_size", PAGE_SIZE_BYTES.to_string()),
        ("journal_mode", "WAL".to_owned()),
        ("synchronous", "FULL".to_owned()),
        ("cache_size", format!("-{WRITER_CACHE_KIB}")),
        ("wal_autocheckpoint", CHECKPOINT_PAGES.to_string()),
        ("journal_size_limit", LOG_BYTES_KEPT.to_string()),
        ("temp_store", "MEMORY".to_owned()),
    ] {
        connection.pragma_update(None, pragma, value)?;
    }
    connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    rusqlite::vtab::array::load_module(connection)
}

/// Refuses another program's database before anything is set on it.
fn refuse_foreign(connection: &Connection) -> Result<(), StoreError> {
    let doing = StoreError::doing("read the file's header");
    let application: i64 =
        connection.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(&doing)?;
    let is_empty = connection
        .query_row("SELECT 1 FROM sqlite_schema LIMIT 1", [], |_| Ok(()))
        .optional()
        .map_err(&doing)?
        .is_none();
    if !is_empty && application != APPLICATION_ID {
        return Err(StoreError::Foreign);
    }
    Ok(())
}

fn migrate(connection: Connection, brand: &Brand) -> Result<sql::Connection, StoreError> {
    let doing = StoreError::doing("bring the schema up to date");
    let connection = sql::Connection::Sqlite(connection);
    let transaction = connection.transaction().map_err(&doing)?;
    let read = |row: &sql::Row<'_>| row.get(0);
    let found: i64 = transaction.query_row("PRAGMA user_version", [], read).map_err(&doing)?;
    if found > SCHEMA_VERSION {
        return Err(StoreError::FromTheFuture { found, known: SCHEMA_VERSION });
    }
    for migration in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(migration).map_err(&doing)?;
    }
    if found == 0 {
        super::fill(&transaction, brand).map_err(&doing)?;
    }
    let mark =
        format!("PRAGMA user_version = {SCHEMA_VERSION}; PRAGMA application_id = {APPLICATION_ID}");
    transaction.execute_batch(&mark).map_err(&doing)?;
    transaction.commit().map_err(&doing)?;
    Ok(connection)
}
