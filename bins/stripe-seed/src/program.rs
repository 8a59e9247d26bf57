//! From the command line to the exit code.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser as _;
use tracing_subscriber::EnvFilter;

use crate::cli::{Cli, CommonArgs};
use crate::commands::{self, Surroundings};
use crate::environment::Environment;
use crate::output::Output;

/// Runs the program and returns its exit code.
pub fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    // Before anything else: variables may not change once there are threads.
    let env_file = dotenvy::from_path(Path::new(".env"));
    let (cli, environment) = match read(arguments) {
        Ok(read) => read,
        Err(error) => {
            // Where nobody reads the help, there is nobody to tell.
            drop(error.print());
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    start_logs(&cli.common);
    let output = Output::new(&cli.common);
    if let Err(error) = env_file
        && !error.not_found()
    {
        Output::warn(format_args!("could not use .env: {}", line_of(&error)));
    }
    let surroundings = Surroundings { output, environment, folder: cli.common.out };
    match commands::run(&surroundings, &cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.is_reader_gone() {
                Output::failure(&failure);
            }
            ExitCode::from(failure.exit() as u8)
        }
    }
}

fn read(arguments: impl Iterator<Item = OsString>) -> Result<(Cli, Environment), clap::Error> {
    Ok((Cli::try_parse_from(arguments)?, Environment::read()?))
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

fn start_logs(common: &CommonArgs) {
    let level = match (common.quiet, common.verbose) {
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
