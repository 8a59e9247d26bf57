//! A brand's file about itself, and how far those who follow it have come.

use crate::sql::Connection;
use crate::{FeedPosition, Reader, StoreError};

/// What a brand's file is like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFacts {
    /// What reads and writes it, and its version.
    pub engine: String,
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
        let number =
            |sql: &str| self.connection.query_row(sql, [], |row| row.get(0)).map_err(&doing);
        match &self.connection {
            Connection::Sqlite(_) => {
                let page_bytes: i64 = number("PRAGMA page_size")?;
                Ok(FileFacts {
                    engine: format!("SQLite {}", rusqlite::version()),
                    schema_version: number("PRAGMA user_version")?,
                    size_bytes: page_bytes * number("PRAGMA page_count")?,
                    free_bytes: page_bytes * number("PRAGMA freelist_count")?,
                })
            }
            Connection::Postgres(_) => {
                let version = "SELECT current_setting('server_version')";
                let version: String =
                    self.connection.query_row(version, [], |row| row.get(0)).map_err(&doing)?;
                Ok(FileFacts {
                    engine: format!("PostgreSQL {version}"),
                    schema_version: crate::open::version(&self.connection)?,
                    size_bytes: number(
                        "SELECT CAST(coalesce(sum(pg_total_relation_size(c.oid)), 0) AS BIGINT)
                        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                        WHERE n.nspname = current_schema() AND c.relkind = 'r'",
                    )?,
                    free_bytes: 0,
                })
            }
        }
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
