//! `completions` and `man`: what a shell and a reader need.

use std::path::Path;

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::cli::Cli;
use crate::exit::Failure;
use crate::output::Output;

/// Writes completions to standard output.
pub(super) fn completions(shell: Shell) -> Result<(), Failure> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "stripe-seed", &mut text);
    Output::raw(&text)
}

/// Writes the page of the program to standard output, or all pages into a folder.
pub(super) fn man(output: Output, folder: Option<&Path>) -> Result<(), Failure> {
    let Some(folder) = folder else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Cli::command()).render(&mut page).map_err(Failure::Output)?;
        return Output::raw(&page);
    };
    std::fs::create_dir_all(folder).map_err(Failure::file("make the folder", folder))?;
    clap_mangen::generate_to(Cli::command(), folder)
        .map_err(Failure::file("write manual pages into", folder))?;
    output.note(format_args!("wrote the manual pages into {}", folder.display()));
    Ok(())
}
