//! Where readers of the feed are.

use super::FeedPosition;
use crate::sql::{Connection, OptionalExtension, Row, params};
use crate::{Reader, StoreError, Writer, sql};

impl Reader {
    /// Returns the position after everything that there is now.
    pub fn feed_end(&self) -> Result<FeedPosition, StoreError> {
        const SQL: &str = "SELECT coalesce((SELECT max(seq) FROM event), 0),
            coalesce((SELECT max(key) FROM merge), 0),
            coalesce((SELECT max(seq) FROM decision), 0),
            coalesce((SELECT max(key) FROM dead_letter), 0),
            coalesce((SELECT max(key) FROM intervention_change), 0)";
        let doing = StoreError::doing("find the end of the feed");
        let moment = self.connection.moment().map_err(&doing)?;
        let settled = self.settled_before()?;
        let mut end = moment.query_row(SQL, [], position_of).map_err(&doing)?;
        moment.commit().map_err(&doing)?;
        end.event_seq = end.event_seq.min(settled - 1);
        end.decision_seq = end.decision_seq.min(settled - 1);
        Ok(end)
    }

    /// Returns the first number that may still be given to an event or a decision whose writer is
    /// not done: where several write, greater numbers may be committed before smaller ones, and who
    /// follows must not pass those. To be asked in the moment in which the rows are read.
    pub(crate) fn settled_before(&self) -> Result<i64, StoreError> {
        // What was reserved is seen when the transaction is over that noted it, which began after
        // the writer's. A greater number is of another server, out of a backup.
        const SQL: &str = "SELECT min(log_seq) FROM reservation
            WHERE NOT pg_visible_in_snapshot(xid, pg_current_snapshot())
                AND xid < pg_snapshot_xmax(pg_current_snapshot())";
        if self.connection.as_sqlite().is_some() {
            return Ok(i64::MAX);
        }
        let first: Option<i64> = self
            .connection
            .query_row(SQL, [], |row| row.get(0))
            .map_err(StoreError::doing("find the end of the feed"))?;
        Ok(first.unwrap_or(i64::MAX))
    }

    /// Returns how far the reader of a name has come; `None` for one that never said.
    pub fn feed_cursor(&self, name: &str) -> Result<Option<FeedPosition>, StoreError> {
        const SQL: &str = "SELECT event_seq, merge_key, decision_seq, dead_letter_key,
                intervention_key
            FROM feed_cursor WHERE name = ?1";
        self.connection
            .query_row(SQL, [name], position_of)
            .optional()
            .map_err(StoreError::doing("read how far the feed was read"))
    }
}

impl Writer {
    /// Keeps how far the reader of a name has come, in a transaction of its own: not between a
    /// load and its commit.
    pub fn save_feed_cursor(
        &mut self,
        name: &str,
        position: FeedPosition,
    ) -> Result<(), StoreError> {
        debug_assert!(self.connection.is_autocommit(), "each load ends in a commit");
        let doing = StoreError::doing("keep how far the feed was read");
        let transaction = self.connection.transaction().map_err(&doing)?;
        save(&transaction, name, position).map_err(&doing)?;
        transaction.commit().map_err(&doing)
    }
}

pub(crate) fn save(connection: &Connection, name: &str, position: FeedPosition) -> sql::Result<()> {
    const SQL: &str = "INSERT INTO feed_cursor (name, event_seq, merge_key, decision_seq,
            dead_letter_key, intervention_key)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT (name) DO UPDATE SET event_seq = excluded.event_seq,
            merge_key = excluded.merge_key, decision_seq = excluded.decision_seq,
            dead_letter_key = excluded.dead_letter_key,
            intervention_key = excluded.intervention_key";
    let FeedPosition { event_seq, merge_key, decision_seq, dead_letter_key, intervention_key } =
        position;
    let given =
        params![name, event_seq, merge_key, decision_seq, dead_letter_key, intervention_key];
    connection.prepare_cached(SQL)?.execute(given).map(drop)
}

fn position_of(row: &Row<'_>) -> sql::Result<FeedPosition> {
    Ok(FeedPosition {
        event_seq: row.get(0)?,
        merge_key: row.get(1)?,
        decision_seq: row.get(2)?,
        dead_letter_key: row.get(3)?,
        intervention_key: row.get(4)?,
    })
}
