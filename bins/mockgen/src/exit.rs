//! How a command ends: why it failed, what to do next, and the exit code.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

use ciq_sink::SinkError;
use ciq_synth::saas::{HistoryError, PopulationError};

/// How a command ended. The numbers are a promise to scripts, and those of customeriq.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It did what it was asked.
    Done = 0,
    /// It could not.
    Failed = 1,
    /// It was asked for something that cannot be; clap uses the same number.
    Usage = 2,
    /// It did, but some events were refused.
    SomeRefused = 3,
    /// What it was asked about is not there.
    NotFound = 4,
    /// It may go through later (`EX_TEMPFAIL` of sysexits).
    Temporary = 75,
}

/// Why a command ended early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Standard output is closed or full.
    #[error("could not write the answer")]
    Output(#[source] io::Error),
    /// What a flag or a variable says cannot be.
    #[error("{name} is unusable: {reason}")]
    Setting {
        /// The variable, the flag, or both.
        name: &'static str,
        /// Why, and what to write instead.
        reason: String,
    },
    /// There can be no such users.
    #[error(transparent)]
    Population(#[from] PopulationError),
    /// There can be no such history.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// A file could not be read or written.
    #[error("could not {doing} {}", path.display())]
    File {
        /// What was being done.
        doing: &'static str,
        /// To which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A line is no event.
    #[error("line {line} is no event: {reason}")]
    Line {
        /// Which, from 1.
        line: u64,
        /// Why.
        reason: String,
    },
    /// The system refused something.
    #[error("could not {doing}")]
    System {
        /// What was being done.
        doing: String,
        /// What the system said.
        source: io::Error,
    },
    /// The sink cannot be used.
    #[error(transparent)]
    Sink(#[from] SinkError),
    /// The sink took events that did not arrive.
    #[error("{undelivered} events did not arrive, {refused} were refused{}", told(last_error.as_deref()))]
    Undelivered {
        /// Events that are not known to have arrived.
        undelivered: u64,
        /// Events that the other side did not want.
        refused: u64,
        /// What went wrong last.
        last_error: Option<String>,
    },
    /// The service was not reached.
    #[error("could not reach {target}: {reason}")]
    Unreachable {
        /// Where it was looked for.
        target: String,
        /// What was in the way.
        reason: String,
    },
    /// The service did not do what a story needs.
    #[error("{asked} was answered with {status}: {said}")]
    Answer {
        /// The method and the path.
        asked: String,
        /// The status.
        status: u16,
        /// What the answer says.
        said: String,
    },
    /// A story is for a brand that begins with it.
    #[error("brand {brand} has customers already: use a clean file, or another brand (--brand)")]
    Occupied {
        /// Which brand.
        brand: String,
    },
    /// A story did not end as it should.
    #[error("{count} of {all} checks did not hold")]
    Differs {
        /// Checks that did not hold.
        count: usize,
        /// All checks.
        all: usize,
    },
    /// Serving ended early.
    #[error(transparent)]
    Serve(#[from] ciq_mock::ServeError),
}

fn told(last_error: Option<&str>) -> String {
    last_error.map_or_else(String::new, |error| format!("; last: {error}"))
}

impl Failure {
    /// Makes the failure to do something to a file.
    pub(crate) fn file(doing: &'static str, path: &Path) -> impl Fn(io::Error) -> Self {
        move |source| Self::File { doing, path: path.to_owned(), source }
    }

    /// Makes the failure of something that the system refused.
    pub(crate) fn system(doing: &str) -> impl Fn(io::Error) -> Self {
        move |source| Self::System { doing: doing.to_owned(), source }
    }

    /// Makes the failure of a flag or a variable.
    pub(crate) fn setting(name: &'static str, reason: impl Into<String>) -> Self {
        Self::Setting { name, reason: reason.into() }
    }

    /// Tells whether whoever read the output has gone: no failure of ours.
    pub(crate) fn is_reader_gone(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// Returns the exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            _ if self.is_reader_gone() => Exit::Done,
            Self::Setting { .. }
            | Self::Population(_)
            | Self::History(_)
            | Self::Sink(SinkError::Address { .. } | SinkError::Setting { .. }) => Exit::Usage,
            Self::File { source, .. } if source.kind() == io::ErrorKind::NotFound => Exit::NotFound,
            Self::Undelivered { undelivered: 0, .. } => Exit::SomeRefused,
            Self::Undelivered { .. } | Self::Unreachable { .. } => Exit::Temporary,
            Self::Output(_)
            | Self::File { .. }
            | Self::Line { .. }
            | Self::System { .. }
            | Self::Answer { .. }
            | Self::Occupied { .. }
            | Self::Differs { .. }
            | Self::Sink(_)
            | Self::Serve(_) => Exit::Failed,
        }
    }
}

/// Writes an error and everything that caused it as one line.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let cause = error.to_string();
        if !text.ends_with(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
        source = error.source();
    }
    text
}
