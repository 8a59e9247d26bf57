//! What a database said.

use std::{fmt, io};

use rusqlite::types::FromSqlError;
use tokio_postgres::error::SqlState;

/// What a database answers.
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// Why a database did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// SQLite said no.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// PostgreSQL said no, or could not be reached.
    #[error(transparent)]
    Postgres(#[from] Said),
    /// There is no such row.
    #[error("query returned no rows")]
    NoRow,
    /// A column holds something else than was expected.
    #[error("column {column} cannot be read")]
    Column {
        /// Which, from 0 on.
        column: usize,
        /// What stands there.
        source: FromSqlError,
    },
    /// A value is of a type that PostgreSQL's schema does not have.
    #[error("column {column} has a type that is not read: {found}")]
    Type {
        /// Which, from 0 on.
        column: usize,
        /// The name of its type.
        found: String,
    },
    /// A statement, or what is given to it, cannot be said for PostgreSQL.
    #[error("statement cannot be run: {0}")]
    Statement(String),
    /// The connection ended within a transaction, and with it the transaction.
    #[error("connection to PostgreSQL was lost")]
    Lost,
    /// TLS is wanted, and the system has no certificates to check a server's by.
    #[error("no certificates of the system were found: set SSL_CERT_FILE")]
    Certificates,
    /// No thread for connections could be started.
    #[error("could not start the thread for connections")]
    Runtime(#[source] io::Error),
}

/// What PostgreSQL said, in its own words: its client says only that it said something. They stand
/// here once, and not as a cause as well.
#[derive(Debug)]
pub struct Said(tokio_postgres::Error);

impl std::error::Error for Said {}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(error) = self;
        match (error.as_db_error(), std::error::Error::source(error)) {
            (Some(said), _) => write!(f, "{} ({})", said.message(), said.code().code()),
            (None, Some(cause)) => write!(f, "{error}: {cause}"),
            (None, None) => error.fmt(f),
        }
    }
}

impl Said {
    /// Tells whether the connection broke, or the server stops or starts.
    fn is_of_connection(&self) -> bool {
        let Self(error) = self;
        let Some(state) = error.code() else {
            // What else the client says by itself is a mistake of ours, and stays one.
            let cause = std::error::Error::source(error);
            let broken = cause.and_then(|cause| cause.downcast_ref::<io::Error>());
            return error.is_closed() || broken.is_some();
        };
        ["08", "57P0"].iter().any(|class| state.code().starts_with(class))
            || *state == SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT
    }
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Postgres(Said(error))
    }
}

impl Error {
    /// What PostgreSQL calls the error.
    pub(crate) fn state(&self) -> Option<&SqlState> {
        match self {
            Self::Postgres(Said(error)) => error.code(),
            _ => None,
        }
    }

    /// Tells whether the database cannot be reached now.
    pub(crate) fn is_unreachable(&self) -> bool {
        match self {
            Self::Postgres(said) => said.is_of_connection(),
            Self::Lost => true,
            _ => false,
        }
    }

    /// Tells whether another worker's work stood in the way, so that the same may go through now.
    pub(crate) fn is_conflict(&self) -> bool {
        self.state().is_some_and(|state| {
            [
                SqlState::T_R_SERIALIZATION_FAILURE,
                SqlState::T_R_DEADLOCK_DETECTED,
                SqlState::UNIQUE_VIOLATION,
            ]
            .contains(state)
        })
    }

    /// Tells whether the server takes no writes: it is a replica, or was told to.
    pub(crate) fn is_read_only(&self) -> bool {
        self.state() == Some(&SqlState::READ_ONLY_SQL_TRANSACTION)
    }

    /// Tells whether the server lacks disk, memory or connections.
    pub(crate) fn is_short_of_resources(&self) -> bool {
        self.state().is_some_and(|state| state.code().starts_with("53"))
    }

    /// Tells whether somebody else held what was waited for, for too long.
    pub(crate) fn is_held_up(&self) -> bool {
        self.state() == Some(&SqlState::LOCK_NOT_AVAILABLE)
    }

    /// Tells whether there is no room on the disk.
    pub(crate) fn is_out_of_room(&self) -> bool {
        match self {
            Self::Sqlite(error) => matches!(
                error.sqlite_error_code(),
                Some(rusqlite::ErrorCode::DiskFull | rusqlite::ErrorCode::SystemIoFailure)
            ),
            Self::Postgres(_) => self.state() == Some(&SqlState::DISK_FULL),
            _ => false,
        }
    }
}

/// Makes "no such row" an absent value.
pub(crate) trait OptionalExtension<T> {
    /// Returns `None` where there is no row.
    fn optional(self) -> Result<Option<T>>;
}

impl<T> OptionalExtension<T> for Result<T> {
    fn optional(self) -> Result<Option<T>> {
        match self {
            Ok(value) => Ok(Some(value)),
            Err(Error::NoRow | Error::Sqlite(rusqlite::Error::QueryReturnedNoRows)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_client_refuses_is_not_tried_again() {
        let refused = "host=db port=none".parse::<tokio_postgres::Config>().unwrap_err();
        assert!(!Error::from(refused).is_unreachable());
        assert!(Error::Lost.is_unreachable());
    }
}
