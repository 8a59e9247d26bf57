//! What the page reads of a brand. Blocking: run this off the async threads.

use ciq_store::{CursorView, FileFacts, Location, ModelView, Reader, StoreError};
use jiff::Timestamp;

use super::letters::LettersView;

/// Minutes of arrivals: an hour.
pub(super) const MINUTES: u32 = 60;

/// What is known of a brand.
#[derive(Debug)]
pub(super) struct OfBrand {
    /// Where its tables are.
    pub(super) location: Location,
    /// What they are like.
    pub(super) file: FileFacts,
    /// How large a file's write-ahead log is, in bytes; 0 where there is none.
    pub(super) log_bytes: u64,
    /// How many events came in each of the last minutes, the earliest first.
    pub(super) arrivals: Vec<i64>,
    /// How far those who follow have come.
    pub(super) cursors: Vec<CursorView>,
    /// The trained models, the latest first.
    pub(super) models: Vec<ModelView>,
    /// How many dead letters there are.
    pub(super) letter_count: i64,
    /// Those of them that are shown.
    pub(super) letters: LettersView,
}

impl OfBrand {
    /// Reads what is known of a brand beside its dead letters.
    pub(super) fn read(
        reader: &Reader,
        location: Location,
        now: Timestamp,
        letters: LettersView,
    ) -> Result<Self, StoreError> {
        let log_bytes = location.file().map_or(0, |path| {
            let mut log = path.as_os_str().to_owned();
            log.push("-wal");
            std::fs::metadata(log).map_or(0, |log| log.len())
        });
        Ok(Self {
            location,
            file: reader.file_facts()?,
            log_bytes,
            arrivals: reader.arrivals_by_minute(now, MINUTES)?,
            cursors: reader.feed_cursors()?,
            models: reader.models()?,
            letter_count: reader.headline()?.dead_letter_count,
            letters,
        })
    }
}
