//! Why the store could not do what it was asked.

use rusqlite::ErrorCode;

use crate::sql;

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database said no.
    #[error("could not {doing}")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// What the database said.
        source: sql::Error,
    },
    /// What names the PostgreSQL database is no URL. It is not shown, for it may hold a password.
    #[error(
        "could not read the URL of the database: \
        write postgres://USER:PASSWORD@HOST:PORT/DATABASE, with special characters as %XX"
    )]
    Url,
    /// The server takes no writes.
    #[error("{0} takes no writes: it is a replica, or was told to; name the primary")]
    ReadOnly(String),
    /// The brand has no tables there.
    #[error("there is no {0}: `customeriq serve` or `customeriq import` makes it")]
    NoSchema(String),
    /// The brand's name is too long for a schema's.
    #[error("name of brand {0} is too long for PostgreSQL: at most 48 characters")]
    LongBrand(String),
    /// The tables were written by a later version of this program.
    #[error("tables have schema {found}, this program knows up to {known}: use a newer program")]
    FromTheFuture {
        /// The schema of the tables.
        found: i64,
        /// The program's.
        known: i64,
    },
    /// The tables are those of something else.
    #[error("tables there are not those of customeriq")]
    Foreign,
    /// The file is there and must not be.
    #[error("file is not empty: {0}")]
    NotEmpty(String),
    /// The folder of the file cannot be made.
    #[error("could not make the folder {folder}")]
    Folder {
        /// The folder.
        folder: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A stored value is not what was written: a bug, or another program's work.
    #[error("stored {what} cannot be read: {value}")]
    Corrupt {
        /// Which value.
        what: &'static str,
        /// As it stands there.
        value: String,
    },
    /// An intervention cannot be reopened: one of a kind is open for a customer.
    #[error("another intervention {kind:?} is open for the customer: work on {other}")]
    InterventionOpen {
        /// The kind of both.
        kind: String,
        /// The one that is open.
        other: String,
    },
}

impl StoreError {
    /// Names what was being done when the database said no.
    pub(crate) fn doing<E: Into<sql::Error>>(doing: &'static str) -> impl Fn(E) -> Self {
        move |error| Self::Database { doing, source: error.into() }
    }

    /// Makes the error of a stored value that cannot be read.
    pub(crate) fn corrupt(what: &'static str, value: impl Into<String>) -> Self {
        Self::Corrupt { what, value: value.into() }
    }

    /// Tells whether the same call may go through later: the database is busy, out of room, out of
    /// reach, or takes no writes for now. Nothing of the call was written.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        let Self::Database { source, .. } = self else { return self.is_read_only() };
        let is_busy = || match source {
            sql::Error::Sqlite(error) => matches!(
                error.sqlite_error_code(),
                Some(
                    ErrorCode::DatabaseBusy
                        | ErrorCode::DatabaseLocked
                        | ErrorCode::DiskFull
                        | ErrorCode::SystemIoFailure
                        | ErrorCode::OutOfMemory
                )
            ),
            _ => source.is_short_of_resources(),
        };
        source.is_unreachable() || source.is_conflict() || source.is_read_only() || is_busy()
    }

    /// Tells whether another worker's work stood in the way: the same may go through at once.
    /// Nothing of the call was written.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Database { source, .. } if source.is_conflict())
    }

    /// Tells whether there is no room to write.
    #[must_use]
    pub fn is_out_of_room(&self) -> bool {
        matches!(self, Self::Database { source, .. } if source.is_out_of_room())
    }

    /// Tells whether the server takes no writes: a replica, or one that was told to. Nothing of the
    /// call was written.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        match self {
            Self::ReadOnly(_) => true,
            Self::Database { source, .. } => source.is_read_only(),
            _ => false,
        }
    }
}
