//! The numbers that are given next: none may be given twice, whichever database gives it.

use std::collections::BTreeMap;

use crate::sql::{Connection, Result, params};

/// A file gives customers, places of the log and events numbers of their own; a schema gives them
/// from one sequence. Each goes on after the greatest of all.
const LEVEL: &str = "UPDATE counter SET next = (SELECT max(c.next) FROM counter AS c
        WHERE c.name IN ('customer_key', 'log_seq', 'event_seq'))
    WHERE name IN ('customer_key', 'log_seq', 'event_seq')";

/// Columns of a schema whose numbers the database gives.
const IDENTITIES: &str = "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT)
    FROM information_schema.columns
    WHERE table_schema = current_schema() AND is_identity = 'YES'
    ORDER BY table_name";

/// Carries counters and sequences over.
pub(super) fn carry_over(source: &Connection, target: &Connection) -> Result<()> {
    let counters = pairs(source, "SELECT name, next FROM counter ORDER BY name")?;
    let given = last_given(source)?;
    let transaction = target.transaction()?;
    transaction.execute("DELETE FROM counter", [])?;
    let mut insert =
        transaction.prepare_many("INSERT INTO counter (name, next) VALUES (?1, ?2)")?;
    for (name, next) in &counters {
        insert.push(params![name, next])?;
    }
    insert.finish()?;
    transaction.execute(LEVEL, [])?;
    match transaction.as_sqlite() {
        Some(_) => set_in_file(&transaction, &given)?,
        None => set_in_schema(&transaction, &given)?,
    }
    transaction.commit()
}

fn pairs(connection: &Connection, sql: &str) -> Result<BTreeMap<String, i64>> {
    let mut statement = connection.prepare_cached(sql)?;
    let pairs = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    pairs.collect()
}

/// The last number that was given to a row of each table, where rows that went count too.
fn last_given(source: &Connection) -> Result<BTreeMap<String, i64>> {
    if source.as_sqlite().is_some() {
        return pairs(source, "SELECT name, seq FROM sqlite_sequence ORDER BY name");
    }
    let mut given = BTreeMap::new();
    for (table, column) in identities(source)? {
        let sql = "SELECT pg_sequence_last_value(CAST(pg_get_serial_sequence(?1, ?2) AS regclass))";
        let last: Option<i64> = source.query_row(sql, [&table, &column], |row| row.get(0))?;
        given.extend(last.map(|last| (table, last)));
    }
    Ok(given)
}

fn identities(connection: &Connection) -> Result<Vec<(String, String)>> {
    let mut statement = connection.prepare_cached(IDENTITIES)?;
    let pairs = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    pairs.collect()
}

/// In a file, most tables go on after their last row. Those that do not are listed, once a row was
/// ever there.
fn set_in_file(target: &Connection, given: &BTreeMap<String, i64>) -> Result<()> {
    for table in ["intervention", "intervention_change"] {
        let Some(last) = given.get(table) else { continue };
        target.execute("DELETE FROM sqlite_sequence WHERE name = ?1", [table])?;
        let insert = "INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)";
        target.execute(insert, params![table, last])?;
    }
    Ok(())
}

fn set_in_schema(target: &Connection, given: &BTreeMap<String, i64>) -> Result<()> {
    for (table, column) in identities(target)? {
        let sql = format!("SELECT coalesce(max({column}), 0) FROM {table}");
        let last: i64 = target.query_row(&sql, [], |row| row.get(0))?;
        let last = last.max(given.get(&table).copied().unwrap_or(0));
        if last > 0 {
            let set = "SELECT setval(CAST(pg_get_serial_sequence(?1, ?2) AS regclass), ?3)";
            target.query_row(set, params![table, column, last], |_| Ok(()))?;
        }
    }
    Ok(())
}
