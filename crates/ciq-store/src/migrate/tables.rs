//! Which tables there are, page by page, and what they come to.

use crate::sql::{Connection, Result, Value, params_from_iter};
use crate::{StoreError, sql};

/// A table that is copied as it is.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    /// Its primary key: the order in which it is copied.
    pub(super) key: &'static [&'static str],
}

/// Every table but those whose rows are made anew: `meta`, `counter`, the search indexes, and what
/// PostgreSQL keeps for writers beside each other. What is written first is what others point at.
pub(super) const TABLES: [Table; 40] = [
    Table { name: "currency", key: &["code"] },
    Table { name: "message", key: &["seq"] },
    Table { name: "decision", key: &["seq"] },
    Table { name: "erased_event", key: &["id"] },
    Table { name: "event_type", key: &["key"] },
    Table { name: "source", key: &["key"] },
    Table { name: "product", key: &["key"] },
    Table { name: "category", key: &["key"] },
    Table { name: "customer", key: &["key"] },
    Table { name: "activity", key: &["key"] },
    Table { name: "identifier", key: &["customer_key", "hash"] },
    Table { name: "event", key: &["seq"] },
    Table { name: "line_item", key: &["event_seq", "line"] },
    Table { name: "purchase", key: &["event_seq"] },
    Table { name: "work_order", key: &["event_seq"] },
    Table { name: "knowledge", key: &["event_seq"] },
    Table { name: "visit", key: &["event_seq"] },
    Table { name: "subscription", key: &["customer_key", "id"] },
    Table { name: "billing", key: &["customer_key"] },
    Table { name: "account", key: &["customer_key"] },
    Table { name: "merge", key: &["key"] },
    Table { name: "link", key: &["a_key", "b_key", "merge_id"] },
    Table { name: "pin", key: &["a_key", "b_key"] },
    Table { name: "review", key: &["key"] },
    Table { name: "review_evidence", key: &["review_id", "event_id"] },
    Table { name: "dead_letter", key: &["key"] },
    Table { name: "insight", key: &["customer_key"] },
    Table { name: "health", key: &["customer_key"] },
    Table { name: "model", key: &["version"] },
    Table { name: "automation", key: &["id"] },
    Table { name: "execution", key: &["key"] },
    Table { name: "delivery", key: &["key"] },
    Table { name: "task", key: &["key"] },
    Table { name: "membership", key: &["customer_key", "segment"] },
    Table { name: "intervention", key: &["key"] },
    Table { name: "intervention_change", key: &["key"] },
    Table { name: "monitor_rule", key: &["kind"] },
    Table { name: "monitor_turn", key: &["kind"] },
    Table { name: "pass_state", key: &["name"] },
    Table { name: "feed_cursor", key: &["name"] },
];

/// What does not follow from something else. Where all of these are empty there is no data.
const ORIGINAL: [&str; 8] = [
    "message",
    "decision",
    "erased_event",
    "dead_letter",
    "model",
    "automation",
    "task",
    "monitor_rule",
];

/// What changes without a row more or less: one figure each.
const CHANGES: [&str; 10] = [
    "SELECT coalesce(sum(next), 0) FROM counter",
    "SELECT coalesce(sum(arrival_count), 0) FROM dead_letter",
    "SELECT coalesce(sum(revision), 0) FROM delivery",
    "SELECT coalesce(sum(revision), 0) FROM intervention",
    "SELECT coalesce(max(finished_at), 0) FROM execution",
    "SELECT coalesce(max(as_of), 0) FROM insight",
    "SELECT coalesce(max(as_of), 0) FROM health",
    "SELECT coalesce(max(updated_at), 0) FROM automation",
    "SELECT coalesce(max(updated_at), 0) FROM monitor_rule",
    "SELECT coalesce(sum(event_seq + merge_key + decision_seq + dead_letter_key
        + intervention_key), 0) FROM feed_cursor",
];

/// Rows of a table, all of its columns, in order of its key.
#[derive(Debug, Clone)]
pub(super) struct Pages {
    pub(super) columns: Vec<String>,
    first: String,
    next: String,
    last: String,
    /// Where the columns of the key are.
    places: Vec<usize>,
}

impl Pages {
    /// Looks which columns a table has. What is computed from others is none.
    pub(super) fn of(connection: &Connection, table: &Table) -> Result<Self> {
        let columns = columns(connection, table.name)?;
        let (all, key, name) = (columns.join(", "), table.key.join(", "), table.name);
        let place = |of: &&str| columns.iter().position(|column| column == of);
        let places: Vec<usize> = table.key.iter().filter_map(place).collect();
        if places.len() != table.key.len() {
            return Err(sql::Error::Statement(format!("{name} has no column of its key")));
        }
        let given: Vec<String> = (1..=key_length(table)).map(|at| format!("?{at}")).collect();
        let given = given.join(", ");
        let after = match table.key {
            [one] => format!("{one} > {given}"),
            _ => format!("({key}) > ({given})"),
        };
        let limit = key_length(table) + 1;
        let backwards = table.key.join(" DESC, ");
        Ok(Self {
            first: format!("SELECT {all} FROM {name} ORDER BY {key} LIMIT ?1"),
            next: format!("SELECT {all} FROM {name} WHERE {after} ORDER BY {key} LIMIT ?{limit}"),
            last: format!("SELECT {key} FROM {name} ORDER BY {backwards} DESC LIMIT 1"),
            columns,
            places,
        })
    }

    /// Returns up to so many rows after a key, or from the beginning.
    pub(super) fn read(
        &self,
        connection: &Connection,
        after: Option<&[Value]>,
        count: usize,
    ) -> Result<Vec<Vec<Value>>> {
        let count = Value::Integer(i64::try_from(count).unwrap_or(i64::MAX));
        let (sql, key) = match after {
            Some(key) => (&self.next, key),
            None => (&self.first, [].as_slice()),
        };
        let given = params_from_iter(key.iter().cloned().chain([count]));
        rows(connection, sql, given)
    }

    /// Returns the last key that is there.
    pub(super) fn last_key(&self, connection: &Connection) -> Result<Option<Vec<Value>>> {
        Ok(rows(connection, &self.last, params_from_iter([]))?.pop())
    }

    /// Returns the key of a row.
    pub(super) fn key_of(&self, row: &[Value]) -> Vec<Value> {
        self.places.iter().filter_map(|place| row.get(*place).cloned()).collect()
    }
}

fn key_length(table: &Table) -> usize {
    table.key.len()
}

fn rows(connection: &Connection, sql: &str, given: impl sql::Params) -> Result<Vec<Vec<Value>>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut found = statement.query(given)?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        let values = (0..row.column_count()).map(|column| row.get::<_, Value>(column));
        rows.push(values.collect::<Result<_>>()?);
    }
    Ok(rows)
}

fn columns(connection: &Connection, table: &str) -> Result<Vec<String>> {
    let sql = connection.choose(
        "SELECT name FROM pragma_table_info(?1) ORDER BY cid",
        "SELECT CAST(column_name AS TEXT) FROM information_schema.columns
        WHERE table_schema = current_schema() AND table_name = ?1 AND is_generated = 'NEVER'
        ORDER BY ordinal_position",
    );
    let mut statement = connection.prepare_cached(sql)?;
    let names = statement.query_map([table], |row| row.get(0))?;
    names.collect()
}

/// Counts the rows of every table.
pub(super) fn row_counts(
    connection: &Connection,
) -> std::result::Result<Vec<(&'static str, u64)>, StoreError> {
    let doing = StoreError::doing("count the rows");
    let count = |table: &Table| -> Result<(&'static str, u64)> {
        let sql = format!("SELECT count(*) FROM {}", table.name);
        let count: i64 = connection.query_row(&sql, [], |row| row.get(0))?;
        Ok((table.name, u64::try_from(count).unwrap_or(0)))
    };
    TABLES.iter().map(|table| count(table).map_err(&doing)).collect()
}

/// Returns what changes when somebody writes, beside the number of rows.
pub(super) fn figures(connection: &Connection) -> Result<Vec<i64>> {
    CHANGES.iter().map(|sql| connection.query_row(sql, [], |row| row.get(0))).collect()
}

/// Tells whether there is nothing but what a new database has.
pub(super) fn is_fresh(connection: &Connection) -> Result<bool> {
    for table in ORIGINAL {
        let sql = format!("SELECT 1 FROM {table} LIMIT 1");
        if connection.prepare_cached(&sql)?.exists([])? {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ciq_event::Brand;

    use super::*;
    use crate::Writer;

    #[test]
    fn every_table_is_copied_or_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let writer = Writer::open(folder.path().join("a.db"), &Brand::default()).unwrap();
        let connection = &writer.connection;
        let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%search%'
            AND name NOT LIKE 'sqlite%'";
        let found: BTreeSet<String> = connection
            .prepare_cached(sql)
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(std::result::Result::unwrap)
            .collect();
        let known = TABLES.iter().map(|table| table.name).chain(["meta", "counter"]);
        assert_eq!(found, known.map(str::to_owned).collect());
    }

    #[test]
    fn keys_are_those_of_the_tables() {
        let folder = tempfile::tempdir().unwrap();
        let writer = Writer::open(folder.path().join("a.db"), &Brand::default()).unwrap();
        for table in &TABLES {
            let sql = "SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk";
            let key: Vec<String> = writer
                .connection
                .prepare_cached(sql)
                .unwrap()
                .query_map([table.name], |row| row.get(0))
                .unwrap()
                .map(std::result::Result::unwrap)
                .collect();
            assert_eq!(key, table.key, "{}", table.name);
        }
    }
}
