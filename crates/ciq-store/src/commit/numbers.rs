//! Numbers that are given once, also after the row is gone: a reader of the feed that has passed a
//! number never sees it again.

use crate::sql;
use crate::sql::Connection;

/// Keeps the next free number of tables whose last rows may be deleted. To be called before.
const KEEP: [&str; 2] = [
    "INSERT INTO counter (name, next)
        SELECT 'merge_key', coalesce(max(key), 0) + 1 FROM merge WHERE true
        ON CONFLICT (name) DO UPDATE SET next = max(counter.next, excluded.next)",
    "INSERT INTO counter (name, next)
        SELECT 'dead_letter_key', coalesce(max(key), 0) + 1 FROM dead_letter WHERE true
        ON CONFLICT (name) DO UPDATE SET next = max(counter.next, excluded.next)",
];

/// Keeps the next free numbers of merges and dead letters, before some are deleted.
pub(crate) fn keep_numbers(connection: &Connection) -> sql::Result<()> {
    KEEP.iter().try_for_each(|sql| connection.execute(sql, []).map(drop))
}
