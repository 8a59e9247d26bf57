//! Backup: a copy of a file as it is at one moment, while others go on writing to it.

use std::path::Path;

use ciq_event::Brand;
use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use crate::codec::timestamp;
use crate::reader::open_file;
use crate::sql::OptionalExtension as _;
use crate::{Reader, StoreError};

/// Pages copied between two looks at the progress: 8 MiB.
const PAGES_PER_STEP: i32 = 1_024;

/// How far a copy has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopyProgress {
    /// Pages copied.
    pub done: u64,
    /// Pages there are.
    pub total: u64,
}

/// Copies the file at `from` into a new file at `to`, by SQLite's online backup.
///
/// The copy is the file at the moment at which this begins: others may write meanwhile, and are not
/// held up. It is one file, without a write-ahead log beside it, and is checked when it is whole.
/// Fails if there is something at `to`.
pub fn backup(
    from: &Path,
    to: &Path,
    progress: &mut dyn FnMut(CopyProgress),
) -> Result<(), StoreError> {
    if to.exists() {
        return Err(StoreError::NotEmpty(to.display().to_string()));
    }
    let source = open_file(from).map_err(StoreError::doing("open the file for reading"))?;
    // One transaction for all steps: a step that began anew would begin with page 1 again
    // whenever somebody has written.
    let doing = StoreError::doing("read the file to copy");
    source.execute_batch("BEGIN").map_err(&doing)?;
    source.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())).map_err(&doing)?;
    let doing = StoreError::doing("copy the file");
    let mut copy = Connection::open(to).map_err(&doing)?;
    copy_pages(&source, &mut copy, progress).map_err(&doing)?;
    finish(&copy)
}

fn copy_pages(
    source: &Connection,
    copy: &mut Connection,
    progress: &mut dyn FnMut(CopyProgress),
) -> rusqlite::Result<()> {
    let pages = Backup::new(source, copy)?;
    loop {
        let step = pages.step(PAGES_PER_STEP)?;
        let count = |count: i32| u64::try_from(count).unwrap_or(0);
        let at = pages.progress();
        progress(CopyProgress {
            done: count(at.pagecount - at.remaining),
            total: count(at.pagecount),
        });
        if step == StepResult::Done {
            return Ok(());
        }
    }
}

/// Makes one file of the copy, and checks it.
fn finish(copy: &Connection) -> Result<(), StoreError> {
    let doing = StoreError::doing("check the copy");
    copy.pragma_update(None, "journal_mode", "DELETE").map_err(&doing)?;
    let found: String =
        copy.pragma_query_value(None, "quick_check", |row| row.get(0)).map_err(&doing)?;
    match found.as_str() {
        "ok" => Ok(()),
        _ => Err(StoreError::corrupt("page", found)),
    }
}

impl Reader {
    /// Returns whose file it is.
    pub fn brand(&self) -> Result<Brand, StoreError> {
        let name: String = self
            .connection
            .query_row("SELECT value FROM meta WHERE name = 'brand'", [], |row| row.get(0))
            .map_err(StoreError::doing("read whose file it is"))?;
        Brand::parse(&name).map_err(|_| StoreError::corrupt("brand", name))
    }
    /// Returns when the last message arrived that the file knows.
    pub fn last_received_at(&self) -> Result<Option<Timestamp>, StoreError> {
        const SQL: &str = "SELECT received_at FROM message ORDER BY seq DESC LIMIT 1";
        let found = self.connection.query_row(SQL, [], |row| row.get(0)).optional();
        let found = found.map_err(StoreError::doing("read the end of the log"))?;
        found.map(timestamp).transpose()
    }
}
