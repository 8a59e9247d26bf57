//! How it ends: why it failed, what to do next, and the exit code.

use std::error::Error;
use std::io;

use ciq_nats::NatsError;

/// How it ended. The numbers are a promise to scripts, and those of customeriq.
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
    /// It may go through later (`EX_TEMPFAIL` of sysexits).
    Temporary = 75,
}

/// Why it ended early, or not well.
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
    /// The system refused something.
    #[error("could not {doing}")]
    System {
        /// What was being done.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// NATS cannot be used so.
    #[error(transparent)]
    Nats(#[from] NatsError),
    /// The service does not want what it is asked.
    #[error("{asked} was answered with {status}: {said}{}", remedy(*status))]
    Answer {
        /// The method and the address.
        asked: String,
        /// The status.
        status: u16,
        /// What the answer says.
        said: String,
    },
    /// The service says what cannot be understood.
    #[error("could not understand what {asked} answered: {reason}; is it a customeriq of version {}?", env!("CARGO_PKG_VERSION"))]
    Unreadable {
        /// The method and the address.
        asked: String,
        /// What is wrong with it.
        reason: String,
    },
    /// It was told to stop while events waited for a target that was down.
    #[error("{count} events did not arrive: the target was down")]
    Undelivered {
        /// How many.
        count: usize,
    },
    /// Some events were refused.
    #[error("{count} events were refused; last: {last}")]
    Refused {
        /// How many.
        count: u64,
        /// Why the last one was.
        last: String,
    },
}

/// Says what to do about a status.
fn remedy(status: u16) -> &'static str {
    match status {
        401 | 403 => "; set CUSTOMERIQ_TOKEN to the token of a writer of the brand",
        404 => "; say with --target where a customeriq is that knows of accounts",
        _ => "",
    }
}

impl Failure {
    /// Makes the failure of something that the system refused.
    pub(crate) fn system(doing: &'static str) -> impl Fn(io::Error) -> Self {
        move |source| Self::System { doing, source }
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
            Self::Setting { .. } | Self::Nats(NatsError::Setting { .. }) => Exit::Usage,
            Self::Refused { .. } => Exit::SomeRefused,
            Self::Undelivered { .. } => Exit::Temporary,
            Self::Output(_)
            | Self::System { .. }
            | Self::Nats(_)
            | Self::Answer { .. }
            | Self::Unreadable { .. } => Exit::Failed,
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
