//! The only place that prints: data on standard output, all else on standard error.

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};

use serde::Serialize;

use crate::cli::CommonArgs;
use crate::exit::{Failure, chain};

/// How a command speaks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    is_json: bool,
    is_quiet: bool,
}

impl Output {
    /// Makes the output of a command.
    pub(crate) fn new(common: CommonArgs) -> Self {
        Self { is_json: common.json, is_quiet: common.quiet }
    }

    /// Tells whether the summary is asked for as JSON.
    pub(crate) fn is_json(self) -> bool {
        self.is_json
    }

    /// Tells whether progress may be drawn.
    pub(crate) fn is_lively(self) -> bool {
        !self.is_quiet && io::stderr().is_terminal()
    }

    /// Writes bytes to standard output.
    pub(crate) fn raw(bytes: &[u8]) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        out.write_all(bytes).and_then(|()| out.flush()).map_err(Failure::Output)
    }

    /// Writes a value as one line of JSON to standard output.
    pub(crate) fn json(value: &impl Serialize) -> Result<(), Failure> {
        let mut line = to_json(value)?;
        line.push(b'\n');
        Self::raw(&line)
    }

    /// Writes a value as one line of JSON to standard error, where standard output is taken.
    pub(crate) fn json_aside(value: &impl Serialize) -> Result<(), Failure> {
        tell(&String::from_utf8_lossy(&to_json(value)?));
        Ok(())
    }

    /// Tells something beside the answer.
    pub(crate) fn note(self, text: impl Display) {
        if !self.is_quiet {
            tell(&text.to_string());
        }
    }

    /// Tells something that must not be missed.
    pub(crate) fn warn(text: impl Display) {
        tell(&format!("warning: {text}"));
    }

    /// Tells why a command failed.
    pub(crate) fn failure(failure: &Failure) {
        tell(&format!("error: {}", visible(&chain(failure))));
    }
}

fn to_json(value: &impl Serialize) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec(value).map_err(|error| Failure::Output(error.into()))
}

fn tell(text: &str) {
    // Where standard error is closed, there is nobody left to tell.
    drop(writeln!(io::stderr().lock(), "{text}"));
}

/// Makes text safe for a terminal: what other people wrote must not move the cursor.
fn visible(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
