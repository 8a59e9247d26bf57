//! Decisions, merges, pins and reviews.

use ciq_engine::{Changes, MergeRow, QueueRow, QueueStatus};
use rusqlite::{Connection, params};

use crate::StoreError;
use crate::codec::keys_json;

/// The status of a review that waits for a person.
const PENDING: &str = "pending";

pub(super) fn write(connection: &Connection, changes: &Changes) -> Result<(), StoreError> {
    let doing = StoreError::doing("write decisions and merges");
    write_decisions(connection, changes).map_err(&doing)?;
    write_merges(connection, &changes.merges).map_err(&doing)?;
    write_links(connection, changes).map_err(&doing)?;
    write_pins(connection, changes).map_err(&doing)?;
    write_reviews(connection, &changes.reviews).map_err(&doing)?;
    write_review_statuses(connection, changes).map_err(&doing)
}

fn write_decisions(connection: &Connection, changes: &Changes) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO decision (seq, id, decided_at, actor, action) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for row in &changes.decisions {
        let decision = &row.decision;
        insert.execute(params![
            row.seq,
            decision.id.as_bytes(),
            decision.decided_at.as_millisecond(),
            decision.actor,
            decision.action.to_json(),
        ])?;
    }
    Ok(())
}

fn write_merges(connection: &Connection, merges: &[MergeRow]) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO merge (key, id, merged_at, reason, actor, base_key, absorbed_keys, evidence,
            before_snapshot, after_snapshot)
        VALUES (
            max(coalesce((SELECT max(key) + 1 FROM merge), 1),
                coalesce((SELECT next FROM counter WHERE name = 'merge_key'), 1)),
            ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    for row in merges {
        insert.execute(params![
            row.id.as_bytes(),
            row.merged_at.as_millisecond(),
            row.reason,
            row.actor,
            row.base.0,
            keys_json(&row.absorbed),
            row.evidence,
            row.before,
            row.after,
        ])?;
    }
    Ok(())
}

fn write_links(connection: &Connection, changes: &Changes) -> rusqlite::Result<()> {
    let mut insert = connection
        .prepare_cached("INSERT INTO link (merge_id, a_key, b_key) VALUES (?1, ?2, ?3)")?;
    for link in &changes.links {
        insert.execute(params![link.merge.as_bytes(), link.a.0, link.b.0])?;
    }
    let mut cut = connection.prepare_cached("DELETE FROM link WHERE merge_id = ?1")?;
    let mut mark = connection.prepare_cached("UPDATE merge SET undone_at = ?2 WHERE id = ?1")?;
    for (merge, undone_at) in &changes.undone {
        cut.execute([merge.as_bytes()])?;
        mark.execute(params![merge.as_bytes(), undone_at.as_millisecond()])?;
    }
    Ok(())
}

fn write_pins(connection: &Connection, changes: &Changes) -> rusqlite::Result<()> {
    let mut lift = connection.prepare_cached("DELETE FROM pin WHERE a_key = ?1 AND b_key = ?2")?;
    for (a, b) in &changes.lifted_pins {
        lift.execute([a.0, b.0])?;
    }
    let mut insert =
        connection.prepare_cached("INSERT OR IGNORE INTO pin (a_key, b_key) VALUES (?1, ?2)")?;
    for (a, b) in &changes.pins {
        insert.execute([a.0, b.0])?;
    }
    Ok(())
}

/// The same set of customers never queues twice; later events add evidence.
fn write_reviews(connection: &Connection, reviews: &[QueueRow]) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO review (id, customer_keys, reason, status, opened_at)
        VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO NOTHING",
    )?;
    let mut add = connection.prepare_cached(
        "INSERT OR IGNORE INTO review_evidence (review_id, event_id) VALUES (?1, ?2)",
    )?;
    for row in reviews {
        insert.execute(params![
            row.id.as_bytes(),
            keys_json(&row.customers),
            row.reason,
            PENDING,
            row.occurred_at.as_millisecond(),
        ])?;
        add.execute([row.id.as_bytes(), row.event_id.as_bytes()])?;
    }
    Ok(())
}

fn write_review_statuses(connection: &Connection, changes: &Changes) -> rusqlite::Result<()> {
    let mut update = connection.prepare_cached("UPDATE review SET status = ?2 WHERE id = ?1")?;
    for (review, status) in &changes.review_statuses {
        let name = match status {
            QueueStatus::Merged => "merged",
            QueueStatus::Rejected => "rejected",
        };
        update.execute(params![review.as_bytes(), name])?;
    }
    Ok(())
}
