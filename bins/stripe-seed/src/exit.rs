//! How a command ends: why it failed, what to do next, and the exit code.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

use ciq_sink::SinkError;
use ciq_stripe::plan::PlanError;
use ciq_stripe::{EndpointError, ErrorKind, FilesError, RunError, SecretKeyError, TransportError};
use ciq_stripe_twin::TwinError;

/// How a command ended. The numbers are a promise to scripts, and those of customeriq.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It did what it was asked.
    Done = 0,
    /// It could not, or what it compared differs.
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

/// Why a command ended early, or not well.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Standard output is closed or full.
    #[error("could not write the answer")]
    Output(#[source] io::Error),
    /// What a flag or a variable says cannot be.
    #[error("{name} is unusable: {reason}")]
    Setting {
        /// The variable or the flag.
        name: &'static str,
        /// Why, and what to write instead.
        reason: String,
    },
    /// There can be no such run.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The key cannot be used.
    #[error(transparent)]
    Key(#[from] SecretKeyError),
    /// The server's address cannot be used.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
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
    /// A file of a run cannot be used.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The system refused something.
    #[error("could not {doing}")]
    System {
        /// What was being done.
        doing: String,
        /// What the system said.
        source: io::Error,
    },
    /// No request can be sent.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// A run could not go on.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The twin could not be had.
    #[error(transparent)]
    Twin(#[from] TwinError),
    /// The folder holds no run.
    #[error(
        "there is no run in {}: `stripe-seed generate` makes one, and --out names another folder",
        folder.display()
    )]
    NoRun {
        /// The folder.
        folder: PathBuf,
    },
    /// No month of the run is done.
    #[error("no month of run {run} is done yet: `stripe-seed resume` goes on with it")]
    NoMonth {
        /// The run's name.
        run: String,
    },
    /// The folder holds a run that is under way.
    #[error(
        "run {run} in {} is not finished, and {difference}: go on with it by `stripe-seed resume`, \
         give it up with --fresh, or use another folder with --out",
        folder.display()
    )]
    Unfinished {
        /// The run's name.
        run: String,
        /// The folder.
        folder: PathBuf,
        /// What was asked for otherwise.
        difference: String,
    },
    /// Something does not add up.
    #[error("{count} differences")]
    Differs {
        /// How many.
        count: usize,
    },
    /// Nobody is there to say yes.
    #[error("this deletes the clocks of every run: say --yes, since nobody can be asked here")]
    Unasked,
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
            | Self::Plan(_)
            | Self::Key(_)
            | Self::Endpoint(_)
            | Self::Unfinished { .. }
            | Self::Unasked
            | Self::Sink(SinkError::Address { .. } | SinkError::Setting { .. }) => Exit::Usage,
            Self::NoRun { .. } | Self::NoMonth { .. } => Exit::NotFound,
            Self::Run(error) => match error.kind() {
                ErrorKind::Unavailable | ErrorKind::Cancelled => Exit::Temporary,
                ErrorKind::Mistake | ErrorKind::Refused | ErrorKind::Internal => Exit::Failed,
            },
            Self::Undelivered { undelivered: 0, .. } => Exit::SomeRefused,
            Self::Undelivered { .. } => Exit::Temporary,
            Self::Output(_)
            | Self::File { .. }
            | Self::Files(_)
            | Self::System { .. }
            | Self::Transport(_)
            | Self::Twin(_)
            | Self::Differs { .. }
            | Self::Sink(_) => Exit::Failed,
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
