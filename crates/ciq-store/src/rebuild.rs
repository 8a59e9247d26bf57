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

/// Folds the log of the file at `from` into a new file at `to`. What cannot be folded again, dead
/// letters and the ids of erased events, is carried over. `progress` hears the messages so far.
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
    carry_over(&writer, from)?;
    let mut report = RebuildReport::default();
    let mut after = 0;
    while let Some((until, entries)) = read_page(&log, after)? {
        refold(&mut writer, entries, settings, &mut report)?;
        after = until;
        progress(&report);
    }
    writer.checkpoint()?;
    Ok(report)
}

fn carry_over(writer: &Writer, from: &Path) -> Result<(), StoreError> {
    let doing = StoreError::doing("carry over dead letters and erased ids");
    let connection = &writer.connection;
    connection
        .execute("ATTACH DATABASE ?1 AS old", [from.display().to_string()])
        .map_err(&doing)?;
    connection
        .execute_batch(
            "INSERT INTO main.erased_event (id) SELECT id FROM old.erased_event;
            INSERT INTO main.dead_letter (key, id, form, body, field, reason, received_at,
                arrival_count, subject, headers)
            SELECT key, id, form, body, field, reason, received_at, arrival_count, subject, headers
            FROM old.dead_letter;",
        )
        .map_err(&doing)?;
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
