//! The only place that prints: data on standard output, all else on standard error.

use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal as _, Stdout, Write};

use serde::Serialize;

use crate::cli::ColorChoice;
use crate::exit::{Failure, chain};

/// Where a command's words go.
#[derive(Debug)]
pub(crate) struct Output {
    out: BufWriter<Stdout>,
    is_json: bool,
    is_painted: bool,
    voice: Voice,
}

/// What is told beside the answer, on standard error.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Voice {
    is_quiet: bool,
    is_painted: bool,
}

/// How a word looks on a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// As it is.
    Plain,
    /// What to look at first.
    Bold,
    /// What to look at last.
    Dim,
    /// Good.
    Green,
    /// Not as it should be.
    Red,
}

impl Style {
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Bold => "\x1b[1m",
            Self::Dim => "\x1b[2m",
            Self::Green => "\x1b[32m",
            Self::Red => "\x1b[1;31m",
        }
    }
}

impl Output {
    /// Makes the output of a command.
    pub(crate) fn new(choice: ColorChoice, is_no_color: bool) -> Self {
        let is_painted = |is_terminal: bool| match choice {
            ColorChoice::Auto => is_terminal && !is_no_color,
            ColorChoice::Always => true,
            ColorChoice::Never => false,
        };
        Self {
            out: BufWriter::with_capacity(64 * 1024, io::stdout()),
            is_json: false,
            is_painted: is_painted(io::stdout().is_terminal()),
            voice: Voice { is_quiet: false, is_painted: is_painted(io::stderr().is_terminal()) },
        }
    }

    /// Makes answers JSON.
    pub(crate) fn with_json(self, is_json: bool) -> Self {
        Self { is_json, ..self }
    }

    /// Leaves notes out.
    pub(crate) fn with_quiet(self, is_quiet: bool) -> Self {
        Self { voice: Voice { is_quiet, ..self.voice }, ..self }
    }

    /// Returns what tells things beside the answer.
    pub(crate) fn voice(&self) -> Voice {
        self.voice
    }

    /// Tells whether answers are JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.is_json
    }

    /// Writes one line of the answer.
    pub(crate) fn line(&mut self, text: impl Display) -> Result<(), Failure> {
        writeln!(self.out, "{text}").map_err(Failure::Output)
    }

    /// Writes a value as JSON: on lines for eyes, on one line for programs.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        let written = if io::stdout().is_terminal() {
            serde_json::to_writer_pretty(&mut self.out, value)
        } else {
            serde_json::to_writer(&mut self.out, value)
        };
        written.map_err(|error| Failure::Output(error.into()))?;
        self.line("")
    }

    /// Returns where raw data goes.
    pub(crate) fn raw(&mut self) -> &mut dyn Write {
        &mut self.out
    }

    /// Writes out what is held back.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        self.out.flush().map_err(Failure::Output)
    }

    /// Dresses a word of the answer.
    pub(crate) fn paint(&self, style: Style, text: impl Display) -> String {
        dressed(self.is_painted, style, text)
    }

    /// Tells something beside the answer, after what was answered so far.
    pub(crate) fn note(&mut self, text: impl Display) {
        // A failure keeps what could not be written, and shows at the end.
        drop(self.out.flush());
        self.voice.note(text);
    }
}

impl Voice {
    /// Dresses a word that is told.
    pub(crate) fn paint(self, style: Style, text: impl Display) -> String {
        dressed(self.is_painted, style, text)
    }

    /// Tells whether progress may be drawn.
    pub(crate) fn is_lively(self) -> bool {
        !self.is_quiet && io::stderr().is_terminal()
    }

    /// Tells whether a person is at the keyboard to answer.
    pub(crate) fn is_conversation() -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Tells something beside the answer. Nobody reading it is no failure.
    pub(crate) fn note(self, text: impl Display) {
        if !self.is_quiet {
            tell(&text.to_string());
        }
    }

    /// Tells something that must not be missed.
    pub(crate) fn warn(self, text: impl Display) {
        tell(&format!("{} {text}", dressed(self.is_painted, Style::Red, "warning:")));
    }

    /// Tells why a command failed and what to do next.
    pub(crate) fn failure(self, failure: &Failure) {
        let word = dressed(self.is_painted, Style::Red, "error:");
        tell(&format!("{word} {}", visible(&chain(failure))));
        if let Some(advice) = failure.advice() {
            tell(&format!("  {advice}"));
        }
    }

    /// Asks a question that takes yes or no; no is the default.
    pub(crate) fn ask(self, question: &str) -> bool {
        let word = dressed(self.is_painted, Style::Bold, question);
        tell(&format!("{word} [y/N]"));
        let mut answer = String::new();
        let read = io::stdin().read_line(&mut answer);
        read.is_ok() && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
    }
}

fn dressed(is_painted: bool, style: Style, text: impl Display) -> String {
    if is_painted && style != Style::Plain {
        format!("{}{text}\x1b[0m", style.code())
    } else {
        text.to_string()
    }
}

fn tell(text: &str) {
    // Where standard error is closed, there is nobody left to tell.
    drop(writeln!(io::stderr().lock(), "{text}"));
}

/// Makes text safe for a terminal: what other people wrote must not move the cursor.
pub(crate) fn visible(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_others_cannot_drive_the_terminal() {
        assert_eq!(visible("a\x1b[2Jb\r\nc\u{9b}"), "a [2Jb  c ");
    }
}
