//! Statements and what they give back.

use std::borrow::Cow;
use std::pin::Pin;

use futures_util::StreamExt as _;
use rusqlite::CachedStatement;
use rusqlite::types::{FromSql, Value, ValueRef};
use tokio_postgres::RowStream;

use super::params::for_sqlite;
use super::runtime::wait;
use super::{Error, Params, Result, Session, bound};

/// A statement, ready to run.
pub(crate) enum Statement<'c> {
    /// Prepared by SQLite.
    Sqlite(CachedStatement<'c>),
    /// Prepared by PostgreSQL when it is known what is given to it.
    Postgres {
        /// Where it runs.
        session: &'c Session,
        /// As SQLite says it.
        sql: String,
    },
}

impl Statement<'_> {
    /// Runs it, and hands out its rows one by one.
    pub(crate) fn query(&mut self, given: impl Params) -> Result<Rows<'_>> {
        match self {
            Self::Sqlite(statement) => {
                given.with(|values| Ok(Rows::Sqlite(statement.query(&*for_sqlite(values))?)))
            }
            Self::Postgres { session, sql } => given.with(|values| {
                let rows = session.query(sql, values)?.into_iter();
                Ok(Rows::Postgres { rows, current: None })
            }),
        }
    }

    /// As [`Self::query`], for rows without end: they are not all fetched before the first is
    /// handed out. Nothing else may be asked on the connection meanwhile.
    pub(crate) fn stream(&mut self, given: impl Params) -> Result<Rows<'_>> {
        match self {
            Self::Sqlite(_) => self.query(given),
            Self::Postgres { session, sql } => given.with(|values| {
                let rows = Box::pin(session.stream(sql, values)?);
                Ok(Rows::Streamed { rows, current: None })
            }),
        }
    }

    /// Runs it, and reads each of its rows.
    pub(crate) fn query_map<T, F: FnMut(&Row<'_>) -> Result<T>>(
        &mut self,
        given: impl Params,
        read: F,
    ) -> Result<Mapped<'_, F>> {
        Ok(Mapped { rows: self.query(given)?, read })
    }

    /// Runs it, and reads its first row.
    pub(crate) fn query_row<T>(
        &mut self,
        given: impl Params,
        read: impl FnOnce(&Row<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut rows = self.query(given)?;
        let row = rows.next()?.ok_or(Error::NoRow)?;
        read(&row)
    }

    /// Runs it, and tells how many rows it changed.
    pub(crate) fn execute(&mut self, given: impl Params) -> Result<usize> {
        match self {
            Self::Sqlite(statement) => {
                given.with(|values| Ok(statement.execute(&*for_sqlite(values))?))
            }
            Self::Postgres { session, sql } => given.with(|values| session.execute(sql, values)),
        }
    }

    /// Tells whether it returns any row.
    pub(crate) fn exists(&mut self, given: impl Params) -> Result<bool> {
        Ok(self.query(given)?.next()?.is_some())
    }

    /// Returns the names of its columns.
    pub(crate) fn column_names(&self) -> Result<Vec<String>> {
        match self {
            Self::Sqlite(statement) => Ok(statement.column_names().map(str::to_owned).collect()),
            Self::Postgres { session, sql } => session.column_names(sql),
        }
    }
}

/// Rows, one after the other.
pub(crate) enum Rows<'s> {
    /// From SQLite, as they are found.
    Sqlite(rusqlite::Rows<'s>),
    /// From PostgreSQL, all that there are.
    Postgres {
        /// Those that follow.
        rows: std::vec::IntoIter<tokio_postgres::Row>,
        /// The one that was handed out last.
        current: Option<tokio_postgres::Row>,
    },
    /// From PostgreSQL, as they come.
    Streamed {
        /// Those that follow.
        rows: Pin<Box<RowStream>>,
        /// The one that was handed out last.
        current: Option<tokio_postgres::Row>,
    },
}

impl Rows<'_> {
    /// Returns the next row.
    pub(crate) fn next(&mut self) -> Result<Option<Row<'_>>> {
        Ok(match self {
            Self::Sqlite(rows) => rows.next()?.map(Row::Sqlite),
            Self::Postgres { rows, current } => {
                *current = rows.next();
                current.as_ref().map(Row::Postgres)
            }
            Self::Streamed { rows, current } => {
                *current = wait(rows.next()).transpose()?;
                current.as_ref().map(Row::Postgres)
            }
        })
    }
}

/// Rows as they are read.
pub(crate) struct Mapped<'s, F> {
    rows: Rows<'s>,
    read: F,
}

impl<T, F: FnMut(&Row<'_>) -> Result<T>> Iterator for Mapped<'_, F> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.rows.next() {
            Ok(row) => row.map(|row| (self.read)(&row)),
            Err(error) => Some(Err(error)),
        }
    }
}

/// A row.
pub(crate) enum Row<'r> {
    /// Of SQLite.
    Sqlite(&'r rusqlite::Row<'r>),
    /// Of PostgreSQL.
    Postgres(&'r tokio_postgres::Row),
}

/// The place of a column, from 0 on.
pub(crate) trait Column {
    /// Returns it.
    fn place(self) -> usize;
}

impl Column for usize {
    fn place(self) -> usize {
        self
    }
}

impl Row<'_> {
    /// Reads a column.
    pub(crate) fn get<C: Column, T: FromSql>(&self, column: C) -> Result<T> {
        let column = column.place();
        match self {
            Self::Sqlite(row) => Ok(row.get(column)?),
            Self::Postgres(row) => {
                let value = bound::read(row, column)?;
                let restored = bound::restored(value);
                let value = restored.as_deref().map_or(value, ValueRef::from);
                T::column_result(value).map_err(|source| Error::Column { column, source })
            }
        }
    }

    /// Returns a column as it stands there. What SQLite took out of odd JSON need not be text, and is
    /// made one.
    pub(crate) fn value(&self, column: usize) -> Result<Value> {
        if let Self::Sqlite(row) = self
            && let ValueRef::Text(bytes) = row.get_ref(column)?
        {
            return Ok(String::from_utf8_lossy(bytes).into_owned().into());
        }
        self.get(column)
    }

    /// Returns how many columns there are.
    pub(crate) fn column_count(&self) -> usize {
        match self {
            Self::Sqlite(row) => row.as_ref().column_count(),
            Self::Postgres(row) => row.len(),
        }
    }

    /// Returns a column's text, which is copied seldom; an empty one where it holds none.
    pub(crate) fn text(&self, column: usize) -> Result<Cow<'_, str>> {
        let text = match self {
            Self::Sqlite(row) => row.get_ref(column)?.as_str(),
            Self::Postgres(row) => {
                let value = bound::read(row, column)?;
                if let Some(text) = bound::restored(value) {
                    return Ok(text.into());
                }
                value.as_str()
            }
        };
        Ok(text.unwrap_or_default().into())
    }
}
