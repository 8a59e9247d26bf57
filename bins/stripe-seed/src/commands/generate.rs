//! `generate`: a whole run, from the prices to the check.

use ciq_stripe::plan::RunSettings;
use ciq_stripe::{NewRun, RunFile, Scope, Server};
use jiff::civil::Date;

use super::plan::{made, show};
use super::{Surroundings, ending};
use crate::cli::GenerateArgs;
use crate::exit::Failure;
use crate::runtime;
use crate::server::{self, Session};
use crate::settings::{AskedRun, Pace};

/// What is to be done with the run in the folder.
#[derive(Debug)]
enum Begin {
    /// There is none, or it is finished.
    Anew,
    /// It is to be given up first.
    Instead(Box<RunFile>),
    /// It is the one that was asked for, and not finished.
    GoOn,
}

/// Runs it.
pub(super) fn run(at: &Surroundings, args: &GenerateArgs) -> Result<(), Failure> {
    let asked = AskedRun::read(&args.run)?;
    let pace = Pace::read(&args.pace)?;
    if args.dry_run {
        return show(at.output, &asked, pace.rate(false));
    }
    let server = server::wanted(&args.server, &at.environment)?;
    // Whether it can be is known before anything is called.
    let plan = made(&asked.settings)?;
    let begin = begin(at, &asked, &server, args.fresh)?;
    runtime::start()?.block_on(async {
        if let Begin::Instead(run) = &begin {
            give_up(at, run, &pace).await?;
        }
        let is_going_on = matches!(begin, Begin::GoOn);
        if server == Server::Twin && !is_going_on {
            forget_twin(at)?;
        }
        let session = Session::open(at, server, &pace).await?;
        let ran = if is_going_on {
            session.runner.resume(&plan).await
        } else {
            let (run_id, start) = (runtime::fresh_run_id(), asked.start(runtime::now()));
            let new = NewRun { name: asked.name, run_id, start, plan: plan.clone() };
            session.runner.generate(&new).await
        };
        ending::end(at, session, &plan, ran).await
    })
}

/// Deletes what a run has made so far, where it made it, and its files.
async fn give_up(at: &Surroundings, run: &RunFile, pace: &Pace) -> Result<(), Failure> {
    let session = Session::open(at, run.server.clone(), pace).await?;
    let deleted = session.runner.cleanup(&Scope::Run(run.run.clone())).await;
    session.close().await?;
    deleted?;
    at.output.note(format_args!("run {} is given up", run.run));
    Ok(())
}

/// Decides what is to be done with the run in the folder.
fn begin(
    at: &Surroundings,
    asked: &AskedRun,
    server: &Server,
    is_fresh: bool,
) -> Result<Begin, Failure> {
    let Some(run) = at.files().run()? else { return Ok(Begin::Anew) };
    if run.finished_at.is_some() {
        at.output.note(format_args!("run {} is finished: beginning anew", run.run));
        return Ok(Begin::Anew);
    }
    if is_fresh {
        return Ok(Begin::Instead(Box::new(run)));
    }
    if let Some(difference) = difference(&run, asked, server) {
        return Err(Failure::Unfinished { run: run.run, folder: at.folder.clone(), difference });
    }
    Ok(Begin::GoOn)
}

/// Says in what a run is another one than what was asked for.
fn difference(run: &RunFile, asked: &AskedRun, server: &Server) -> Option<String> {
    if run.run != asked.name {
        return Some(format!("another name was asked for, {}", asked.name));
    }
    if run.server != *server {
        let (there, here) = (server::name(&run.server), server::name(server));
        return Some(format!("it runs at {there}, not at {here}"));
    }
    let is_other_start = |start: Date| start != run.start;
    if asked.start.is_some_and(is_other_start) {
        return Some(format!("it begins on {}", run.start));
    }
    if run.settings == asked.settings {
        return None;
    }
    Some(of_settings(&run.settings, &asked.settings))
}

fn of_settings(there: &RunSettings, asked: &RunSettings) -> String {
    let RunSettings { seed, months, customers, phases: _, proration } = there;
    if *seed != asked.seed {
        return format!("its seed is {seed}, not {}", asked.seed);
    }
    if *months != asked.months {
        return format!("it has {months} months, not {}", asked.months);
    }
    if *customers != asked.customers {
        return format!("it has {} customers in another mix", customers.iter().sum::<u32>());
    }
    if *proration != asked.proration {
        return format!("its proration is {}, not {}", proration.name(), asked.proration.name());
    }
    "other changes happen in its months".to_owned()
}

/// Forgets what a twin in here knows: its whole world is this folder's run.
fn forget_twin(at: &Surroundings) -> Result<(), Failure> {
    let log = at.files().twin_log();
    match std::fs::remove_file(&log) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Failure::file("delete", &log)(error))
        }
        _ => Ok(()),
    }
}
