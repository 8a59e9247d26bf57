//! Brands in schemas of a PostgreSQL database.

use std::collections::BTreeSet;

use ciq_engine::{Counters, Needs};
use ciq_event::Brand;

use super::{MIGRATION_COUNT, SCHEMA_VERSION};
use crate::sql::{Connection, Mode, OptionalExtension as _, Row, Session};
use crate::{PostgresPlace, StoreError, sql};

/// Migrations with the numbers of those for files. They only go forward and are never edited after
/// a release.
const MIGRATIONS: [&str; MIGRATION_COUNT] = [
    include_str!("../sql/postgres/migrate_0001.sql"),
    include_str!("../sql/postgres/migrate_0002.sql"),
    include_str!("../sql/postgres/migrate_0003.sql"),
    include_str!("../sql/postgres/migrate_0004.sql"),
    include_str!("../sql/postgres/migrate_0005.sql"),
];

/// Most characters of a schema's name (PostgreSQL, NAMEDATALEN less one), less those that are put
/// after it while another takes its place.
const NAME_MAX: usize = 63 - 4;

/// Numbers that a decision may need: one for itself, and few for customers.
const NUMBERS_OF_DECISION: usize = 16;

/// Opens a brand's schema for writing.
pub(super) fn open(place: &PostgresPlace, brand: &Brand) -> Result<Connection, StoreError> {
    if place.schema().len() > NAME_MAX {
        return Err(StoreError::LongBrand(brand.to_string()));
    }
    let session =
        Session::connect(place, Mode::Write).map_err(StoreError::doing("connect to PostgreSQL"))?;
    let connection = Connection::Postgres(session);
    migrate(&connection, place, brand)?;
    Ok(connection)
}

fn migrate(
    connection: &Connection,
    place: &PostgresPlace,
    brand: &Brand,
) -> Result<(), StoreError> {
    let doing = |error: sql::Error| {
        if error.is_read_only() {
            return StoreError::ReadOnly(place.to_string());
        }
        StoreError::doing("bring the schema up to date")(error)
    };
    // Processes that start together wait for each other.
    let transaction = connection.transaction().map_err(doing)?;
    let found = version(&transaction)?;
    if found > SCHEMA_VERSION {
        return Err(StoreError::FromTheFuture { found, known: SCHEMA_VERSION });
    }
    if found == SCHEMA_VERSION {
        // A replica is found out now, rather than by the first event.
        let sql = "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on'";
        let is_read_only: bool = transaction.query_row(sql, [], |row| row.get(0)).map_err(doing)?;
        return if is_read_only { Err(StoreError::ReadOnly(place.to_string())) } else { Ok(()) };
    }
    // Who may not make schemas may use one that was made for it.
    let sql = "SELECT 1 FROM pg_namespace WHERE nspname = ?1";
    let is_there = transaction.prepare_cached(sql).and_then(|mut it| it.exists([place.schema()]));
    if !is_there.map_err(doing)? {
        let make = format!("CREATE SCHEMA \"{}\"", place.schema());
        transaction.execute_batch(&make).map_err(doing)?;
    }
    for migration in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(migration).map_err(doing)?;
    }
    if found == 0 {
        super::fill(&transaction, brand).map_err(doing)?;
    }
    let mark = "INSERT INTO meta (name, value) VALUES ('schema_version', ?1)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    transaction.execute(mark, [SCHEMA_VERSION.to_string()]).map_err(doing)?;
    transaction.commit().map_err(doing)
}

/// Returns the version of a schema's tables; 0 where there are none. Refuses another program's.
pub(crate) fn version(connection: &Connection) -> Result<i64, StoreError> {
    let doing = StoreError::doing("read the version of the schema");
    let tables = "SELECT count(*), count(*) FILTER (WHERE c.relname = 'meta')
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = current_schema() AND c.relkind = 'r'";
    let counts = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let (all, ours): (i64, i64) = connection.query_row(tables, [], counts).map_err(&doing)?;
    if all == 0 {
        return Ok(0);
    }
    if ours == 0 {
        return Err(StoreError::Foreign);
    }
    let stored: Option<String> = connection
        .query_row("SELECT value FROM meta WHERE name = 'schema_version'", [], |row| row.get(0))
        .optional()
        .map_err(&doing)?;
    stored.and_then(|text| text.parse().ok()).ok_or(StoreError::Foreign)
}

/// The way to numbers and names that no other writer of the brand has: a connection beside the
/// one that writes, whose transactions are over at once.
#[derive(Debug)]
pub(crate) struct Reserve {
    connection: Connection,
    /// What the open transaction claims.
    pub(crate) claimed: BTreeSet<i64>,
    /// The first number after those that were reserved last.
    end: i64,
}

/// Takes numbers, and notes from which on, for whom, so that those who follow the feed wait for
/// what was taken earlier and is committed later. What is over needs no note, nor what is of
/// another server, out of a backup (`Reader::settled_before`).
const TAKE: &str = "WITH taken AS (
        UPDATE counter SET next = next + ?1 WHERE name = 'log_seq' RETURNING next - ?1 AS base
    ), over AS (
        DELETE FROM reservation WHERE pg_visible_in_snapshot(xid, pg_current_snapshot())
            OR xid >= pg_snapshot_xmax(pg_current_snapshot())
    )
    INSERT INTO reservation (xid, log_seq, event_seq)
    SELECT CAST(?2 AS xid8), base, base FROM taken RETURNING log_seq";

impl Reserve {
    /// Connects.
    pub(super) fn open(place: &PostgresPlace) -> Result<Self, StoreError> {
        let session = Session::connect(place, Mode::Reserve)
            .map_err(StoreError::doing("connect to PostgreSQL"))?;
        let connection = Connection::Postgres(session);
        Ok(Self { connection, claimed: BTreeSet::new(), end: 0 })
    }

    /// Returns where the numbers begin that a batch may use, whose transaction is open. All kinds
    /// of numbers are of one sequence here: it has gaps, and no two writers share one.
    pub(crate) fn numbers(
        &mut self,
        writing: &Connection,
        needs: &Needs,
    ) -> Result<Counters, StoreError> {
        let doing = StoreError::doing("reserve numbers");
        // An event is at most one message, and makes at most one customer.
        let count = if needs.events.is_empty() { NUMBERS_OF_DECISION } else { needs.events.len() };
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let sql = "SELECT CAST(pg_current_xact_id() AS TEXT)";
        let xid: String = writing.query_row(sql, [], |row| row.get(0)).map_err(&doing)?;
        let base: i64 = self
            .connection
            .query_row(TAKE, sql::params![count, xid], |row| row.get(0))
            .map_err(&doing)?;
        self.end = base + count;
        Ok(Counters { customer_key: base, log_seq: base, event_seq: base })
    }

    /// Refuses to write with more numbers than were reserved.
    pub(crate) fn check(&self, next: Counters) -> Result<(), StoreError> {
        let Counters { customer_key, log_seq, event_seq } = next;
        if customer_key.max(log_seq).max(event_seq) > self.end {
            return Err(StoreError::corrupt("number", "more were used than are reserved"));
        }
        Ok(())
    }

    /// Returns the numbers of names in a dictionary, adding those that are not there.
    pub(crate) fn keys_of_names(
        &self,
        table: &str,
        names: &[&str],
    ) -> Result<Vec<(String, i64)>, StoreError> {
        let doing = StoreError::doing("add names");
        let list = crate::codec::texts_list(names.iter().copied());
        let add = format!(
            "INSERT INTO {table} (name) SELECT name FROM unnest(?1) AS given (name) ORDER BY name
            ON CONFLICT DO NOTHING"
        );
        self.connection.execute(&add, [list.clone()]).map_err(&doing)?;
        let find = format!("SELECT name, key FROM {table} WHERE name IN rarray(?1)");
        let mut statement = self.connection.prepare_cached(&find).map_err(&doing)?;
        let rows =
            statement.query_map([list], |row| Ok((row.get(0)?, row.get(1)?))).map_err(&doing)?;
        rows.collect::<sql::Result<_>>().map_err(&doing)
    }
}
