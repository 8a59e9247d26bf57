//! The only place that prints: what happened on standard output, all else on standard error.

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};

use serde::Serialize;

use crate::cli::Cli;
use crate::environment::Environment;
use crate::exit::{Failure, chain};

/// How it speaks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    form: Form,
    is_quiet: bool,
}

/// How what happened is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Lines for people.
    Plain,
    /// The same with colours.
    Coloured,
    /// Objects for programs.
    Json,
}

/// A colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colour {
    /// As the terminal writes anyway.
    None,
    /// What is of lesser weight.
    Dim,
    /// What is bad.
    Red,
    /// What is good.
    Green,
    /// What may become bad.
    Yellow,
}

impl Output {
    /// Makes the output of a run.
    pub(crate) fn new(cli: &Cli, environment: &Environment) -> Self {
        let is_coloured = io::stdout().is_terminal() && !environment.is_no_color();
        let form = match (cli.json, is_coloured) {
            (true, _) => Form::Json,
            (false, true) => Form::Coloured,
            (false, false) => Form::Plain,
        };
        Self { form, is_quiet: cli.quiet }
    }

    /// Tells whether what happened is written as JSON.
    pub(crate) fn is_json(self) -> bool {
        self.form == Form::Json
    }

    /// Writes a line for people to standard output.
    pub(crate) fn line(text: &str) -> Result<(), Failure> {
        raw(format!("{text}\n").as_bytes())
    }

    /// Writes a value as one line of JSON to standard output.
    pub(crate) fn json(value: &impl Serialize) -> Result<(), Failure> {
        let mut line = serde_json::to_vec(value).map_err(|error| Failure::Output(error.into()))?;
        line.push(b'\n');
        raw(&line)
    }

    /// Gives text a colour where there are colours.
    pub(crate) fn painted(self, colour: Colour, text: &str) -> String {
        let code = match colour {
            _ if self.form != Form::Coloured => return text.to_owned(),
            Colour::None => return text.to_owned(),
            Colour::Dim => 2,
            Colour::Red => 31,
            Colour::Green => 32,
            Colour::Yellow => 33,
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    /// Tells something beside what happened.
    pub(crate) fn note(self, text: impl Display) {
        if !self.is_quiet {
            tell(&visible(&text.to_string()));
        }
    }

    /// Tells something that must not be missed.
    pub(crate) fn warn(text: impl Display) {
        tell(&format!("warning: {}", visible(&text.to_string())));
    }

    /// Tells why it failed.
    pub(crate) fn failure(failure: &Failure) {
        tell(&format!("error: {}", visible(&chain(failure))));
    }
}

fn raw(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).map_err(Failure::Output)
}

fn tell(text: &str) {
    // Where standard error is closed, there is nobody left to tell.
    drop(writeln!(io::stderr().lock(), "{text}"));
}

/// Makes text safe for a terminal: what other people wrote must not move the cursor.
pub(crate) fn visible(text: &str) -> String {
    text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect()
}
