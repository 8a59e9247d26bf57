//! `search`: anything that people type.

use ciq_store::SearchHitKind;
use serde_json::json;

use crate::cli::SearchArgs;
use crate::exit::{Exit, Failure};
use crate::session::Session;
use crate::table::{Align, Table, day, or_nothing};

/// Shows hits, exact identifiers first.
pub(super) fn run(session: &mut Session, args: &SearchArgs) -> Result<Exit, Failure> {
    let query = args.query.join(" ");
    let hits = session.reader()?.search(&query, args.limit)?;
    if session.output.is_json() {
        session.output.json(&json!({ "data": hits }))?;
        return Ok(Exit::Done);
    }
    if hits.is_empty() {
        session.output.note("nothing found");
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&[
        ("found", Align::Left),
        ("customer", Align::Left),
        ("title", Align::Left),
        ("text", Align::Left),
        ("when", Align::Left),
    ]);
    for hit in hits {
        let kind = match hit.kind {
            SearchHitKind::Customer => "customer",
            SearchHitKind::Event => "event",
            SearchHitKind::Knowledge => "note",
        };
        table.row([
            kind.to_owned(),
            hit.customer_id,
            hit.title,
            or_nothing(hit.text.as_deref()),
            day(hit.occurred_at.as_deref()),
        ]);
    }
    table.write(&mut session.output)?;
    Ok(Exit::Done)
}
