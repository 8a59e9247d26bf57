//! Reads `.env`, parses the command line, runs one command, reports.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};
use tracing_subscriber::EnvFilter;

use crate::cli::{AutomationsCommand, Cli, Command};
use crate::commands;
use crate::environment::Environment;
use crate::exit::{Exit, Failure};
use crate::output::{Output, Voice};
use crate::session::Session;

/// Runs the program with the given command line, and returns its exit code.
pub fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    // Before anything else: variables may not change once there are threads.
    let env_file = dotenvy::from_path(Path::new(".env"));
    let (cli, environment) = match parse(arguments) {
        Ok(parsed) => parsed,
        Err(error) => {
            // Where nobody reads the help, there is nobody to tell.
            drop(error.print());
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    start_logs(&cli);
    let common = &cli.common;
    let output = Output::new(common.color, environment.is_no_color())
        .with_json(common.json)
        .with_quiet(common.quiet);
    if let Err(error) = env_file
        && !error.not_found()
    {
        output.voice().warn(format_args!("could not use .env: {}", line_of(&error)));
    }
    exit_code(carry_out(&cli, environment, output))
}

/// Says where `.env` is broken, without what stands there: it holds secrets.
fn line_of(error: &dotenvy::Error) -> String {
    match error {
        dotenvy::Error::LineParse(_, place) => {
            format!("a line is no NAME=value (at its character {place})")
        }
        dotenvy::Error::Io(error) => error.to_string(),
        _ => "it is not readable".to_owned(),
    }
}

fn parse(arguments: impl Iterator<Item = OsString>) -> Result<(Cli, Environment), clap::Error> {
    Ok((Cli::try_parse_from(arguments)?, Environment::read()?))
}

fn start_logs(cli: &Cli) {
    let common = &cli.common;
    let level = match (common.quiet, common.verbose) {
        (true, _) => "error",
        // What happens between a service and its bus is for its operator to see, and what would
        // have been sent.
        (false, 0) if is_sending(cli.command.as_ref()) => "warn,nats=info,ciq_outreach=info",
        (false, 0) => "warn",
        (false, 1) => "info",
        (false, 2) => "debug",
        (false, 3..) => "trace",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    let is_colored = common.color == crate::cli::ColorChoice::Always;
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second start is refused; the first one goes on.
    drop(logs.with_ansi(is_colored).try_init());
}

/// Tells whether a command may send messages.
fn is_sending(command: Option<&Command>) -> bool {
    match command {
        Some(Command::Serve(_) | Command::Worker(_)) => true,
        Some(Command::Automations(args)) => {
            matches!(args.command, Some(AutomationsCommand::Evaluate { .. }))
        }
        _ => false,
    }
}

fn carry_out(
    cli: &Cli,
    environment: Environment,
    output: Output,
) -> (Result<Exit, Failure>, Voice) {
    let voice = output.voice();
    let Some(command) = &cli.command else { return (help(output), voice) };
    let ended = Session::new(cli, environment, output).and_then(|mut session| {
        let exit = commands::run(&mut session, command)?;
        session.output.flush()?;
        Ok(exit)
    });
    (ended, voice)
}

fn help(mut output: Output) -> Result<Exit, Failure> {
    output.line(Cli::command().render_help())?;
    output.flush()?;
    Ok(Exit::Done)
}

fn exit_code((ended, voice): (Result<Exit, Failure>, Voice)) -> ExitCode {
    let exit = match ended {
        Ok(exit) => exit,
        Err(failure) => {
            if !failure.is_reader_gone() {
                voice.failure(&failure);
            }
            failure.exit()
        }
    };
    ExitCode::from(exit as u8)
}
