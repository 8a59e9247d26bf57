//! `events`: what happened, as events of customeriq, to standard output or to a sink.

use ciq_sink::{Batch, Message, SinkSettings};
use ciq_stripe::bridge::{BridgeEvent, events};
use ciq_stripe::{InvoiceRow, RunFile};
use serde::Serialize;

use super::Surroundings;
use super::plan::made;
use crate::cli::EventsArgs;
use crate::exit::Failure;
use crate::feed::Feed;
use crate::output::Output;
use crate::runtime;
use crate::server::{self, Session};
use crate::settings::{Pace, events_target};

/// Events that are handed over at a time.
const BATCH_EVENTS_MAX: usize = 500;

/// What came of it.
#[derive(Debug, Serialize)]
struct Summary {
    events: usize,
    delivered: u64,
}

/// Writes or sends them.
pub(super) fn run(at: &Surroundings, args: &EventsArgs) -> Result<(), Failure> {
    let target = events_target(args)?;
    let run = at.run()?;
    let rows = at.snapshots(&run)?;
    let plan = made(&run.settings)?;
    let invoices = if args.live { live(at, args, &run)? } else { of_file(at)? };
    let events = events(&plan, &run, &rows, &invoices);
    match target {
        None => write(&events),
        Some(target) => send(at.output, target, &events),
    }
}

fn of_file(at: &Surroundings) -> Result<Vec<InvoiceRow>, Failure> {
    let invoices = at.files().invoices()?;
    if invoices.is_none() {
        at.output.note("there are no invoices yet: --live asks the server for them");
    }
    Ok(invoices.unwrap_or_default())
}

fn live(at: &Surroundings, args: &EventsArgs, run: &RunFile) -> Result<Vec<InvoiceRow>, Failure> {
    let pace = Pace::read(&args.pace)?;
    let server = server::of_run(&args.server, &at.environment, Some(run))?;
    runtime::start()?.block_on(async {
        let session = Session::open(at, server, &pace).await?;
        let found = session.runner.read_back(&run.run).await;
        session.close().await?;
        Ok(found?.invoices)
    })
}

fn write(events: &[BridgeEvent]) -> Result<(), Failure> {
    let lines: String = events.iter().flat_map(|event| [event.json.as_str(), "\n"]).collect();
    Output::raw(lines.as_bytes())
}

fn send(output: Output, target: SinkSettings, events: &[BridgeEvent]) -> Result<(), Failure> {
    let name = target.to_string();
    let feed = Feed::open(target)?;
    for part in events.chunks(BATCH_EVENTS_MAX) {
        let mut batch = Batch::new();
        for event in part {
            batch.push(Message {
                id: &event.id,
                user_id: &event.customer_id,
                name: event.event_type,
                body: event.json.as_bytes(),
            });
        }
        feed.send(batch)?;
    }
    let report = feed.finish()?;
    if output.is_json() {
        return Output::json(&Summary { events: events.len(), delivered: report.delivered });
    }
    output.note(format_args!("{} events sent to {name}", events.len()));
    Ok(())
}
