//! From the command line to the exit code.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser as _;
use tracing_subscriber::EnvFilter;

use crate::cli::{Cli, Command};
use crate::commands;
use crate::output::Output;

/// Runs the program and returns its exit code.
pub fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    // Before anything else: variables may not change once there are threads.
    let env_file = dotenvy::from_path(Path::new(".env"));
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Where nobody reads the help, there is nobody to tell.
            drop(error.print());
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    start_logs(&cli);
    let output = Output::new(cli.common);
    if let Err(error) = env_file
        && !error.not_found()
    {
        Output::warn(format_args!("could not use .env: {}", line_of(&error)));
    }
    let command = cli.command.unwrap_or(Command::Serve(cli.serve));
    match commands::run(output, &command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.is_reader_gone() {
                Output::failure(&failure);
            }
            ExitCode::from(failure.exit() as u8)
        }
    }
}

/// Says where `.env` is broken, without what stands there: it may hold secrets.
fn line_of(error: &dotenvy::Error) -> String {
    match error {
        dotenvy::Error::LineParse(_, place) => {
            format!("a line is no NAME=value (at its character {place})")
        }
        dotenvy::Error::Io(error) => error.to_string(),
        _ => "it is not readable".to_owned(),
    }
}

fn start_logs(cli: &Cli) {
    let level = match (cli.common.quiet, cli.common.verbose) {
        (true, _) => "error",
        (false, 0) => "warn",
        (false, 1) => "info",
        (false, 2) => "debug",
        (false, 3..) => "trace",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second start is refused; the first one goes on.
    drop(logs.with_ansi(false).try_init());
}
