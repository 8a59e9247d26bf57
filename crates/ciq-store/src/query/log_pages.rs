//! The log page by page, for whoever copies it elsewhere.

use crate::log::{LogEntry, read_page};
use crate::{Reader, StoreError};

impl Reader {
    /// Returns what stands in the log just after a place, in order, and the place to go on from: 0
    /// is the beginning. `None` past the end; a page may be empty before that.
    pub fn log_page(&self, after: i64) -> Result<Option<(i64, Vec<LogEntry>)>, StoreError> {
        read_page(&self.connection, after)
    }
}
