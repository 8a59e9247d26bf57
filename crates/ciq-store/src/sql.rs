//! One face for two databases: SQLite in a file, or PostgreSQL. In reading order:
//!
//! - [`Connection`], [`Transaction`]: where statements run;
//! - [`Statement`], [`Rows`], [`Row`]: what a statement gives back;
//! - [`Many`]: one statement for many rows;
//! - [`Session`]: PostgreSQL behind it;
//! - [`dialect`]: SQL as SQLite says it, said for PostgreSQL.
//!
//! The names and shapes are rusqlite's, and so are the traits of values: they are plain data.
//! Statements are written in SQLite's dialect.

mod bound;
mod catalog;
mod dialect;
mod error;
mod many;
mod params;
mod runtime;
mod session;
mod statement;

pub(crate) use rusqlite::types::{FromSql, Value};

pub use self::error::Error;
pub(crate) use self::error::{OptionalExtension, Result};
pub(crate) use self::many::Many;
pub(crate) use self::params::{List, Params, ToSql, params, params_from_iter};
pub(crate) use self::session::{Mode, Session};
pub(crate) use self::statement::{Row, Statement};

/// A connection to a brand's tables.
#[derive(Debug)]
pub(crate) enum Connection {
    /// To a file of its own.
    Sqlite(rusqlite::Connection),
    /// To a schema of a PostgreSQL database.
    Postgres(Session),
}

impl Connection {
    /// Prepares a statement, or finds it prepared already.
    pub(crate) fn prepare_cached<'c>(&'c self, sql: &str) -> Result<Statement<'c>> {
        Ok(match self {
            Self::Sqlite(connection) => Statement::Sqlite(connection.prepare_cached(sql)?),
            Self::Postgres(session) => Statement::Postgres { session, sql: sql.to_owned() },
        })
    }

    /// Prepares a statement that is run once for each of many rows.
    pub(crate) fn prepare_many<'c>(&'c self, sql: &str) -> Result<Many<'c>> {
        Many::prepare(self, sql)
    }

    /// Runs a statement, and reads its first row.
    pub(crate) fn query_row<T>(
        &self,
        sql: &str,
        given: impl Params,
        read: impl FnOnce(&Row<'_>) -> Result<T>,
    ) -> Result<T> {
        self.prepare_cached(sql)?.query_row(given, read)
    }

    /// Runs a statement that returns no rows, and tells how many it changed.
    pub(crate) fn execute(&self, sql: &str, given: impl Params) -> Result<usize> {
        self.prepare_cached(sql)?.execute(given)
    }

    /// Runs statements to which nothing is given, said in the database's own dialect.
    pub(crate) fn execute_batch(&self, sql: &str) -> Result<()> {
        match self {
            Self::Sqlite(connection) => Ok(connection.execute_batch(sql)?),
            Self::Postgres(session) => session.batch(sql),
        }
    }

    /// Begins to write, when nobody else does, in this process or another.
    pub(crate) fn transaction(&self) -> Result<Transaction<'_>> {
        match self {
            Self::Sqlite(connection) => connection.execute_batch("BEGIN IMMEDIATE")?,
            Self::Postgres(session) => session.begin_alone()?,
        }
        Ok(Transaction { connection: self })
    }

    /// Begins to read as it is at one moment.
    pub(crate) fn moment(&self) -> Result<Transaction<'_>> {
        match self {
            Self::Sqlite(connection) => connection.execute_batch("BEGIN")?,
            Self::Postgres(session) => session.begin_reading()?,
        }
        Ok(Transaction { connection: self })
    }

    /// Tells whether no transaction is open.
    pub(crate) fn is_autocommit(&self) -> bool {
        match self {
            Self::Sqlite(connection) => connection.is_autocommit(),
            Self::Postgres(session) => !session.is_open(),
        }
    }

    /// Ends the open transaction with what was written.
    pub(crate) fn commit(&self) -> Result<()> {
        match self {
            Self::Sqlite(connection) => Ok(connection.execute_batch("COMMIT")?),
            Self::Postgres(session) => session.commit(),
        }
    }

    /// Ends the open transaction as if it had not been, if there is one.
    pub(crate) fn roll_back(&self) {
        match self {
            Self::Sqlite(connection) => {
                if !connection.is_autocommit() {
                    // One that fails leaves nothing either: the next transaction begins anew.
                    drop(connection.execute_batch("ROLLBACK"));
                }
            }
            Self::Postgres(session) => session.roll_back(),
        }
    }

    /// Returns a number that changes when a lost connection was made anew.
    pub(crate) fn link_count(&self) -> i64 {
        match self {
            Self::Sqlite(_) => 1,
            Self::Postgres(session) => session.link_count(),
        }
    }

    /// Returns what is said differently: in SQLite's words, or in PostgreSQL's.
    pub(crate) fn choose<'t>(&self, sqlite: &'t str, postgres: &'t str) -> &'t str {
        match self {
            Self::Sqlite(_) => sqlite,
            Self::Postgres(_) => postgres,
        }
    }

    /// Returns the connection to a file, if it is one.
    pub(crate) fn as_sqlite(&self) -> Option<&rusqlite::Connection> {
        match self {
            Self::Sqlite(connection) => Some(connection),
            Self::Postgres(_) => None,
        }
    }
}

/// An open transaction. What is not committed is rolled back.
#[derive(Debug)]
pub(crate) struct Transaction<'c> {
    connection: &'c Connection,
}

impl Transaction<'_> {
    /// Ends it with what was written.
    pub(crate) fn commit(self) -> Result<()> {
        self.connection.commit()
    }
}

impl std::ops::Deref for Transaction<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        self.connection.roll_back();
    }
}
