//! `dead-letters`: messages that could not become events, listed, shown, tried again, dropped.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ciq_engine::{Entry, EntryOutcome, EventOutcome, prepare};
use ciq_ingest::BrandHandle;
use ciq_store::{DeadLetterDetail, PageRequest, Reader};
use serde_json::{Value, json};

use crate::cli::{DeadLettersArgs, DeadLettersCommand, PageArgs};
use crate::exit::{Exit, Failure};
use crate::output::{Style, Voice, visible};
use crate::session::Session;
use crate::table::{Align, Table, count, counted, minute};

/// Dead letters that are tried at once: each may be as large as a message.
const RETRY_BATCH: usize = 200;

/// Ids that are read at once.
const PAGE: u32 = 1_000;

/// Lists dead letters, or does what is asked about them.
pub(super) fn run(session: &mut Session, args: &DeadLettersArgs) -> Result<Exit, Failure> {
    match &args.command {
        None => list(session, &args.page),
        Some(DeadLettersCommand::List(page)) => list(session, page),
        Some(DeadLettersCommand::Show { id }) => show(session, id),
        Some(DeadLettersCommand::Retry { ids, all: _ }) => retry(session, ids),
        Some(DeadLettersCommand::Drop { ids, yes }) => discard(session, ids, *yes),
    }
}

/// Lists dead letters, the latest first.
fn list(session: &mut Session, args: &PageArgs) -> Result<Exit, Failure> {
    let (letters, next_cursor) = session.reader()?.dead_letters(&args.request())?;
    if session.output.is_json() {
        session.output.json(&json!({ "data": letters, "next_cursor": next_cursor }))?;
        return Ok(Exit::Done);
    }
    if letters.is_empty() {
        session.output.note("no dead letters");
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&[
        ("first arrived (UTC)", Align::Left),
        ("times", Align::Right),
        ("form", Align::Left),
        ("field", Align::Left),
        ("reason", Align::Left),
        ("id", Align::Left),
    ]);
    for letter in letters {
        table.row([
            minute(letter.received_at.as_deref()),
            count(letter.arrival_count),
            letter.form,
            letter.field,
            letter.reason,
            letter.id,
        ]);
    }
    table.write(&mut session.output)?;
    if let Some(cursor) = next_cursor {
        session.output.note(format_args!("more: --cursor {cursor}"));
    }
    Ok(Exit::Done)
}

fn letter_of(reader: &Reader, id: &str) -> Result<DeadLetterDetail, Failure> {
    let missing = || Failure::NotFound(format!("there is no dead letter {}", visible(id)));
    reader.dead_letter(id)?.ok_or_else(missing)
}

/// Shows a dead letter with all that arrived.
fn show(session: &mut Session, id: &str) -> Result<Exit, Failure> {
    let letter = letter_of(&session.reader()?, id)?;
    let output = &mut session.output;
    if output.is_json() {
        output.json(&as_json(&letter))?;
        return Ok(Exit::Done);
    }
    let received_at = letter.received_at.to_string();
    let times = counted(letter.arrival_count, "time");
    let head = output.paint(Style::Bold, &letter.id);
    output.line(head)?;
    output.line(format_args!("  refused  {}: {}", letter.field, visible(&letter.reason)))?;
    output.line(format_args!("  form     {}", letter.form))?;
    output.line(format_args!("  arrived  {times}, first {} UTC", minute(Some(&received_at))))?;
    if let Some(subject) = &letter.subject {
        output.line(format_args!("  subject  {}", visible(subject)))?;
    }
    for (name, value) in &letter.headers {
        output.line(format_args!("  header   {}: {}", visible(name), visible(value)))?;
    }
    output.line("")?;
    match std::str::from_utf8(&letter.payload) {
        Ok(text) => text.lines().try_for_each(|line| output.line(visible(line)))?,
        Err(_) => output.line(letter.payload.escape_ascii())?,
    }
    output.note(format_args!("try it again with `customeriq dead-letters retry {}`", letter.id));
    Ok(Exit::Done)
}

fn as_json(letter: &DeadLetterDetail) -> Value {
    let (payload, encoding) = match std::str::from_utf8(&letter.payload) {
        Ok(text) => (text.to_owned(), "text"),
        Err(_) => (STANDARD.encode(&letter.payload), "base64"),
    };
    json!({
        "id": letter.id,
        "form": letter.form.to_string(),
        "field": letter.field,
        "reason": letter.reason,
        "arrival_count": letter.arrival_count,
        "received_at": letter.received_at.to_string(),
        "subject": letter.subject,
        "headers": letter.headers,
        "payload": payload,
        "payload_encoding": encoding,
    })
}

/// What came of trying again.
#[derive(Debug, Clone, Copy, Default)]
struct Retried {
    stored_count: u64,
    duplicate_count: u64,
    refused_count: u64,
}

/// Tries dead letters again: those that are named, or all.
fn retry(session: &mut Session, ids: &[String]) -> Result<Exit, Failure> {
    let reader = session.reader()?;
    let ids = if ids.is_empty() { all_ids(&reader)? } else { ids.to_vec() };
    if ids.is_empty() {
        session.output.note("no dead letters");
    }
    // A name that is wrong is found before anything is done.
    for id in &ids {
        letter_of(&reader, id)?;
    }
    let handle = session.existing()?;
    let mut retried = Retried::default();
    for ids in ids.chunks(RETRY_BATCH) {
        retry_batch(&reader, &handle, ids, &mut retried)?;
    }
    handle.close();
    let Retried { stored_count, duplicate_count, refused_count } = retried;
    let output = &mut session.output;
    if output.is_json() {
        output.json(&json!({
            "stored": stored_count, "duplicates": duplicate_count, "rejected": refused_count,
        }))?;
    } else if !ids.is_empty() {
        output.line(format_args!(
            "{} tried again: {} stored, {} seen before, {} refused again",
            counted(ids.len(), "dead letter"),
            count(stored_count),
            count(duplicate_count),
            count(refused_count)
        ))?;
    }
    Ok(if refused_count > 0 { Exit::SomeRefused } else { Exit::Done })
}

/// Returns the ids of all dead letters, the oldest first.
fn all_ids(reader: &Reader) -> Result<Vec<String>, Failure> {
    let mut ids = Vec::new();
    let mut cursor = None;
    loop {
        let (letters, next) = reader.dead_letters(&PageRequest { cursor, limit: Some(PAGE) })?;
        ids.extend(letters.into_iter().map(|letter| letter.id));
        cursor = next;
        if cursor.is_none() {
            ids.reverse();
            return Ok(ids);
        }
    }
}

/// Stores what can be stored by now, and drops that from the dead letters. Should it end in
/// between, the same again finds it stored.
fn retry_batch(
    reader: &Reader,
    handle: &BrandHandle,
    ids: &[String],
    retried: &mut Retried,
) -> Result<(), Failure> {
    let mut entries: Vec<Entry> = Vec::with_capacity(ids.len());
    let mut tried = Vec::with_capacity(ids.len());
    for id in ids {
        // Somebody else may have dropped it meanwhile.
        let Some(letter) = reader.dead_letter(id)? else { continue };
        entries.push(prepare(letter.message(), handle.settings()));
        tried.push(letter.id);
    }
    let outcomes = handle.submit(entries).wait()?;
    let mut done = Vec::new();
    for (id, outcome) in tried.into_iter().zip(&outcomes) {
        let counted = match became(outcome) {
            Became::Stored => &mut retried.stored_count,
            Became::Duplicate => &mut retried.duplicate_count,
            Became::Refused => {
                retried.refused_count += 1;
                continue;
            }
        };
        *counted += 1;
        done.push(id);
    }
    handle.write_blocking(move |writer| writer.drop_dead_letters(&done))?;
    Ok(())
}

/// What became of a message as a whole.
enum Became {
    Stored,
    Duplicate,
    Refused,
}

/// A message of which anything is stored is in the log, and no dead letter.
fn became(outcome: &EntryOutcome) -> Became {
    let EntryOutcome::Events(events) = outcome else { return Became::Refused };
    if events.iter().any(|event| matches!(event, EventOutcome::Stored { .. })) {
        Became::Stored
    } else if events.iter().any(|event| matches!(event, EventOutcome::Refused { .. })) {
        Became::Refused
    } else {
        Became::Duplicate
    }
}

/// Deletes dead letters, after asking.
fn discard(session: &mut Session, ids: &[String], is_sure: bool) -> Result<Exit, Failure> {
    let reader = session.reader()?;
    for id in ids {
        letter_of(&reader, id)?;
    }
    if !is_sure {
        confirm(session.output.voice(), ids.len())?;
    }
    let handle = session.existing()?;
    let ids = ids.to_vec();
    let dropped = handle.write_blocking(move |writer| writer.drop_dead_letters(&ids))?;
    handle.close();
    if session.output.is_json() {
        session.output.json(&json!({ "dropped": dropped }))?;
    } else {
        session.output.line(format_args!("dropped {}", counted(dropped, "dead letter")))?;
    }
    Ok(Exit::Done)
}

fn confirm(voice: Voice, letter_count: usize) -> Result<(), Failure> {
    if !Voice::is_conversation() {
        let advice = "dropping cannot be undone: say --yes to do it without being asked";
        return Err(Failure::Usage(advice.to_owned()));
    }
    if voice.ask(&format!("Drop {} for ever?", counted(letter_count, "dead letter"))) {
        return Ok(());
    }
    Err(Failure::Unsound("nothing was dropped".to_owned()))
}
