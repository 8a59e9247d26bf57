//! Decisions, merges, pins and reviews.

use ciq_engine::{Changes, MergeRow, QueueRow, QueueStatus};

use crate::codec::keys_json;
use crate::sql::{Connection, params};
use crate::{StoreError, sql};

/// The status of a review that waits for a person.
const PENDING: &str = "pending";

pub(super) fn write(connection: &Connection, changes: &Changes) -> Result<(), StoreError> {
    let doing = StoreError::doing("write decisions");
    write_decisions(connection, changes).map_err(&doing)?;
    write_links(connection, changes).map_err(&doing)?;
    write_pins(connection, changes).map_err(&doing)?;
    write_reviews(connection, &changes.reviews).map_err(&doing)?;
    write_review_statuses(connection, changes).map_err(&doing)
}

fn write_decisions(connection: &Connection, changes: &Changes) -> sql::Result<()> {
    let mut insert = connection.prepare_many(
        "INSERT INTO decision (seq, id, decided_at, actor, action) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for row in &changes.decisions {
        let decision = &row.decision;
        insert.push(params![
            row.seq,
            decision.id.as_bytes(),
            decision.decided_at.as_millisecond(),
            decision.actor,
            decision.action.to_json(),
        ])?;
    }
    insert.finish()
}

/// The number after the last one that was given.
const NEXT_MERGE: &str = "SELECT max(coalesce((SELECT max(key) + 1 FROM merge), 1),
    coalesce((SELECT next FROM counter WHERE name = 'merge_key'), 1))";

pub(super) fn write_merges(connection: &Connection, merges: &[MergeRow]) -> sql::Result<()> {
    if merges.is_empty() {
        return Ok(());
    }
    let next: i64 = connection.query_row(NEXT_MERGE, [], |row| row.get(0))?;
    let mut insert = connection.prepare_many(
        "INSERT INTO merge (key, id, merged_at, reason, actor, base_key, absorbed_keys, evidence,
            before_snapshot, after_snapshot)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?;
    for (key, row) in (next..).zip(merges) {
        insert.push(params![
            key,
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
    insert.finish()
}

fn write_links(connection: &Connection, changes: &Changes) -> sql::Result<()> {
    let mut insert =
        connection.prepare_many("INSERT INTO link (merge_id, a_key, b_key) VALUES (?1, ?2, ?3)")?;
    for link in &changes.links {
        insert.push(params![link.merge.as_bytes(), link.a.0, link.b.0])?;
    }
    let mut cut = connection.prepare_many("DELETE FROM link WHERE merge_id = ?1")?;
    let mut mark = connection.prepare_many("UPDATE merge SET undone_at = ?2 WHERE id = ?1")?;
    for (merge, undone_at) in &changes.undone {
        cut.push([merge.as_bytes()])?;
        mark.push(params![merge.as_bytes(), undone_at.as_millisecond()])?;
    }
    insert.finish()?;
    cut.finish()?;
    mark.finish()
}

fn write_pins(connection: &Connection, changes: &Changes) -> sql::Result<()> {
    let mut lift = connection.prepare_many("DELETE FROM pin WHERE a_key = ?1 AND b_key = ?2")?;
    for (a, b) in &changes.lifted_pins {
        lift.push([a.0, b.0])?;
    }
    let mut insert = connection
        .prepare_many("INSERT INTO pin (a_key, b_key) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?;
    for (a, b) in &changes.pins {
        insert.push([a.0, b.0])?;
    }
    lift.finish()?;
    insert.finish()
}

/// The same set of customers never queues twice; later events add evidence.
fn write_reviews(connection: &Connection, reviews: &[QueueRow]) -> sql::Result<()> {
    let mut insert = connection.prepare_many(
        "INSERT INTO review (id, customer_keys, reason, status, opened_at)
        VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO NOTHING",
    )?;
    let mut add = connection.prepare_many(
        "INSERT INTO review_evidence (review_id, event_id) VALUES (?1, ?2)
        ON CONFLICT DO NOTHING",
    )?;
    for row in reviews {
        insert.push(params![
            row.id.as_bytes(),
            keys_json(&row.customers),
            row.reason,
            PENDING,
            row.occurred_at.as_millisecond(),
        ])?;
        add.push([row.id.as_bytes(), row.event_id.as_bytes()])?;
    }
    insert.finish()?;
    add.finish()
}

fn write_review_statuses(connection: &Connection, changes: &Changes) -> sql::Result<()> {
    let mut update = connection.prepare_many("UPDATE review SET status = ?2 WHERE id = ?1")?;
    for (review, status) in &changes.review_statuses {
        let name = match status {
            QueueStatus::Merged => "merged",
            QueueStatus::Rejected => "rejected",
        };
        update.push(params![review.as_bytes(), name])?;
    }
    update.finish()
}
