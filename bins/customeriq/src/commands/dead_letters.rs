//! `dead-letters`: messages that could not become events.

use serde_json::json;

use crate::cli::PageArgs;
use crate::exit::{Exit, Failure};
use crate::session::Session;
use crate::table::{Align, Table, count, minute};

/// Lists dead letters, the latest first.
pub(super) fn run(session: &mut Session, args: &PageArgs) -> Result<Exit, Failure> {
    let letters = session.reader()?.dead_letters(&args.request())?;
    let is_full = u32::try_from(letters.len()) == Ok(args.limit);
    let next_cursor = letters.last().filter(|_| is_full).map(|last| last.id.clone());
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
