//! `status`: how far a run is, by its files. Nothing is called.

use std::fs;

use ciq_stripe::RunFile;
use ciq_stripe::calendar::month_name;
use serde::Serialize;

use super::Surroundings;
use crate::exit::Failure;
use crate::output::Output;
use crate::server;

/// How far a run is.
#[derive(Debug, Serialize)]
struct Status {
    run: String,
    server: String,
    seed: u64,
    start: String,
    months: u32,
    /// Months that have passed, with everything that was to happen in them.
    months_done: u32,
    is_finished: bool,
    clocks: usize,
    customers: usize,
    steps: usize,
    snapshot_rows: usize,
}

/// Shows it.
pub(super) fn run(at: &Surroundings) -> Result<(), Failure> {
    let run = at.run()?;
    let rows = at.files().snapshots()?.map_or(0, |rows| rows.len());
    let status = status(&run, rows, steps(at));
    if at.output.is_json() {
        return Output::json(&status);
    }
    Output::text(&text(&run, &status))
}

/// Counts what the journal says is done.
fn steps(at: &Surroundings) -> usize {
    // Where there is none, or a broken one, `resume` says so.
    let journal = fs::read(at.folder.join(JOURNAL)).unwrap_or_default();
    journal.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n")).count()
}

/// The file of a line for every step that is done.
const JOURNAL: &str = "run_journal.ndjson";

fn status(run: &RunFile, snapshot_rows: usize, steps: usize) -> Status {
    Status {
        run: run.run.clone(),
        server: server::name(&run.server).to_owned(),
        seed: run.settings.seed,
        start: run.start.to_string(),
        months: run.settings.months,
        months_done: run.months_done.saturating_sub(1),
        is_finished: run.finished_at.is_some(),
        clocks: run.clock_ids.len(),
        customers: run.customer_ids.len(),
        steps,
        snapshot_rows,
    }
}

fn text(run: &RunFile, status: &Status) -> String {
    let Status { server, seed, months, months_done, clocks, customers, .. } = status;
    let (first, last) = (month_name(run.start, 0), month_name(run.start, *months));
    let how_far = match (status.is_finished, run.months_done) {
        (true, _) => "finished".to_owned(),
        (false, 0) => "interrupted before its first snapshot: stripe-seed resume".to_owned(),
        (false, _) => format!("{months_done} of {months} months done: stripe-seed resume"),
    };
    format!(
        "run        {} (seed {seed})\n\
         server     {server}\n\
         months     {first} to {last}\n\
         state      {how_far}\n\
         clocks     {clocks}\n\
         customers  {customers}\n\
         steps      {}\n\
         snapshots  {} rows\n",
        run.run, status.steps, status.snapshot_rows,
    )
}
