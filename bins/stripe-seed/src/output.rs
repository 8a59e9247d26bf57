//! The only place that prints: answers on standard output, all else on standard error.

use std::fmt::Display;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

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
    pub(crate) fn new(common: &CommonArgs) -> Self {
        Self { is_json: common.json, is_quiet: common.quiet }
    }

    /// Tells whether the answer is asked for as JSON.
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

    /// Writes text to standard output, and the end of its last line where that is missing.
    pub(crate) fn text(text: &str) -> Result<(), Failure> {
        let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        Self::raw(format!("{text}{end}").as_bytes())
    }

    /// Writes a value as one line of JSON to standard output.
    pub(crate) fn json(value: &impl Serialize) -> Result<(), Failure> {
        let mut line = serde_json::to_vec(value).map_err(|error| Failure::Output(error.into()))?;
        line.push(b'\n');
        Self::raw(&line)
    }

    /// Tells something beside the answer.
    pub(crate) fn note(self, text: impl Display) {
        if !self.is_quiet {
            tell(&visible(&text.to_string()));
        }
    }

    /// Tells something that must not be missed.
    pub(crate) fn warn(text: impl Display) {
        tell(&format!("warning: {}", visible(&text.to_string())));
    }

    /// Tells why a command failed.
    pub(crate) fn failure(failure: &Failure) {
        tell(&format!("error: {}", visible(&chain(failure))));
    }

    /// Asks whether to go on, where somebody is there to answer.
    pub(crate) fn is_agreed(question: &str) -> Option<bool> {
        if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            return None;
        }
        // Where standard error is closed the question is not read, and not answered.
        drop(write!(io::stderr().lock(), "{question} [y/N] "));
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).ok()?;
        Some(matches!(line.trim().to_lowercase().as_str(), "y" | "yes"))
    }
}

fn tell(text: &str) {
    // Where standard error is closed, there is nobody left to tell.
    drop(writeln!(io::stderr().lock(), "{text}"));
}

/// Makes text safe for a terminal: what other people wrote must not move the cursor.
pub(crate) fn visible(text: &str) -> String {
    text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect()
}
