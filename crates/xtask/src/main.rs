//! The chores of this workspace, as `cargo xtask VERB`.
//!
//! In reading order: `cli` (the verbs), `gate` (the steps of `test`), `tidy` (the house rules),
//! `soak` (tests that run for long), `tools` (outside programs that the tests need), `data` (what the
//! models are tested with), `workspace` (what there is to check), `process` (running a command).

mod cli;
mod data;
mod gate;
mod process;
mod soak;
mod tidy;
mod tools;
mod workspace;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Verb};
use crate::process::{Failure, cargo};

fn main() -> ExitCode {
    match run(Cli::parse().verb) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            report(&failure);
            ExitCode::FAILURE
        }
    }
}

fn run(verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::Test(choice) => gate::run(&choice),
        Verb::Tidy => tidy::run(),
        Verb::Bench { name, args } => cargo(["bench", "--locked", "--workspace", "--bench"])
            .arg(name)
            .arg("--")
            .args(args)
            .env(tools::FOLDER_VARIABLE, tools::folder())
            .env(data::FOLDER_VARIABLE, data::folder())
            .run(),
        Verb::Soak { what } => soak::run(what),
        Verb::Docs => gate::document(),
        Verb::Data => data::ensure(),
        Verb::Tools { peer: false } => tools::ensure(),
        Verb::Tools { peer: true } => tools::ensure().and_then(|()| tools::ensure_peer()),
    }
}

#[expect(clippy::print_stderr, reason = "a chore reports on the terminal")]
fn report(failure: &Failure) {
    eprintln!("xtask: {failure}");
}
