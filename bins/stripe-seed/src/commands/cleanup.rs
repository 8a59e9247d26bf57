//! `cleanup`: deletes the clocks of a run, and with them its customers.

use ciq_stripe::Scope;
use serde::Serialize;

use super::Surroundings;
use crate::cli::CleanupArgs;
use crate::exit::Failure;
use crate::output::Output;
use crate::runtime;
use crate::server::{self, Session};
use crate::settings::{Pace, run_name};

/// The run unless a flag or the folder says otherwise.
const RUN_DEFAULT: &str = "demo";

/// What came of it.
#[derive(Debug, Serialize)]
struct Deleted {
    clocks: u64,
    are_files_deleted: bool,
}

/// Deletes.
pub(super) fn run(at: &Surroundings, args: &CleanupArgs) -> Result<(), Failure> {
    let pace = Pace::read(&args.pace)?;
    let run = at.files().run()?;
    let server = server::of_run(&args.server, &at.environment, run.as_ref())?;
    let scope = match (&args.run, args.all) {
        (_, true) => Scope::All,
        (Some(name), false) => Scope::Run(run_name(name)?),
        (None, false) => Scope::Run(run.map_or_else(|| RUN_DEFAULT.to_owned(), |run| run.run)),
    };
    let deleted = runtime::start()?.block_on(async {
        let session = Session::open(at, server, &pace).await?;
        let deleted = delete(&session, &scope, args.yes).await;
        session.close().await?;
        deleted
    })?;
    if at.output.is_json() {
        return Output::json(&deleted);
    }
    let files = if deleted.are_files_deleted { ", and the files of the run" } else { "" };
    Output::text(&format!("deleted {} clocks with their customers{files}", deleted.clocks))
}

async fn delete(session: &Session, scope: &Scope, is_agreed: bool) -> Result<Deleted, Failure> {
    let nothing = Deleted { clocks: 0, are_files_deleted: false };
    if *scope == Scope::All && !is_agreed {
        let clocks = session.runner.list_clocks(scope).await?;
        let question = format!("delete {} clocks of every run of this tool?", clocks.len());
        match Output::is_agreed(&question) {
            None => return Err(Failure::Unasked),
            Some(false) => return Ok(nothing),
            Some(true) => {}
        }
    }
    let report = session.runner.cleanup(scope).await?;
    Ok(Deleted { clocks: report.clocks_deleted, are_files_deleted: report.files_forgotten })
}
