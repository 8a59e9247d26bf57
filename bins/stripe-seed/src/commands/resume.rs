//! `resume`: goes on with a run that was interrupted.

use super::plan::made;
use super::{Surroundings, ending};
use crate::cli::ResumeArgs;
use crate::exit::Failure;
use crate::runtime;
use crate::server::{self, Session};
use crate::settings::Pace;

/// Goes on with the run in the folder.
pub(super) fn run(at: &Surroundings, args: &ResumeArgs) -> Result<(), Failure> {
    let pace = Pace::read(&args.pace)?;
    let run = at.run()?;
    let plan = made(&run.settings)?;
    if run.finished_at.is_some() {
        at.output.note(format_args!("run {} is finished: nothing is left to do", run.run));
    }
    let server = server::of_run(&args.server, &at.environment, Some(&run))?;
    runtime::start()?.block_on(async {
        let session = Session::open(at, server, &pace).await?;
        let ran = match run.finished_at {
            Some(_) => Ok(run),
            None => session.runner.resume(&plan).await,
        };
        ending::end(at, session, &plan, ran).await
    })
}
