//! Rebuild: the log of one file folded into another, empty one (S-1).

mod erased;

use std::collections::BTreeMap;

use ciq_engine::{
    Changes, Decision, DecisionRow, Entry, Needs, Settings, WorkingSet, decide_on, fold_settled,
    prepare,
};
use ciq_event::Brand;

use crate::log::read_page;
use crate::{Location, LogEntry, Reader, StoreError, Writer};

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
    INSERT INTO main.monitor_rule (kind, position, definition, updated_at)
    SELECT kind, position, definition, updated_at FROM old.monitor_rule;
    INSERT INTO main.monitor_turn (kind, count) SELECT kind, count FROM old.monitor_turn;";

/// Numbers that are given once go on where they were.
const CARRY_SEQUENCES_SQLITE: &str = "DELETE FROM main.sqlite_sequence
    WHERE name IN ('intervention', 'intervention_change');
    INSERT INTO main.sqlite_sequence (name, seq) SELECT name, seq FROM old.sqlite_sequence
    WHERE name IN ('intervention', 'intervention_change');";

/// The same for every sequence. One that was not used yet is left as it is.
const CARRY_SEQUENCES_POSTGRES: &str = "SELECT setval(
        format('%I.%I', n.schemaname, n.sequencename)::regclass, o.last_value)
    FROM pg_sequences AS n JOIN pg_sequences AS o ON o.sequencename = n.sequencename
    WHERE n.schemaname = 'main' AND o.schemaname = 'old' AND o.last_value IS NOT NULL
        AND n.sequencename LIKE ANY (ARRAY['execution%', 'delivery%', 'task%', 'intervention%',
            'review%']);";

/// Folds the log of the tables at `from` into new ones at `to`, in a database of the same kind.
/// What cannot be folded again, dead letters, the ids of erased events, automations and what they
/// did, interventions and what became of them, is carried over, and so is how far readers of the
/// feed have come; where somebody was erased, also who is whom. `progress` hears the messages so
/// far.
pub fn rebuild(
    from: impl Into<Location>,
    to: impl Into<Location>,
    brand: &Brand,
    settings: &Settings,
    progress: &mut dyn FnMut(&RebuildReport),
) -> Result<RebuildReport, StoreError> {
    let (from, to) = (from.into(), to.into());
    refuse_what_is_there(&to)?;
    let log = Reader::open(&from)?;
    let mut writer = Writer::open(&to, brand)?;
    carry_over(&writer, &from, CARRY_OVER)?;
    let identity = carry_identity(&mut writer, &from, &log)?;
    let mut refolding =
        Refolding { log: &log, writer, settings, identity, report: RebuildReport::default() };
    let mut after = 0;
    while let Some((until, entries)) = read_page(&log.connection, after)? {
        refolding.take(entries)?;
        after = until;
        progress(&refolding.report);
    }
    let Refolding { writer, report, .. } = refolding;
    if identity == Identity::CarriedOver {
        carry_over(&writer, &from, erased::CARRY_WORK_ORDERS)?;
    }
    for statements in [CARRY_CURSORS, CARRY_ACTIONS, CARRY_INTERVENTIONS] {
        carry_over(&writer, &from, statements)?;
    }
    let sequences = writer.connection.choose(CARRY_SEQUENCES_SQLITE, CARRY_SEQUENCES_POSTGRES);
    carry_over(&writer, &from, sequences)?;
    writer.checkpoint()?;
    Ok(report)
}

fn refuse_what_is_there(to: &Location) -> Result<(), StoreError> {
    let is_there = match to {
        Location::File(path) => path.exists(),
        Location::Schema(_) => match Reader::open(to) {
            Ok(_) => true,
            Err(StoreError::NoSchema(_)) => false,
            Err(error) => return Err(error),
        },
    };
    if is_there { Err(StoreError::NotEmpty(to.to_string())) } else { Ok(()) }
}

/// Who is whom in the new tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Identity {
    /// Decided again, by the messages and by what people decided.
    Folded,
    /// As it was: somebody was erased.
    CarriedOver,
}

fn carry_identity(
    writer: &mut Writer,
    from: &Location,
    log: &Reader,
) -> Result<Identity, StoreError> {
    if !erased::is_anybody(log)? {
        return Ok(Identity::Folded);
    }
    carry_over(writer, from, erased::CARRY_CUSTOMERS)?;
    let counter =
        writer.connection.choose(erased::CARRY_COUNTER_SQLITE, erased::CARRY_COUNTER_POSTGRES);
    carry_over(writer, from, counter)?;
    // The counters are not what the writer has read.
    writer.seen_version = None;
    Ok(Identity::CarriedOver)
}

fn carry_over(writer: &Writer, from: &Location, statements: &str) -> Result<(), StoreError> {
    let doing = StoreError::doing("carry over what cannot be folded again");
    let connection = &writer.connection;
    match (from, &writer.location) {
        (Location::File(path), Location::File(_)) => {
            let attach = "ATTACH DATABASE ?1 AS old";
            connection.execute(attach, [path.display().to_string()]).map_err(&doing)?;
            connection.execute_batch(statements).map_err(&doing)?;
            connection.execute_batch("DETACH DATABASE old").map_err(&doing)
        }
        (Location::Schema(old), Location::Schema(new)) => {
            // A schema's name needs no escaping, in quotes of either kind.
            let said = statements
                .replace("main.", &format!("\"{}\".", new.schema()))
                .replace("old.", &format!("\"{}\".", old.schema()))
                .replace("'main'", &format!("'{}'", new.schema()))
                .replace("'old'", &format!("'{}'", old.schema()));
            connection.execute_batch(&said).map_err(&doing)
        }
        (Location::File(_), Location::Schema(_)) | (Location::Schema(_), Location::File(_)) => {
            Err(StoreError::NotEmpty("a rebuild stays in its kind of database".to_owned()))
        }
    }
}

/// A log on its way into new tables.
struct Refolding<'a> {
    log: &'a Reader,
    writer: Writer,
    settings: &'a Settings,
    identity: Identity,
    report: RebuildReport,
}

impl Refolding<'_> {
    fn take(&mut self, entries: Vec<LogEntry>) -> Result<(), StoreError> {
        let mut batch = Vec::new();
        for entry in entries {
            match entry {
                LogEntry::Message(message) => {
                    self.report.message_count += 1;
                    batch.push(prepare(message, self.settings));
                }
                LogEntry::Decision(decision) => {
                    self.take_messages(&std::mem::take(&mut batch))?;
                    self.report.decision_count += 1;
                    self.take_decision(decision)?;
                }
            }
        }
        self.take_messages(&batch)
    }

    fn take_messages(&mut self, batch: &[Entry]) -> Result<(), StoreError> {
        if batch.is_empty() {
            return Ok(());
        }
        let mut needs = Needs::of_entries(batch);
        let settled = match self.identity {
            Identity::Folded => BTreeMap::new(),
            Identity::CarriedOver => erased::settled(self.log, &mut needs)?,
        };
        let mut working = self.writer.load(&needs)?;
        let (changes, _) = fold_settled(&mut working, batch, &settled, self.settings);
        self.writer.commit(&changes, working.next)
    }

    /// What a decision led to may be there already, and under other rules it may not make sense.
    /// It stays in the log all the same.
    fn take_decision(&mut self, decision: Decision) -> Result<(), StoreError> {
        let needs = match self.identity {
            Identity::Folded => Needs::of_decision(&decision),
            Identity::CarriedOver => Needs::default(),
        };
        let mut working = self.writer.load(&needs)?;
        let decided = match self.identity {
            Identity::Folded => decide_on(&mut working, &decision, self.settings).ok(),
            Identity::CarriedOver => None,
        };
        let changes = match decided {
            Some((changes, _)) => changes,
            None => only_logged(&mut working, decision),
        };
        self.writer.commit(&changes, working.next)
    }
}

fn only_logged(working: &mut WorkingSet, decision: Decision) -> Changes {
    let seq = working.next.log_seq;
    working.next.log_seq += 1;
    Changes { decisions: vec![DecisionRow { seq, decision }], ..Changes::default() }
}
