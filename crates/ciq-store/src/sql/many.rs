//! One statement for many rows.

use rusqlite::CachedStatement;

use super::bound::Bound;
use super::dialect::Insert;
use super::params::for_sqlite;
use super::{Connection, Params, Result, Session};

/// Rows sent at once, and bytes: bounds the memory of a large batch.
const ROWS_MAX: usize = 5_000;
const BYTES_MAX: usize = 16 * 1024 * 1024;

/// A statement that is run once for each of many rows. SQLite runs it at once; PostgreSQL gets the
/// rows of an `INSERT` as lists, in one statement, and those of others one after the other without
/// waiting for each answer. [`Self::finish`] sends the last ones.
pub(crate) enum Many<'c> {
    /// In a file.
    Sqlite(CachedStatement<'c>),
    /// In a schema.
    Postgres(Gathered<'c>),
}

/// Rows that are not sent yet.
#[derive(Debug)]
pub(crate) struct Gathered<'c> {
    session: &'c Session,
    sql: String,
    /// The statement for many rows, if it is an `INSERT`.
    insert: Option<String>,
    rows: Vec<Vec<Bound>>,
    bytes: usize,
}

impl<'c> Many<'c> {
    /// Prepares a statement.
    pub(super) fn prepare(connection: &'c Connection, sql: &str) -> Result<Self> {
        let session = match connection {
            Connection::Sqlite(connection) => {
                return Ok(Self::Sqlite(connection.prepare_cached(sql)?));
            }
            Connection::Postgres(session) => session,
        };
        let insert = Insert::parse(sql).map(|insert| session.for_many(&insert)).transpose()?;
        let rows = Vec::new();
        Ok(Self::Postgres(Gathered { session, sql: sql.to_owned(), insert, rows, bytes: 0 }))
    }

    /// Adds a row.
    pub(crate) fn push(&mut self, given: impl Params) -> Result<()> {
        match self {
            Self::Sqlite(statement) => given.with(|values| {
                statement.execute(&*for_sqlite(values))?;
                Ok(())
            }),
            Self::Postgres(gathered) => given.with(|values| {
                let row: Vec<Bound> =
                    values.iter().map(|value| value.for_postgres()).collect::<Result<_>>()?;
                gathered.push(row)
            }),
        }
    }

    /// Sends what is not sent yet.
    pub(crate) fn finish(self) -> Result<()> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(mut gathered) => gathered.flush(),
        }
    }
}

impl Gathered<'_> {
    fn push(&mut self, row: Vec<Bound>) -> Result<()> {
        self.bytes += row.iter().map(bytes_of).sum::<usize>();
        self.rows.push(row);
        if self.rows.len() >= ROWS_MAX || self.bytes >= BYTES_MAX {
            return self.flush();
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        let rows = std::mem::take(&mut self.rows);
        self.bytes = 0;
        if rows.is_empty() {
            return Ok(());
        }
        match &self.insert {
            Some(insert) => self.session.insert(insert, rows),
            None => self.session.execute_each(&self.sql, &rows),
        }
    }
}

fn bytes_of(value: &Bound) -> usize {
    match value {
        Bound::Text(text) => text.len(),
        Bound::Blob(bytes) => bytes.len(),
        _ => 8,
    }
}
