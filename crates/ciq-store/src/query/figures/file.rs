//! A brand's file about itself, and how far those who follow it have come.

use crate::{FeedPosition, Reader, StoreError};

/// What a brand's file is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileFacts {
    /// The version of SQLite that reads and writes it.
    pub sqlite_version: &'static str,
    /// The version of its tables.
    pub schema_version: i64,
    /// How large it is, in bytes, without what is still in the write-ahead log.
    pub size_bytes: i64,
    /// How much of that is free for new rows.
    pub free_bytes: i64,
}

/// How far somebody who follows what changed has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CursorView {
    /// Who: `insight` for the passes, `nats` for what is published.
    pub name: String,
    /// Until where.
    pub position: FeedPosition,
    /// Events that came after that.
    pub events_behind: i64,
}

impl Reader {
    /// Returns what the file is like.
    pub fn file_facts(&self) -> Result<FileFacts, StoreError> {
        let doing = StoreError::doing("look at the file");
        let number = |name: &str| -> Result<i64, StoreError> {
            self.connection.pragma_query_value(None, name, |row| row.get(0)).map_err(&doing)
        };
        let page_bytes = number("page_size")?;
        Ok(FileFacts {
            sqlite_version: rusqlite::version(),
            schema_version: number("user_version")?,
            size_bytes: page_bytes * number("page_count")?,
            free_bytes: page_bytes * number("freelist_count")?,
        })
    }

    /// Returns how far everyone who follows what changed has come, by name.
    pub fn feed_cursors(&self) -> Result<Vec<CursorView>, StoreError> {
        let doing = StoreError::doing("read how far the feed was read");
        let end = self.feed_end()?;
        let mut statement = self
            .connection
            .prepare_cached("SELECT name FROM feed_cursor ORDER BY name LIMIT 100")
            .map_err(&doing)?;
        let rows = statement.query_map([], |row| row.get(0)).map_err(&doing)?;
        let names: Vec<String> = rows.collect::<Result<_, _>>().map_err(&doing)?;
        let mut cursors = Vec::with_capacity(names.len());
        for name in names {
            let position = self.feed_cursor(&name)?.unwrap_or_default();
            let events_behind = (end.event_seq - position.event_seq).max(0);
            cursors.push(CursorView { name, position, events_behind });
        }
        Ok(cursors)
    }
}
