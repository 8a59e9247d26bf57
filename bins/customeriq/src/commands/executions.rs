//! `executions`: what was triggered, for whom and why.

use ciq_event::CustomerId;
use ciq_store::{ExecutionFilter, ExecutionView, Reader};
use serde_json::json;

use crate::cli::ExecutionsArgs;
use crate::exit::{Exit, Failure};
use crate::session::{Session, nobody};
use crate::table::{Align, Table, minute, or_nothing};

/// Lists executions.
pub(super) fn run(session: &mut Session, args: &ExecutionsArgs) -> Result<Exit, Failure> {
    let (reader, filter) = (session.reader()?, args.filter());
    check_customer(&reader, &filter)?;
    let (executions, next_cursor) = reader.executions(&filter, &args.page.request())?;
    if session.output.is_json() {
        session.output.json(&json!({ "data": executions, "next_cursor": next_cursor }))?;
        return Ok(Exit::Done);
    }
    if executions.is_empty() {
        session.output.note("nothing was triggered");
        return Ok(Exit::Done);
    }
    executions_table(executions).write(&mut session.output)?;
    if let Some(cursor) = next_cursor {
        session.output.note(format_args!("more: --cursor {cursor}"));
    }
    Ok(Exit::Done)
}

/// Refuses to list what was done for a customer who is none.
pub(super) fn check_customer(reader: &Reader, filter: &ExecutionFilter) -> Result<(), Failure> {
    let Some(id) = &filter.customer else { return Ok(()) };
    let found: Option<CustomerId> = reader.resolve(id)?;
    found.map(drop).ok_or_else(|| nobody(id))
}

/// Makes a table of executions.
pub(super) fn executions_table(executions: Vec<ExecutionView>) -> Table {
    let mut table = Table::new(&[
        ("triggered (UTC)", Align::Left),
        ("automation", Align::Left),
        ("customer", Align::Left),
        ("status", Align::Left),
        ("reason", Align::Left),
        ("due (UTC)", Align::Left),
        ("ended (UTC)", Align::Left),
        ("id", Align::Left),
    ]);
    for execution in executions {
        table.row([
            minute(execution.triggered_at.as_deref()),
            execution.automation_id,
            execution.customer_id,
            execution.status,
            or_nothing(execution.reason.as_deref()),
            minute(execution.due_at.as_deref()),
            minute(execution.executed_at.as_deref()),
            execution.id,
        ]);
    }
    table
}
