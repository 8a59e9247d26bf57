//! Migrate: a brand carried over from one kind of database to the other, as it is. In reading
//! order:
//!
//! - [`migrate`]: the whole way; what is copied takes its place only when it is proved to be the
//!   same;
//! - `tables`: which tables there are, page by page, and what they come to;
//! - `copying`: the pages on their way, and how a killed migration goes on;
//! - `search`: the search indexes, made anew;
//! - `numbers`: the numbers that are given next.

mod copying;
mod numbers;
mod search;
mod tables;

use std::path::Path;

use ciq_event::Brand;

use self::copying::{Copying, Source};
use crate::exchange::supersede;
use crate::query::DumpDigest;
use crate::sql::Connection;
use crate::{ExchangeError, Location, Reader, SCHEMA_VERSION, StoreError, Writer};

/// What is appended to the name of the target while it is made.
const UNFINISHED_FILE: &str = ".migrating";
const UNFINISHED_SCHEMA: &str = "_mig";

/// Why a brand was not carried over. The source is as it was, and so is what was at the target.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// A database said no.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Both are one.
    #[error("{0} is where it comes from and where it goes")]
    Same(String),
    /// There is something already.
    #[error("{0} holds data already, which a migration does not overwrite")]
    Taken(String),
    /// Another process may write to the target.
    #[error("another process has {0} open, so nothing took its place")]
    InUse(String),
    /// The source is another brand's.
    #[error("{place} holds the brand {found}")]
    Brand {
        /// The source.
        place: String,
        /// Whose it is.
        found: Brand,
    },
    /// Somebody wrote to the source.
    #[error("{0} was written to meanwhile, so the copy is not of one moment")]
    Changed(String),
    /// The copy says something else.
    #[error("the copy says something else, and is kept at {place}: {what}")]
    Different {
        /// Where the copy is.
        place: String,
        /// How it differs.
        what: String,
    },
    /// The file could not be put in its place.
    #[error("could not move the copy to {path}")]
    Move {
        /// Its place.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
}

impl From<ExchangeError> for MigrateError {
    fn from(error: ExchangeError) -> Self {
        match error {
            ExchangeError::InUse(place) => Self::InUse(place),
            ExchangeError::Store(error) => Self::Store(error),
        }
    }
}

/// How far a migration has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MigrateProgress {
    /// What is under way.
    pub step: MigrateStep,
    /// Rows that are there.
    pub row_count: u64,
    /// Rows that there will be.
    pub row_total: u64,
}

/// What is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MigrateStep {
    /// A table is copied.
    Table(&'static str),
    /// Both dumps are made and compared.
    Comparing,
}

/// What a migration came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrateReport {
    /// The rows of each table.
    pub tables: Vec<(&'static str, u64)>,
    /// Rows that an earlier attempt had brought.
    pub resumed_row_count: u64,
    /// The hash (BLAKE3) of the dump of both sides, in hexadecimal digits.
    pub dump_hash: String,
    /// How long the dump is.
    pub dump_bytes: u64,
}

/// Carries a brand over, with all its numbers. `from` should be idle: where somebody writes to it
/// meanwhile, that is noticed, and nothing takes its place.
///
/// The copy is made beside `to` and takes that name when its dump is that of `from`. An attempt
/// that was cut off goes on where it was, unless `from` has changed since: then it begins anew.
/// Refuses a `to` that holds data.
pub fn migrate(
    from: &Location,
    to: &Location,
    brand: &Brand,
    progress: &mut dyn FnMut(MigrateProgress),
) -> Result<MigrateReport, MigrateError> {
    if from.to_string() == to.to_string() {
        return Err(MigrateError::Same(to.to_string()));
    }
    let reader = open_source(from, brand)?;
    refuse_taken(to)?;
    let copy = unfinished(to);
    let source = Source::look_at(&reader)?;
    let mut copying = Copying::begin(&copy, brand, &source)?;
    let resumed_row_count = copying.row_count();
    let is_whole = copying.run(&source, progress)?;
    if !is_whole || source.has_changed()? {
        return Err(MigrateError::Changed(from.to_string()));
    }
    progress(MigrateProgress { step: MigrateStep::Comparing, ..copying.progress(&source) });
    let compared = compare(&source, &copying)?;
    // What differs may have come meanwhile; what does not may be of two moments.
    if source.has_changed()? {
        return Err(MigrateError::Changed(from.to_string()));
    }
    let dump = match compared {
        Ok(dump) => dump,
        Err(what) => {
            copying.give_up()?;
            return Err(MigrateError::Different { place: copy.to_string(), what });
        }
    };
    copying.finish()?;
    take_place(&copy, to)?;
    let tables = source.row_counts().collect();
    Ok(MigrateReport {
        tables,
        resumed_row_count,
        dump_hash: dump.hash,
        dump_bytes: dump.byte_count,
    })
}

/// Opens the source, brought up to date, and checks whose it is.
fn open_source(from: &Location, brand: &Brand) -> Result<Reader, MigrateError> {
    let reader = Reader::open(from)?;
    let found = reader.brand()?;
    if found != *brand {
        return Err(MigrateError::Brand { place: from.to_string(), found });
    }
    let found = reader.schema_version()?;
    if found == SCHEMA_VERSION {
        return Ok(reader);
    }
    drop(reader);
    drop(Writer::open(from, brand)?);
    Ok(Reader::open(from)?)
}

/// Refuses a target that holds anything which did not follow from something else.
fn refuse_taken(to: &Location) -> Result<(), MigrateError> {
    if to.file().is_some_and(|path| !holds_bytes(path)) {
        return Ok(());
    }
    let reader = match Reader::open(to) {
        Err(StoreError::NoSchema(_)) => return Ok(()),
        other => other?,
    };
    if holds_data(&reader.connection)? { Err(MigrateError::Taken(to.to_string())) } else { Ok(()) }
}

fn holds_data(connection: &Connection) -> Result<bool, StoreError> {
    let is_fresh = tables::is_fresh(connection);
    Ok(!is_fresh.map_err(StoreError::doing("look into the target"))?)
}

fn holds_bytes(path: &Path) -> bool {
    path.metadata().is_ok_and(|file| file.len() > 0)
}

/// Returns where the copy is made.
fn unfinished(to: &Location) -> Location {
    match to {
        Location::File(path) => {
            let mut name = path.clone().into_os_string();
            name.push(UNFINISHED_FILE);
            Location::File(name.into())
        }
        Location::Schema(place) => Location::Schema(place.beside(UNFINISHED_SCHEMA)),
    }
}

/// Compares what both sides say, and how much there is of what a dump does not show.
fn compare(
    source: &Source<'_>,
    copying: &Copying,
) -> Result<Result<DumpDigest, String>, StoreError> {
    let copy = Reader::open(copying.location())?;
    let counts = tables::row_counts(&copy.connection)?;
    for ((table, theirs), (_, ours)) in source.row_counts().zip(&counts) {
        if theirs != *ours {
            return Ok(Err(format!("{table} has {ours} rows instead of {theirs}")));
        }
    }
    let (theirs, ours) = (source.reader().dump_digest()?, copy.dump_digest()?);
    if theirs == ours {
        return Ok(Ok(ours));
    }
    Ok(Err(format!("its dump has the hash {} instead of {}", ours.hash, theirs.hash)))
}

/// Gives the copy the name of the target, where nothing is but empty tables perhaps.
fn take_place(copy: &Location, to: &Location) -> Result<(), MigrateError> {
    match (copy, to) {
        (Location::Schema(copy), Location::Schema(place)) => {
            let is_done = supersede(copy, place, holds_data)?;
            if is_done { Ok(()) } else { Err(MigrateError::Taken(to.to_string())) }
        }
        (Location::File(copy), Location::File(path)) => {
            refuse_taken(to)?;
            let beside = |suffix: &str| {
                let mut name = path.clone().into_os_string();
                name.push(suffix);
                std::path::PathBuf::from(name)
            };
            // The last to close a file takes its log away.
            if beside("-wal").exists() || beside("-shm").exists() {
                return Err(MigrateError::InUse(to.to_string()));
            }
            std::fs::rename(copy, path)
                .map_err(|source| MigrateError::Move { path: to.to_string(), source })
        }
        (Location::File(_), Location::Schema(_)) | (Location::Schema(_), Location::File(_)) => {
            Err(StoreError::corrupt("place of the copy", copy.to_string()).into())
        }
    }
}
