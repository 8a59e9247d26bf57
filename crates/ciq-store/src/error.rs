//! Why the store could not do what it was asked.

use rusqlite::ErrorCode;

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database said no.
    #[error("could not {doing}")]
    Sqlite {
        /// What was being done.
        doing: &'static str,
        /// What the database said.
        source: rusqlite::Error,
    },
    /// The file was written by a later version of this program.
    #[error("file has schema {found}, this program knows up to {known}: use a newer program")]
    FromTheFuture {
        /// The file's schema.
        found: i64,
        /// The program's.
        known: i64,
    },
    /// The file is a database of something else.
    #[error("file is a database, but not one of customeriq's")]
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
    pub(crate) fn doing(doing: &'static str) -> impl Fn(rusqlite::Error) -> Self {
        move |source| Self::Sqlite { doing, source }
    }

    /// Makes the error of a stored value that cannot be read.
    pub(crate) fn corrupt(what: &'static str, value: impl Into<String>) -> Self {
        Self::Corrupt { what, value: value.into() }
    }

    /// Tells whether the same call may go through later: the file is busy, the disk is full or
    /// out of reach. Nothing of the call was written.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        let Self::Sqlite { source, .. } = self else { return false };
        matches!(
            source.sqlite_error_code(),
            Some(
                ErrorCode::DatabaseBusy
                    | ErrorCode::DatabaseLocked
                    | ErrorCode::DiskFull
                    | ErrorCode::SystemIoFailure
                    | ErrorCode::OutOfMemory
            )
        )
    }

    /// Tells whether there is no room to write.
    #[must_use]
    pub fn is_out_of_room(&self) -> bool {
        let Self::Sqlite { source, .. } = self else { return false };
        matches!(source.sqlite_error_code(), Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure))
    }
}
