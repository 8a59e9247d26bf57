//! One module per command.

mod generate;
mod papers;
mod replay;
mod scenario;
mod serve;
mod truth;

use crate::cli::Command;
use crate::exit::Failure;
use crate::output::Output;

/// Runs a command.
pub(crate) fn run(output: Output, command: &Command) -> Result<(), Failure> {
    match command {
        Command::Serve(args) => serve::run(output, args),
        Command::Generate(args) => generate::run(output, args),
        Command::Replay(args) => replay::run(output, args),
        Command::Truth(args) => truth::run(output, args),
        Command::Scenario(args) => scenario::run(output, args),
        Command::Completions { shell } => papers::completions(*shell),
        Command::Man { dir } => papers::man(output, dir.as_deref()),
    }
}
