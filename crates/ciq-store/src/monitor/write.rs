//! What a check came to, on its way into the file.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::changes::{
    ClosedRow, HealthRow, MonitorChanges, MonitorWritten, OpenedRow, UpdatedRow, WokenRow,
};
use super::{MONITOR, RESOLVED};
use crate::codec::{severity, severity_number};
use crate::sql::{Connection, OptionalExtension, params};
use crate::{StoreError, Writer, sql};

impl Writer {
    /// Writes what a check came to in one transaction. An intervention that was changed since it
    /// was read stays as it is, and none is opened where one of its kind is open for the customer,
    /// or where the customer was merged or erased meanwhile.
    pub fn write_monitor(
        &mut self,
        changes: &MonitorChanges,
    ) -> Result<MonitorWritten, StoreError> {
        debug_assert!(self.connection.is_autocommit(), "each load ends in a commit");
        if changes.is_empty() {
            return Ok(MonitorWritten::default());
        }
        let doing = StoreError::doing("write what a check came to");
        let transaction = self.connection.transaction().map_err(&doing)?;
        let written = write(&transaction, changes).map_err(&doing)?;
        transaction.commit().map_err(&doing)?;
        Ok(written)
    }
}

fn write(connection: &Connection, changes: &MonitorChanges) -> sql::Result<MonitorWritten> {
    // What is closed makes room for what is opened.
    let closed = close(connection, &changes.closed)?;
    let woken = wake(connection, &changes.woken)?;
    let updated = update(connection, &changes.updated)?;
    let opened = open(connection, &changes.opened)?;
    write_health(connection, &changes.health)?;
    add_turns(connection, &changes.turns)?;
    Ok(MonitorWritten { opened, closed, woken, updated })
}

/// A step in the life of an intervention, as it goes on record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'a> {
    pub(super) key: i64,
    pub(super) at: Timestamp,
    pub(super) actor: &'a str,
    pub(super) action: &'a str,
    pub(super) status: &'a str,
    pub(super) detail: Option<&'a str>,
}

pub(super) fn record(connection: &Connection, step: Record<'_>) -> sql::Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO intervention_change (intervention_key, changed_at, actor, action, status,
            detail)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    let Record { key, at, actor, action, status, detail } = step;
    insert.execute(params![key, at.as_millisecond(), actor, action, status, detail]).map(drop)
}

fn open(connection: &Connection, rows: &[OpenedRow]) -> sql::Result<u64> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO intervention (id, customer_key, kind, title, severity, status, opened_at,
            changed_at, assignee, due_at, action, evidence, revision)
        SELECT ?1, ?2, ?3, ?4, ?5, 'open', ?6, ?6, ?7, ?8, ?9, ?10, 0
        WHERE EXISTS (SELECT 1 FROM activity WHERE key = ?2)
            AND NOT EXISTS (SELECT 1 FROM customer AS o
                JOIN intervention AS i ON i.customer_key = o.key
                WHERE o.root_key = ?2 AND i.kind = ?3 AND i.status <> 'resolved')
        ON CONFLICT DO NOTHING RETURNING key",
    )?;
    let mut count = 0;
    for row in rows {
        let given = params![
            row.id.as_bytes(),
            row.customer.0,
            row.kind,
            row.title,
            severity_number(row.severity),
            row.opened_at.as_millisecond(),
            row.assignee,
            row.due_at.map(Timestamp::as_millisecond),
            row.action,
            row.evidence,
        ];
        let key: Option<i64> = insert.query_row(given, |row| row.get(0)).optional()?;
        let Some(key) = key else { continue };
        count += 1;
        let detail = row.assignee.as_ref().map(|name| format!("assigned to {name}"));
        let (at, detail) = (row.opened_at, detail.as_deref());
        let step = Record { key, at, actor: MONITOR, action: "opened", status: "open", detail };
        record(connection, step)?;
    }
    Ok(count)
}

fn close(connection: &Connection, rows: &[ClosedRow]) -> sql::Result<u64> {
    let mut update = connection.prepare_cached(
        "UPDATE intervention SET status = 'resolved', closed_at = ?3, close_reason = ?4,
            changed_at = ?3, snoozed_until = NULL, revision = revision + 1
        WHERE key = ?1 AND revision = ?2 AND status <> 'resolved'",
    )?;
    let mut count = 0;
    for ClosedRow { key, revision, at, reason } in rows {
        if update.execute(params![key, revision, at.as_millisecond(), reason])? == 0 {
            continue;
        }
        count += 1;
        let (action, status, detail) = (RESOLVED, RESOLVED, Some(reason.as_str()));
        record(connection, Record { key: *key, at: *at, actor: MONITOR, action, status, detail })?;
    }
    Ok(count)
}

fn wake(connection: &Connection, rows: &[WokenRow]) -> sql::Result<u64> {
    let mut update = connection.prepare_cached(
        "UPDATE intervention SET status = 'open', snoozed_until = NULL, changed_at = ?3,
            revision = revision + 1
        WHERE key = ?1 AND revision = ?2 AND status = 'snoozed'",
    )?;
    let mut count = 0;
    for WokenRow { key, revision, at } in rows {
        if update.execute(params![key, revision, at.as_millisecond()])? == 0 {
            continue;
        }
        count += 1;
        let (action, status, detail) = ("woken", "open", None);
        record(connection, Record { key: *key, at: *at, actor: MONITOR, action, status, detail })?;
    }
    Ok(count)
}

/// Another severity is a step in the life of an intervention. Figures that moved are none: an account
/// that goes on calling would fill the history.
fn update(connection: &Connection, rows: &[UpdatedRow]) -> sql::Result<u64> {
    let mut held = connection.prepare_cached(
        "SELECT status, severity FROM intervention
        WHERE key = ?1 AND revision = ?2 AND status <> 'resolved'",
    )?;
    let mut update = connection.prepare_cached(
        "UPDATE intervention SET severity = ?2, evidence = ?3, changed_at = ?4,
            revision = revision + 1
        WHERE key = ?1",
    )?;
    let mut count = 0;
    for UpdatedRow { key, revision, at, severity: to, evidence } in rows {
        let found: Option<(String, i64)> =
            held.query_row([key, revision], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let Some((status, from)) = found else { continue };
        count += 1;
        update.execute(params![key, severity_number(*to), evidence, at.as_millisecond()])?;
        let from = severity(from);
        if from == *to {
            continue;
        }
        let detail = format!("{from} to {to}");
        let (action, status, detail) = ("updated", status.as_str(), Some(detail.as_str()));
        record(connection, Record { key: *key, at: *at, actor: MONITOR, action, status, detail })?;
    }
    Ok(count)
}

fn write_health(connection: &Connection, rows: &[HealthRow]) -> sql::Result<()> {
    let mut upsert = connection.prepare_many(
        "INSERT INTO health (customer_key, score, band, parts, as_of)
        SELECT ?1, ?2, ?3, ?4, ?5 WHERE EXISTS (SELECT 1 FROM account WHERE customer_key = ?1)
        ON CONFLICT (customer_key) DO UPDATE SET score = excluded.score, band = excluded.band,
            parts = excluded.parts, as_of = excluded.as_of
        WHERE health.score <> excluded.score OR health.band <> excluded.band
            OR health.parts <> excluded.parts",
    )?;
    for HealthRow { customer, score, band, parts, as_of } in rows {
        upsert.push(params![customer.0, score, band, parts, as_of.as_millisecond()])?;
    }
    upsert.finish()
}

fn add_turns(connection: &Connection, turns: &BTreeMap<String, u64>) -> sql::Result<()> {
    let mut upsert = connection.prepare_cached(
        "INSERT INTO monitor_turn (kind, count) VALUES (?1, ?2)
        ON CONFLICT (kind) DO UPDATE SET count = monitor_turn.count + excluded.count",
    )?;
    for (kind, added) in turns {
        upsert.execute(params![kind, i64::try_from(*added).unwrap_or(i64::MAX)])?;
    }
    Ok(())
}
