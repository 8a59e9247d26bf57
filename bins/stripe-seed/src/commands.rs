//! One module per command.

mod cleanup;
mod ending;
mod events;
mod generate;
mod mrr;
mod papers;
mod plan;
mod prices;
mod resume;
mod status;
mod twin;
mod verify;

use std::path::PathBuf;

use ciq_stripe::{Files, RunFile, SnapshotRow};

use crate::cli::Command;
use crate::environment::Environment;
use crate::exit::Failure;
use crate::output::Output;

/// What every command has at hand.
#[derive(Debug)]
pub(crate) struct Surroundings {
    /// How it speaks.
    pub(crate) output: Output,
    /// Variables.
    pub(crate) environment: Environment,
    /// The folder of a run's files.
    pub(crate) folder: PathBuf,
}

impl Surroundings {
    /// Returns the files of a run.
    pub(crate) fn files(&self) -> Files {
        Files::new(&self.folder)
    }

    /// Reads which run the folder holds; without one there is nothing to do.
    fn run(&self) -> Result<RunFile, Failure> {
        let run = self.files().run()?;
        run.ok_or_else(|| Failure::NoRun { folder: self.folder.clone() })
    }

    /// Reads the snapshots of a run.
    fn snapshots(&self, run: &RunFile) -> Result<Vec<SnapshotRow>, Failure> {
        let rows = self.files().snapshots()?;
        rows.ok_or_else(|| Failure::NoMonth { run: run.run.clone() })
    }
}

/// Runs a command.
pub(crate) fn run(at: &Surroundings, command: &Command) -> Result<(), Failure> {
    match command {
        Command::Prices(args) => prices::run(at, args),
        Command::Generate(args) => generate::run(at, args),
        Command::Plan(args) => plan::run(at, args),
        Command::Resume(args) => resume::run(at, args),
        Command::Status => status::run(at),
        Command::Verify(args) => verify::run(at, args),
        Command::Mrr(args) => mrr::run(at, args),
        Command::Cleanup(args) => cleanup::run(at, args),
        Command::Events(args) => events::run(at, args),
        Command::Twin(args) => twin::run(at, args),
        Command::Completions { shell } => papers::completions(*shell),
        Command::Man { dir } => papers::man(at.output, dir.as_deref()),
    }
}
