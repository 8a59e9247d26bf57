//! `timeline`: what a customer did, the latest first.

use ciq_event::CustomerId;
use ciq_store::EventView;

use crate::cli::TimelineArgs;
use crate::exit::{Exit, Failure};
use crate::session::{Session, nobody};
use crate::table::{Align, Table, minute, or_nothing};

/// Shows a page of a timeline.
pub(super) fn run(session: &mut Session, args: &TimelineArgs) -> Result<Exit, Failure> {
    let id = CustomerId::from_raw(args.id.as_str());
    let page = session.reader()?.timeline(&id, &args.page.request())?;
    let page = page.ok_or_else(|| nobody(&id))?;
    if session.output.is_json() {
        session.output.json(&page)?;
        return Ok(Exit::Done);
    }
    events_table(page.data).write(&mut session.output)?;
    if let Some(cursor) = page.next_cursor {
        session.output.note(format_args!("more: --cursor {cursor}"));
    }
    Ok(Exit::Done)
}

/// Makes a table of events.
pub(super) fn events_table(events: Vec<EventView>) -> Table {
    let mut table = Table::new(&[
        ("when (UTC)", Align::Left),
        ("event", Align::Left),
        ("title", Align::Left),
        ("amount", Align::Right),
        ("status", Align::Left),
        ("source", Align::Left),
    ]);
    for event in events {
        let amount = event.amount.zip(event.currency);
        let amount = amount.map(|(amount, currency)| format!("{} {currency}", amount.0));
        table.row([
            minute(event.occurred_at.as_deref()),
            event.event_type,
            or_nothing(event.title.as_deref()),
            or_nothing(amount.as_deref()),
            or_nothing(event.status.as_deref()),
            event.source_service,
        ]);
    }
    table
}
