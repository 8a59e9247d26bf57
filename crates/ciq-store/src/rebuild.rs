//! Rebuild: the log of one file folded into another, empty one (S-1).

use std::path::Path;

use ciq_engine::{Entry, Needs, Settings, decide_on, fold, prepare};
use ciq_event::Brand;
use rusqlite::Connection;

use crate::log::read_page;
use crate::{LogEntry, StoreError, Writer};

/// What a rebuild did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RebuildReport {
    /// Messages folded.
    pub message_count: u64,
    /// Decisions carried out again.
    pub decision_count: u64,
}

/// What cannot be folded again. The new file takes the old one's place, so it is the same to those
/// outside, and numbers that were given stay given.
const CARRY_OVER: &str = "INSERT INTO main.erased_event (id) SELECT id FROM old.erased_event;
    INSERT INTO main.dead_letter (key, id, form, body, field, reason, received_at,
        arrival_count, subject, headers)
    SELECT key, id, form, body, field, reason, received_at, arrival_count, subject, headers
    FROM old.dead_letter;
    INSERT INTO main.counter (name, next)
    SELECT name, next FROM old.counter WHERE name = 'dead_letter_key';
    UPDATE main.meta SET value = (SELECT value FROM old.meta WHERE name = 'file_id')
    WHERE name = 'file_id';";

/// A row's new number is that of the row with the same id. Where it is gone, the one before it
/// stands for it.
const CARRY_CURSORS: &str = "INSERT INTO main.feed_cursor
        (name, event_seq, merge_key, decision_seq, dead_letter_key, intervention_key)
    SELECT c.name,
        coalesce((SELECT n.seq FROM old.event AS o JOIN main.event AS n ON n.id = o.id
            WHERE o.seq <= c.event_seq ORDER BY o.seq DESC LIMIT 1), 0),
        coalesce((SELECT n.key FROM old.merge AS o JOIN main.merge AS n ON n.id = o.id
            WHERE o.key <= c.merge_key ORDER BY o.key DESC LIMIT 1), 0),
        coalesce((SELECT n.seq FROM old.decision AS o JOIN main.decision AS n ON n.id = o.id
            WHERE o.seq <= c.decision_seq ORDER BY o.seq DESC LIMIT 1), 0),
        c.dead_letter_key, c.intervention_key
    FROM old.feed_cursor AS c;";

/// What people defined, what was learned, and what was done: none of it follows from the log. A
/// customer of one file is the one of the other that the same event minted. Insights follow from
/// what is there now: the next pass computes them all.
const CARRY_ACTIONS: &str = "INSERT INTO main.automation (id, definition, created_at, updated_at)
    SELECT id, definition, created_at, updated_at FROM old.automation;
    INSERT INTO main.model (version, trained_at, is_in_use, parameters, report)
    SELECT version, trained_at, is_in_use, parameters, report FROM old.model;
    INSERT INTO main.execution (key, id, automation_id, automation_name, trigger_type,
        customer_key, occasion, triggered_at, due_at, status, reason, finished_at, evidence)
    SELECT x.key, x.id, x.automation_id, x.automation_name, x.trigger_type, n.key, x.occasion,
        x.triggered_at, x.due_at, x.status, x.reason, x.finished_at, x.evidence
    FROM old.execution AS x JOIN old.customer AS o ON o.key = x.customer_key
    JOIN main.customer AS n ON n.minted_by = o.minted_by;
    INSERT INTO main.delivery (key, execution_key, action_index, channel, idempotency_key, status,
        reason, not_before, attempt_count, lease_until, is_unsure, provider_id, recipient, subject,
        body, created_at, sent_at, revision)
    SELECT key, execution_key, action_index, channel, idempotency_key, status, reason, not_before,
        attempt_count, lease_until, is_unsure, provider_id, recipient, subject, body, created_at,
        sent_at, revision
    FROM old.delivery WHERE execution_key IN (SELECT key FROM main.execution);
    INSERT INTO main.task (key, id, customer_key, title, body, status, created_at)
    SELECT t.key, t.id, n.key, t.title, t.body, t.status, t.created_at
    FROM old.task AS t JOIN old.customer AS o ON o.key = t.customer_key
    JOIN main.customer AS n ON n.minted_by = o.minted_by;
    INSERT INTO main.membership (customer_key, segment, since)
    SELECT n.key, m.segment, m.since
    FROM old.membership AS m JOIN old.customer AS o ON o.key = m.customer_key
    JOIN main.customer AS n ON n.minted_by = o.minted_by;
    DELETE FROM main.feed_cursor WHERE name = 'insight';";

/// What a person should do about customers, what people did since, and by which rules. How well
/// accounts go follows from what is there now: the next check finds it.
const CARRY_INTERVENTIONS: &str = "INSERT INTO main.intervention (key, id, customer_key, kind,
        title, severity, status, opened_at, changed_at, snoozed_until, closed_at, close_reason,
        assignee, due_at, action, evidence, revision)
    SELECT i.key, i.id, n.key, i.kind, i.title, i.severity, i.status, i.opened_at, i.changed_at,
        i.snoozed_until, i.closed_at, i.close_reason, i.assignee, i.due_at, i.action, i.evidence,
        i.revision
    FROM old.intervention AS i JOIN old.customer AS o ON o.key = i.customer_key
    JOIN main.customer AS n ON n.minted_by = o.minted_by;
    INSERT INTO main.intervention_change (key, intervention_key, changed_at, actor, action, status,
        detail)
    SELECT key, intervention_key, changed_at, actor, action, status, detail
    FROM old.intervention_change WHERE intervention_key IN (SELECT key FROM main.intervention);
    DELETE FROM main.sqlite_sequence WHERE name IN ('intervention', 'intervention_change');
    INSERT INTO main.sqlite_sequence (name, seq) SELECT name, seq FROM old.sqlite_sequence
    WHERE name IN ('intervention', 'intervention_change');
    INSERT INTO main.monitor_rule (kind, position, definition, updated_at)
    SELECT kind, position, definition, updated_at FROM old.monitor_rule;
    INSERT INTO main.monitor_turn (kind, count) SELECT kind, count FROM old.monitor_turn;";

/// Folds the log of the file at `from` into a new file at `to`. What cannot be folded again, dead
/// letters, the ids of erased events, automations and what they did, interventions and what became of
/// them, is carried over, and so is how far readers of the feed have come. `progress` hears the messages so far.
pub fn rebuild(
    from: &Path,
    to: &Path,
    brand: &Brand,
    settings: &Settings,
    progress: &mut dyn FnMut(&RebuildReport),
) -> Result<RebuildReport, StoreError> {
    if to.exists() {
        return Err(StoreError::NotEmpty(to.display().to_string()));
    }
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let log = Connection::open_with_flags(from, flags)
        .map_err(StoreError::doing("open the file to rebuild"))?;
    let mut writer = Writer::open(to, brand)?;
    carry_over(&writer, from, CARRY_OVER)?;
    let mut report = RebuildReport::default();
    let mut after = 0;
    while let Some((until, entries)) = read_page(&log, after)? {
        refold(&mut writer, entries, settings, &mut report)?;
        after = until;
        progress(&report);
    }
    carry_over(&writer, from, CARRY_CURSORS)?;
    carry_over(&writer, from, CARRY_ACTIONS)?;
    carry_over(&writer, from, CARRY_INTERVENTIONS)?;
    writer.checkpoint()?;
    Ok(report)
}

fn carry_over(writer: &Writer, from: &Path, statements: &str) -> Result<(), StoreError> {
    let doing = StoreError::doing("carry over what cannot be folded again");
    let connection = &writer.connection;
    connection
        .execute("ATTACH DATABASE ?1 AS old", [from.display().to_string()])
        .map_err(&doing)?;
    connection.execute_batch(statements).map_err(&doing)?;
    connection.execute("DETACH DATABASE old", []).map_err(&doing).map(drop)
}

fn refold(
    writer: &mut Writer,
    entries: Vec<LogEntry>,
    settings: &Settings,
    report: &mut RebuildReport,
) -> Result<(), StoreError> {
    let mut batch = Vec::new();
    for entry in entries {
        match entry {
            LogEntry::Message(message) => {
                report.message_count += 1;
                batch.push(prepare(message, settings));
            }
            LogEntry::Decision(decision) => {
                fold_batch(writer, &std::mem::take(&mut batch), settings)?;
                report.decision_count += 1;
                let mut working = writer.load(&Needs::of_decision(&decision))?;
                // What a decision was about may have been erased since: then nothing is left to do.
                match decide_on(&mut working, &decision, settings) {
                    Ok((changes, _)) => writer.commit(&changes, working.next)?,
                    Err(_) => writer.abandon(),
                }
            }
        }
    }
    fold_batch(writer, &batch, settings)
}

fn fold_batch(writer: &mut Writer, batch: &[Entry], settings: &Settings) -> Result<(), StoreError> {
    if batch.is_empty() {
        return Ok(());
    }
    let mut working = writer.load(&Needs::of_entries(batch))?;
    let (changes, _) = fold(&mut working, batch, settings);
    writer.commit(&changes, working.next)
}
