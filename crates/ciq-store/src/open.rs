//! Opening a brand's tables, and the one connection of a process that writes to them.

mod file;
mod schema;

use std::collections::BTreeMap;

use ciq_engine::Counters;
use ciq_event::Brand;

use crate::sql::{Connection, params};
use crate::{Location, StoreError, sql};

pub(crate) use self::file::BUSY_TIMEOUT_MS;
pub(crate) use self::schema::{Reserve, version};

/// The schema that this program writes.
pub const SCHEMA_VERSION: i64 = MIGRATION_COUNT.cast_signed() as i64;

/// How many migrations there are: as many in each kind of database.
const MIGRATION_COUNT: usize = 5;

/// Currencies whose smallest unit is not a hundredth (ISO 4217).
const UNUSUAL_CURRENCIES: [&str; 26] = [
    "BHD", "BIF", "CLF", "CLP", "DJF", "GNF", "IQD", "ISK", "JOD", "JPY", "KMF", "KRW", "KWD",
    "LYD", "OMR", "PYG", "RWF", "TND", "UGX", "UYI", "UYW", "VND", "VUV", "XAF", "XOF", "XPF",
];

/// The one connection that writes to a brand's tables. Owned by one thread.
#[derive(Debug)]
pub struct Writer {
    pub(crate) connection: Connection,
    pub(crate) location: Location,
    pub(crate) next: Counters,
    pub(crate) event_types: BTreeMap<String, i64>,
    pub(crate) sources: BTreeMap<String, i64>,
    /// Some of the products and categories: there may be very many.
    pub(crate) products: BTreeMap<String, i64>,
    pub(crate) categories: BTreeMap<String, i64>,
    /// The file's `data_version` at which the counters and dictionaries were read: it changes
    /// when another process writes. In PostgreSQL, which connection it was.
    pub(crate) seen_version: Option<i64>,
    pub(crate) is_catching_up: bool,
    /// In PostgreSQL: the way to numbers that no other writer has.
    pub(crate) reserve: Option<Reserve>,
}

impl Writer {
    /// Opens a brand's tables, making them where there are none, and brings their schema up to
    /// date. Refuses those of a later version or of another program.
    pub fn open(location: impl Into<Location>, brand: &Brand) -> Result<Self, StoreError> {
        let location = location.into();
        let (connection, reserve) = match &location {
            Location::File(path) => (file::open(path, brand)?, None),
            Location::Schema(place) => (schema::open(place, brand)?, Some(Reserve::open(place)?)),
        };
        let mut writer = Self {
            connection,
            location,
            next: Counters { customer_key: 1, log_seq: 1, event_seq: 1 },
            event_types: BTreeMap::new(),
            sources: BTreeMap::new(),
            products: BTreeMap::new(),
            categories: BTreeMap::new(),
            seen_version: None,
            is_catching_up: false,
            reserve,
        };
        writer.refresh()?;
        Ok(writer)
    }

    /// Returns where the tables are.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Returns the next free numbers. Where several write to one brand, others may take them.
    pub fn counters(&self) -> Counters {
        self.next
    }

    /// Writes the log into the file and shrinks it. For a clean end; a crash does without.
    /// PostgreSQL looks after its own.
    pub fn checkpoint(&self) -> Result<(), StoreError> {
        let Some(connection) = self.connection.as_sqlite() else { return Ok(()) };
        file::checkpoint(connection)
    }

    /// Begins a transaction in a file, so that what is loaded stays true until it is committed,
    /// also with other processes on the same file.
    pub(crate) fn begin(&mut self) -> Result<(), StoreError> {
        debug_assert!(self.connection.is_autocommit(), "each load ends in a commit");
        if let Some(connection) = self.connection.as_sqlite() {
            connection
                .execute_batch("BEGIN IMMEDIATE")
                .map_err(StoreError::doing("begin a write"))?;
        }
        self.refresh()
    }

    /// Checkpoints rarely while batches are large.
    pub(crate) fn pace(&mut self, message_count: usize) -> Result<(), StoreError> {
        let Some(connection) = self.connection.as_sqlite() else { return Ok(()) };
        let is_catching_up = file::is_catching_up(message_count);
        if is_catching_up != self.is_catching_up {
            self.is_catching_up = is_catching_up;
            file::set_pace(connection, is_catching_up)?;
        }
        Ok(())
    }

    /// Forgets names and their numbers.
    pub(crate) fn forget_names(&mut self) {
        for known in
            [&mut self.event_types, &mut self.sources, &mut self.products, &mut self.categories]
        {
            known.clear();
        }
    }

    /// Forgets names where the connection was lost since they were learnt: other tables may have
    /// taken the place of those, with other numbers.
    pub(crate) fn forget_if_reconnected(&mut self) {
        let version = Some(self.connection.link_count());
        if self.seen_version != version {
            self.forget_names();
            self.seen_version = version;
        }
    }

    /// Reads what is kept in memory beside the tables, if another process has written since, or a
    /// write failed. In PostgreSQL that is done once: names are learnt and numbers are reserved by
    /// each batch.
    fn refresh(&mut self) -> Result<(), StoreError> {
        let doing = StoreError::doing("read the counters");
        let version = match self.connection.as_sqlite() {
            Some(connection) => file::data_version(connection).map_err(&doing)?,
            None => self.connection.link_count(),
        };
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

pub(crate) fn counters(connection: &Connection) -> sql::Result<Counters> {
    let stored = names(connection, "SELECT name, next FROM counter")?;
    let next = |name: &str| stored.get(name).copied().unwrap_or(1);
    Ok(Counters {
        customer_key: next("customer_key"),
        log_seq: next("log_seq"),
        event_seq: next("event_seq"),
    })
}

fn names(connection: &Connection, sql: &str) -> sql::Result<BTreeMap<String, i64>> {
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// Fills new tables with what every brand has.
fn fill(connection: &Connection, brand: &Brand) -> sql::Result<()> {
    connection.execute("INSERT INTO meta (name, value) VALUES ('brand', ?1)", [brand.as_str()])?;
    let mut insert =
        connection.prepare_many("INSERT INTO currency (code, divisor) VALUES (?1, ?2)")?;
    for code in UNUSUAL_CURRENCIES {
        let digits = ciq_event::Currency::parse(code).map_or(2, ciq_event::Currency::digits);
        insert.push(params![code, 10_i64.pow(digits)])?;
    }
    insert.finish()
}
