//! Opening a brand's file, and the one connection that writes to it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ciq_engine::Counters;
use ciq_event::Brand;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use crate::StoreError;

/// The schema that this program writes.
pub const SCHEMA_VERSION: i64 = MIGRATIONS.len().cast_signed() as i64;

/// Migrations, applied in order. They only go forward and are never edited after a release.
const MIGRATIONS: [&str; 5] = [
    include_str!("sql/migrate_0001.sql"),
    include_str!("sql/migrate_0002.sql"),
    include_str!("sql/migrate_0003.sql"),
    include_str!("sql/migrate_0004.sql"),
    include_str!("sql/migrate_0005.sql"),
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

/// Currencies whose smallest unit is not a hundredth (ISO 4217).
const UNUSUAL_CURRENCIES: [&str; 26] = [
    "BHD", "BIF", "CLF", "CLP", "DJF", "GNF", "IQD", "ISK", "JOD", "JPY", "KMF", "KRW", "KWD",
    "LYD", "OMR", "PYG", "RWF", "TND", "UGX", "UYI", "UYW", "VND", "VUV", "XAF", "XOF", "XPF",
];

/// The one connection that writes to a brand's file. Owned by one thread.
#[derive(Debug)]
pub struct Writer {
    pub(crate) connection: Connection,
    pub(crate) path: PathBuf,
    pub(crate) next: Counters,
    pub(crate) event_types: BTreeMap<String, i64>,
    pub(crate) sources: BTreeMap<String, i64>,
    /// Some of the products and categories: there may be very many.
    pub(crate) products: BTreeMap<String, i64>,
    pub(crate) categories: BTreeMap<String, i64>,
    /// The file's `data_version` at which the counters and dictionaries were read: it changes
    /// when another process writes.
    pub(crate) seen_version: Option<i64>,
    pub(crate) is_catching_up: bool,
}

impl Writer {
    /// Opens a brand's file, making it and its folder where there is none, and brings its schema
    /// up to date. Refuses a file of a later version or of another program.
    pub fn open(path: &Path, brand: &Brand) -> Result<Self, StoreError> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|source| StoreError::Folder {
                folder: folder.display().to_string(),
                source,
            })?;
        }
        let mut connection = Connection::open(path).map_err(StoreError::doing("open the file"))?;
        refuse_foreign(&connection)?;
        prepare_connection(&connection)?;
        migrate(&mut connection, brand)?;
        let mut writer = Self {
            connection,
            path: path.to_owned(),
            next: Counters { customer_key: 1, log_seq: 1, event_seq: 1 },
            event_types: BTreeMap::new(),
            sources: BTreeMap::new(),
            products: BTreeMap::new(),
            categories: BTreeMap::new(),
            seen_version: None,
            is_catching_up: false,
        };
        writer.refresh()?;
        Ok(writer)
    }

    /// Returns the path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the next free numbers.
    pub fn counters(&self) -> Counters {
        self.next
    }

    /// Writes the log into the file and shrinks it. For a clean end; a crash does without.
    pub fn checkpoint(&self) -> Result<(), StoreError> {
        self.connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .map_err(StoreError::doing("write the log into the file"))
    }

    /// Begins a transaction, so that what is loaded stays true until it is committed, also with
    /// other processes on the same file.
    pub(crate) fn begin(&mut self) -> Result<(), StoreError> {
        debug_assert!(self.connection.is_autocommit(), "each load ends in a commit");
        self.connection
            .execute_batch("BEGIN IMMEDIATE")
            .map_err(StoreError::doing("begin a write"))?;
        self.refresh()
    }

    /// Checkpoints rarely while batches are large.
    pub(crate) fn pace(&mut self, message_count: usize) -> Result<(), StoreError> {
        let is_catching_up = message_count >= CATCHING_UP_FROM;
        if is_catching_up == self.is_catching_up {
            return Ok(());
        }
        self.is_catching_up = is_catching_up;
        let (pages, bytes) = if is_catching_up {
            (CHECKPOINT_PAGES_CATCHING_UP, LOG_BYTES_KEPT_CATCHING_UP)
        } else {
            (CHECKPOINT_PAGES, LOG_BYTES_KEPT)
        };
        for (pragma, value) in [("wal_autocheckpoint", pages), ("journal_size_limit", bytes)] {
            self.connection
                .pragma_update(None, pragma, value)
                .map_err(StoreError::doing("set the size of the write-ahead log"))?;
        }
        Ok(())
    }

    /// Reads what is kept in memory beside the file, if another process has written since, or a
    /// write failed.
    fn refresh(&mut self) -> Result<(), StoreError> {
        let doing = StoreError::doing("read the counters");
        let version: i64 = self
            .connection
            .pragma_query_value(None, "data_version", |row| row.get(0))
            .map_err(&doing)?;
        if self.seen_version == Some(version) {
            return Ok(());
        }
        self.next = counters(&self.connection).map_err(&doing)?;
        self.event_types =
            names(&self.connection, "SELECT name, key FROM event_type").map_err(&doing)?;
        self.products.clear();
        self.categories.clear();
        self.sources = names(&self.connection, "SELECT name, key FROM source").map_err(&doing)?;
        self.seen_version = Some(version);
        Ok(())
    }
}

pub(crate) fn counters(connection: &Connection) -> rusqlite::Result<Counters> {
    let stored = names(connection, "SELECT name, next FROM counter")?;
    let next = |name: &str| stored.get(name).copied().unwrap_or(1);
    Ok(Counters {
        customer_key: next("customer_key"),
        log_seq: next("log_seq"),
        event_seq: next("event_seq"),
    })
}

fn names(connection: &Connection, sql: &str) -> rusqlite::Result<BTreeMap<String, i64>> {
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

fn prepare_connection(connection: &Connection) -> Result<(), StoreError> {
    let doing = StoreError::doing("prepare the file");
    connection.busy_timeout(std::time::Duration::from_millis(BUSY_TIMEOUT_MS)).map_err(&doing)?;
    for (pragma, value) in [
        ("page_size", PAGE_SIZE_BYTES.to_string()),
        ("journal_mode", "WAL".to_owned()),
        ("synchronous", "FULL".to_owned()),
        ("cache_size", format!("-{WRITER_CACHE_KIB}")),
        ("wal_autocheckpoint", CHECKPOINT_PAGES.to_string()),
        ("journal_size_limit", LOG_BYTES_KEPT.to_string()),
        ("temp_store", "MEMORY".to_owned()),
    ] {
        connection.pragma_update(None, pragma, value).map_err(&doing)?;
    }
    connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    rusqlite::vtab::array::load_module(connection).map_err(&doing)
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

fn migrate(connection: &mut Connection, brand: &Brand) -> Result<(), StoreError> {
    let doing = StoreError::doing("bring the schema up to date");
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(&doing)?;
    let found: i64 =
        transaction.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(&doing)?;
    if found > SCHEMA_VERSION {
        return Err(StoreError::FromTheFuture { found, known: SCHEMA_VERSION });
    }
    for migration in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(migration).map_err(&doing)?;
    }
    if found == 0 {
        fill(&transaction, brand).map_err(&doing)?;
    }
    transaction.pragma_update(None, "user_version", SCHEMA_VERSION).map_err(&doing)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(&doing)?;
    transaction.commit().map_err(&doing)
}

fn fill(connection: &Connection, brand: &Brand) -> rusqlite::Result<()> {
    connection.execute("INSERT INTO meta (name, value) VALUES ('brand', ?1)", [brand.as_str()])?;
    let mut statement =
        connection.prepare("INSERT INTO currency (code, divisor) VALUES (?1, ?2)")?;
    for code in UNUSUAL_CURRENCIES {
        let digits = ciq_event::Currency::parse(code).map_or(2, ciq_event::Currency::digits);
        statement.execute((code, 10_i64.pow(digits)))?;
    }
    Ok(())
}
