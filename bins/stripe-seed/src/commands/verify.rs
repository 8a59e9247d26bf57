//! `verify`: reads everything back and compares it with the plan and the files.

use ciq_stripe::verify::{Difference, check, reconcile};
use serde::Serialize;

use super::Surroundings;
use super::plan::made;
use crate::cli::VerifyArgs;
use crate::exit::Failure;
use crate::output::Output;
use crate::runtime;
use crate::server::{self, Session};
use crate::settings::Pace;

/// What came of it.
#[derive(Debug, Serialize)]
struct Verdict {
    run: String,
    differences: Vec<Difference>,
}

/// Compares.
pub(super) fn run(at: &Surroundings, args: &VerifyArgs) -> Result<(), Failure> {
    let pace = Pace::read(&args.pace)?;
    let run = at.run()?;
    let rows = at.snapshots(&run)?;
    let plan = made(&run.settings)?;
    if run.finished_at.is_none() {
        at.output.note(format_args!(
            "run {} is not finished: what it was in the middle of differs (stripe-seed resume)",
            run.run
        ));
    }
    let server = server::of_run(&args.server, &at.environment, Some(&run))?;
    let found = runtime::start()?.block_on(async {
        let session = Session::open(at, server, &pace).await?;
        let found = session.runner.read_back(&run.run).await;
        session.close().await?;
        Ok::<_, Failure>(found?)
    })?;
    let differences = check(&plan, &run, &rows, &found);
    let count = differences.len();
    if at.output.is_json() {
        Output::json(&Verdict { run: run.run, differences })?;
    } else {
        let counted = reconcile(&rows, &found).to_string();
        Output::text(&format!("{}\n\n{}", counted.trim_end(), listed(&differences)))?;
    }
    if count == 0 { Ok(()) } else { Err(Failure::Differs { count }) }
}

/// Lists what differs, a line each, or says that nothing does.
pub(super) fn listed(differences: &[Difference]) -> String {
    if differences.is_empty() {
        return "verified: everything is as planned\n".to_owned();
    }
    differences.iter().map(|difference| difference.to_string() + "\n").collect()
}
