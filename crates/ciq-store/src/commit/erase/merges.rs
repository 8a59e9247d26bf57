//! Merges of those who stay, in whose history the erased stand: they can still be undone, and tell
//! nothing of them.

use std::collections::BTreeSet;

use ciq_identity::CustomerKey;
use serde_json::Value;

use crate::codec::keys_json;
use crate::sql::{Connection, List, params};
use crate::{StoreError, sql};

/// Merges between the erased and others.
const JOINED: &str = "SELECT id FROM merge WHERE base_key IN rarray(?1) OR key IN (
        SELECT g.key FROM merge AS g, json_each(g.absorbed_keys) AS k
        WHERE CAST(k.value AS INTEGER) IN rarray(?1))";

/// Merges whose texts hold what the erased held. In each database's own words.
const TOLD_SQLITE: &str = "SELECT id FROM merge WHERE key IN (
        SELECT g.key FROM merge AS g JOIN identifier AS i
        ON instr(g.evidence || g.before_snapshot || g.after_snapshot, json_quote(i.value)) > 0
        WHERE i.customer_key IN rarray(?1))";

const TOLD_POSTGRES: &str = "SELECT id FROM merge WHERE key IN (
        SELECT g.key FROM merge AS g JOIN identifier AS i
        ON strpos(g.evidence || g.before_snapshot || g.after_snapshot,
            CAST(to_json(i.value) AS TEXT)) > 0
        WHERE i.customer_key IN rarray(?1))";

/// Prepares the history of merges for the erasure of some origins, while their rows are there.
pub(super) fn prepare(connection: &Connection, origins: &List) -> Result<(), StoreError> {
    let doing = StoreError::doing("erase what merges tell of a customer");
    let joined = ids(connection, JOINED, origins).map_err(&doing)?;
    for id in &joined {
        hand_over(connection, id).map_err(&doing)?;
    }
    let told = connection.choose(TOLD_SQLITE, TOLD_POSTGRES);
    let told = ids(connection, told, origins).map_err(&doing)?;
    for id in joined.union(&told) {
        forget(connection, id).map_err(&doing)?;
    }
    Ok(())
}

fn ids(connection: &Connection, sql: &str, origins: &List) -> sql::Result<BTreeSet<[u8; 16]>> {
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([origins.clone()], |row| row.get(0))?;
    rows.collect()
}

/// A merge that still holds some together is theirs: those whom its links join. All links of one
/// merge meet in one origin, and stand or fall together. One without links is left as it is.
fn hand_over(connection: &Connection, id: &[u8; 16]) -> sql::Result<()> {
    let mut links = connection.prepare_cached(
        "SELECT a_key, b_key FROM link WHERE merge_id = ?1 ORDER BY a_key, b_key",
    )?;
    let ends: Vec<(CustomerKey, CustomerKey)> = links
        .query_map([id], |row| Ok((CustomerKey(row.get(0)?), CustomerKey(row.get(1)?))))?
        .collect::<sql::Result<_>>()?;
    let Some(&(_, base)) = ends.first() else { return Ok(()) };
    let absorbed: Vec<CustomerKey> = ends.iter().map(|(absorbed, _)| *absorbed).collect();
    let sql = "UPDATE merge SET base_key = ?2, absorbed_keys = ?3 WHERE id = ?1";
    connection.execute(sql, params![id, base.0, keys_json(&absorbed)]).map(drop)
}

/// Leaves of what a merge tells only what caused it.
fn forget(connection: &Connection, id: &[u8; 16]) -> sql::Result<()> {
    let sql = "SELECT evidence FROM merge WHERE id = ?1";
    let evidence: String = connection.query_row(sql, [id], |row| row.get(0))?;
    let mut evidence: Value = serde_json::from_str(&evidence).unwrap_or_default();
    if let Some(fields) = evidence.as_object_mut() {
        fields.remove("identifiers");
    }
    let sql = "UPDATE merge SET evidence = ?2, before_snapshot = '[]', after_snapshot = '{}'
        WHERE id = ?1";
    connection.execute(sql, params![id, evidence.to_string()]).map(drop)
}
