//! `dead-letters`: messages that could not become events, listed, shown, tried again, dropped.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ciq_ingest::Retried;
use ciq_store::{DeadLetterDetail, PageRequest, Reader};
use serde_json::{Value, json};

use crate::cli::{DeadLettersArgs, DeadLettersCommand, PageArgs};
use crate::exit::{Exit, Failure};
use crate::output::{Style, Voice, visible};
use crate::session::Session;
use crate::table::{Align, Table, count, counted, minute};

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
    let Retried { stored_count, duplicate_count, refused_count } =
        handle.retry_dead_letters(&ids)?;
    handle.close();
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
