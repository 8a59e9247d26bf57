//! The brand's file before it is opened: is it ours, and may it be read as it is?

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use ciq_store::{SCHEMA_VERSION, StoreError};

use crate::exit::Failure;

/// How an SQLite file begins.
const SQLITE_MAGIC: &[u8] = b"SQLite format 3\0";

/// Where an SQLite file says its schema's version, and whose it is (SQLite's file format, 1.3).
const USER_VERSION_AT: usize = 60;
const APPLICATION_ID_AT: usize = 68;

/// Where it says how long a page is, and where the list of its tables begins (1.3, 1.6).
const PAGE_SIZE_AT: usize = 16;
const TABLES_AT: usize = 100;

/// How a list without tables begins: a leaf, nothing freed, no cells.
const NO_TABLES: &[u8] = &[13, 0, 0, 0, 0];

/// What our files say there.
const APPLICATION_ID: &[u8] = b"ciq1";

/// What a file is kept as that another one takes the place of.
const BACKUP_SUFFIX: &str = ".bak";

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileState {
    /// There is none, or it is empty.
    Absent,
    /// Ours, as this program writes it.
    Current,
    /// Ours, but an older version; or made a moment ago, so that only the writer can tell.
    NeedsWriter,
}

/// Looks at a file without changing anything. Refuses one that is not ours, or of a later version.
pub(crate) fn inspect(path: &Path) -> Result<FileState, Failure> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(FileState::Absent);
        }
        Err(error) => return Err(Failure::file("read", path)(error)),
    };
    if path.is_dir() {
        return Err(Failure::Foreign(path.to_owned()));
    }
    let mut header = Vec::new();
    let take = u64::try_from(TABLES_AT + NO_TABLES.len()).unwrap_or(0);
    file.by_ref().take(take).read_to_end(&mut header).map_err(Failure::file("read", path))?;
    if header.is_empty() {
        return Ok(FileState::Absent);
    }
    let at = |place: usize| header.get(place..place + 4).unwrap_or_default();
    let id = at(APPLICATION_ID_AT);
    if !header.starts_with(SQLITE_MAGIC) || (id != APPLICATION_ID && id != [0; 4]) {
        return Err(Failure::Foreign(path.to_owned()));
    }
    if id != APPLICATION_ID {
        // Somebody else's, unless ours was made a moment ago and its beginning is in the log still.
        let is_log_there = beside(path, "-wal").metadata().is_ok_and(|log| log.len() > 0);
        return match (is_log_there, is_empty(&file, &header)) {
            (true, _) => Ok(FileState::NeedsWriter),
            // Whoever made it was cut off before there was anything in it.
            (false, true) => Ok(FileState::Absent),
            (false, false) => Err(Failure::Foreign(path.to_owned())),
        };
    }
    let version = at(USER_VERSION_AT).iter().fold(0, |sum, byte| (sum << 8) | i64::from(*byte));
    match version {
        SCHEMA_VERSION => Ok(FileState::Current),
        found if found > SCHEMA_VERSION => {
            Err(StoreError::FromTheFuture { found, known: SCHEMA_VERSION }.into())
        }
        _ => Ok(FileState::NeedsWriter),
    }
}

/// Tells whether a database has one page, and no table.
fn is_empty(file: &File, header: &[u8]) -> bool {
    let Some([high, low]) = header.get(PAGE_SIZE_AT..PAGE_SIZE_AT + 2) else { return false };
    let page_bytes = u64::from(u16::from_be_bytes([*high, *low]));
    let is_one_page = file.metadata().is_ok_and(|file| file.len() == page_bytes);
    is_one_page && header.get(TABLES_AT..) == Some(NO_TABLES)
}

/// Returns the path with something appended to its name.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Removes a database and what SQLite keeps beside it.
pub(crate) fn remove(path: &Path) -> Result<(), Failure> {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let path = beside(path, suffix);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Failure::file("remove", &path)(error));
            }
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

/// Puts the new file in the place of the old one, which is kept. Nobody else may have it open:
/// they would go on writing into the old one.
pub(crate) fn replace(old: &Path, new: &Path) -> Result<PathBuf, Failure> {
    // The last to close a file takes its log away.
    if beside(old, "-wal").exists() || beside(old, "-shm").exists() {
        return Err(Failure::Unsound(format!(
            "another process has {} open, so nothing was replaced: stop `customeriq serve` and \
             run this again",
            old.display()
        )));
    }
    let backup = beside(old, BACKUP_SUFFIX);
    let moved = Failure::file("move", old);
    std::fs::rename(old, &backup).map_err(&moved)?;
    if let Err(error) = std::fs::rename(new, old) {
        // Back to where we were; if that fails too, the message names the file.
        drop(std::fs::rename(&backup, old));
        return Err(moved(error));
    }
    Ok(backup)
}

/// Returns the path with a leading `~/` replaced: `.env` is read by no shell.
pub(crate) fn at_home(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), std::env::home_dir()) {
        (Ok(rest), Some(home)) => home.join(rest),
        (Ok(_) | Err(_), _) => path.to_owned(),
    }
}
