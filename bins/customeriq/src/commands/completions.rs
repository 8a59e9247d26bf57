//! `completions`: what a shell needs to complete our commands.

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::cli::Cli;
use crate::exit::{Exit, Failure};
use crate::session::Session;

/// Writes completions to standard output.
pub(super) fn run(session: &mut Session, shell: Shell) -> Result<Exit, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "customeriq", &mut text);
    session.output.raw().write_all(&text).map_err(Failure::Output)?;
    Ok(Exit::Done)
}
