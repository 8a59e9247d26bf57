//! `man`: the manual pages.

use std::path::Path;

use clap::CommandFactory as _;

use crate::cli::Cli;
use crate::exit::{Exit, Failure};
use crate::session::Session;

/// Writes the page of the program to standard output, or all pages into a folder.
pub(super) fn run(session: &mut Session, folder: Option<&Path>) -> Result<Exit, Failure> {
    let Some(folder) = folder else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Cli::command()).render(&mut page).map_err(Failure::Output)?;
        session.output.raw().write_all(&page).map_err(Failure::Output)?;
        return Ok(Exit::Done);
    };
    std::fs::create_dir_all(folder).map_err(Failure::file("make the folder", folder))?;
    clap_mangen::generate_to(Cli::command(), folder)
        .map_err(Failure::file("write manual pages into", folder))?;
    session.output.note(format_args!("wrote the manual pages into {}", folder.display()));
    Ok(Exit::Done)
}
