//! How a command ends: why it failed, what to do next, and the exit code.

use std::io;
use std::path::PathBuf;

use ciq_automation::DefinitionError;
use ciq_clockwork::ClockworkError;
use ciq_engine::DecisionError;
use ciq_ingest::{BrandsError, ConfigError, ImportError, IngestError, Refused};
use ciq_insight::TrainingError;
use ciq_monitor::{ActError, RuleError};
use ciq_nats::NatsError;
use ciq_outreach::SettingsError;
use ciq_store::{ExchangeError, MigrateError, StoreError};

/// How a command ended. The numbers are a promise to scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It did what it was asked.
    Done = 0,
    /// It could not.
    Failed = 1,
    /// It was asked for something that cannot be; clap uses the same number.
    Usage = 2,
    /// It did, but some records were refused.
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
    /// What was typed cannot be done.
    #[error("{0}")]
    Usage(String),
    /// Nobody and nothing has that name.
    #[error("{0}")]
    NotFound(String),
    /// The brand has no file.
    #[error("there is no database at {}", .0.display())]
    NoDatabase(PathBuf),
    /// The brand's schema, or the way to it, is not as it must be.
    #[error("could not use {place}")]
    Place {
        /// Where it is.
        place: String,
        /// What the database said.
        source: StoreError,
    },
    /// The file is somebody else's.
    #[error("{} is not a database of customeriq", .0.display())]
    Foreign(PathBuf),
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
    /// A result is not as it must be.
    #[error("{0}")]
    Unsound(String),
    /// The system refused something.
    #[error("could not {doing}")]
    System {
        /// What was being done.
        doing: String,
        /// What the system said.
        source: io::Error,
    },
    /// The store said no.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The brand's tables said no.
    #[error(transparent)]
    Brands(#[from] BrandsError),
    /// An option is unusable.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A schema did not take another's place.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// A brand was not carried over.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    /// Storing failed, or a decision cannot be carried out.
    #[error(transparent)]
    Ingest(#[from] IngestError),
    /// An import ended early.
    #[error("import of {name} ended early; what was stored stays")]
    Import {
        /// Which input.
        name: String,
        /// Why.
        source: ImportError,
    },
    /// Serving ended early.
    #[error(transparent)]
    Serve(ciq_http::ServeError),
    /// Something over NATS did not happen.
    #[error(transparent)]
    Nats(#[from] NatsError),
    /// A pass, or training, ended early.
    #[error(transparent)]
    Clockwork(#[from] ClockworkError),
    /// Whoever sends messages is set up wrongly.
    #[error(transparent)]
    Outreach(#[from] SettingsError),
    /// A file defines no automations.
    #[error("no automation of {name} was kept")]
    Definition {
        /// Which input.
        name: String,
        /// What is wrong with it.
        source: DefinitionError,
    },
    /// A file defines no rules of the monitor.
    #[error("the rules of {name} were not taken")]
    Rules {
        /// Which input.
        name: String,
        /// What is wrong with them.
        source: RuleError,
    },
    /// A made-up world cannot be.
    #[error(transparent)]
    World(#[from] ciq_synth::SettingsError),
}

impl Failure {
    /// Makes the failure to do something to a file.
    pub(crate) fn file(doing: &'static str, path: &std::path::Path) -> impl Fn(io::Error) -> Self {
        move |source| Self::File { doing, path: path.to_owned(), source }
    }

    /// Tells whether whoever read the output has gone: no failure of ours.
    pub(crate) fn is_reader_gone(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// Returns the exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            _ if self.is_reader_gone() => Exit::Done,
            Self::Usage(_)
            | Self::Config(_)
            | Self::World(_)
            | Self::Outreach(_)
            | Self::Definition { .. }
            | Self::Rules { .. }
            | Self::Migrate(
                MigrateError::Same(_) | MigrateError::Taken(_) | MigrateError::Brand { .. },
            )
            | Self::Nats(NatsError::Setting { .. })
            | Self::Clockwork(ClockworkError::Act(
                ActError::SnoozeEnd { .. } | ActError::Text { .. },
            ))
            | Self::Store(StoreError::Url | StoreError::LongBrand(_)) => Exit::Usage,
            Self::NotFound(_) | Self::NoDatabase(_) | Self::Store(StoreError::NoSchema(_)) => {
                Exit::NotFound
            }
            _ if self.is_transient() => Exit::Temporary,
            Self::Ingest(IngestError::Decision(error)) => decision_exit(error),
            Self::File { source, .. } if source.kind() == io::ErrorKind::NotFound => Exit::NotFound,
            Self::Output(_)
            | Self::Foreign(_)
            | Self::File { .. }
            | Self::Unsound(_)
            | Self::System { .. }
            | Self::Place { .. }
            | Self::Exchange(_)
            | Self::Migrate(_)
            | Self::Store(_)
            | Self::Brands(_)
            | Self::Ingest(_)
            | Self::Serve(_)
            | Self::Nats(_)
            | Self::Clockwork(_)
            | Self::Import { .. } => Exit::Failed,
        }
    }

    /// Returns what the store said, where that is why.
    pub(crate) fn of_store(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error)
            | Self::Place { source: error, .. }
            | Self::Exchange(ExchangeError::Store(error))
            | Self::Migrate(MigrateError::Store(error))
            | Self::Clockwork(ClockworkError::Read(error))
            | Self::Brands(BrandsError::Store { source: error, .. }) => Some(error),
            Self::Ingest(IngestError::Store(error))
            | Self::Import { source: ImportError::Store(IngestError::Store(error)), .. }
            | Self::Clockwork(ClockworkError::Write(IngestError::Store(error))) => Some(error),
            _ => None,
        }
    }

    /// Tells whether the same command may go through later.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Ingest(error) | Self::Import { source: ImportError::Store(error), .. } => {
                error.is_transient()
            }
            Self::Nats(error) => error.is_transient(),
            Self::Clockwork(error) => error.is_transient(),
            _ => self.of_store().is_some_and(StoreError::is_transient),
        }
    }

    /// Returns what to do next, where there is something to say.
    pub(crate) fn advice(&self) -> Option<&'static str> {
        Some(match self {
            Self::NoDatabase(_) => {
                "bring events in with `customeriq import FILE`, see it all with `customeriq \
                 demo`, or name another file with --db"
            }
            Self::Foreign(_) => "name another file with --db; this one was left as it is",
            _ if self.of_store().is_some_and(StoreError::is_read_only) => {
                "set DATABASE_URL to a server that takes writes, and run the same again: what is \
                 stored already counts once"
            }
            Self::Place { source, .. } => place_advice(source),
            Self::Exchange(ExchangeError::InUse(_)) | Self::Migrate(MigrateError::InUse(_)) => {
                "stop `customeriq serve` and `customeriq worker` there, and run this again"
            }
            Self::Migrate(error) => migrate_advice(error)?,
            Self::Store(StoreError::FromTheFuture { .. })
            | Self::Brands(BrandsError::Store {
                source: StoreError::FromTheFuture { .. }, ..
            }) => "nothing was changed",
            Self::Store(StoreError::NoSchema(_)) => {
                "bring events in with `customeriq import FILE`, or take over a file with \
                 `customeriq migrate`"
            }
            Self::Ingest(IngestError::Decision(error)) => decision_advice(error),
            Self::Import { source: ImportError::Broken(_), .. } => {
                "send NDJSON (one JSON object per line), one JSON array, or one JSON object"
            }
            Self::Nats(NatsError::Server { .. }) => {
                "start NATS (nats-server -js), or say with NATS_SERVERS or --nats-servers where it \
                 is; `customeriq doctor` looks whether it answers"
            }
            Self::Clockwork(error) if !error.is_transient() => clockwork_advice(error)?,
            Self::Outreach(_) => {
                "set all of a provider's variables, or none: then its messages go to the console"
            }
            Self::Definition { .. } => {
                "`customeriq automations defaults` prints examples that are right"
            }
            Self::Rules { .. } => {
                "`customeriq monitor rules` prints the ones that are in force, which are right"
            }
            Self::Nats(NatsError::NobodyServes { .. }) => {
                "start the service with `customeriq serve --nats`"
            }
            _ if self.is_transient() => {
                "nothing was lost: run the same again; what is stored already counts once"
            }
            Self::Store(StoreError::Database { .. } | StoreError::Corrupt { .. }) => {
                "run `customeriq doctor` to find out more"
            }
            _ => return None,
        })
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self::Ingest(refused.error)
    }
}

fn place_advice(error: &StoreError) -> &'static str {
    match error {
        StoreError::FromTheFuture { .. } => "nothing was changed",
        StoreError::Foreign => "name another database in DATABASE_URL; nothing was changed",
        StoreError::LongBrand(_) => "give the brand a shorter name",
        _ if error.is_out_of_room() => "make room, and run the same again: nothing was lost",
        _ if error.is_conflict() => "nothing was lost: run the same again",
        _ if error.is_transient() => {
            "look whether PostgreSQL runs there and lets us in, or mend DATABASE_URL; then run the \
             same again: nothing was lost"
        }
        _ => {
            "mend DATABASE_URL (user, password, database), or the rights of its user; \
              `customeriq doctor` tells more"
        }
    }
}

fn migrate_advice(error: &MigrateError) -> Option<&'static str> {
    Some(match error {
        MigrateError::Taken(_) => {
            "name another place, or remove what is there; nothing was changed"
        }
        MigrateError::Brand { .. } => "name that brand with --brand",
        MigrateError::Changed(_) => "stop what writes to it, and run this again",
        MigrateError::Different { .. } => {
            "nothing took its place; running this again begins anew, and `customeriq doctor` looks \
             at the source"
        }
        MigrateError::Store(StoreError::FromTheFuture { .. }) => "nothing was changed",
        MigrateError::Store(error) if error.is_transient() => {
            "run the same again: it goes on where it was"
        }
        MigrateError::Store(_)
        | MigrateError::Same(_)
        | MigrateError::InUse(_)
        | MigrateError::Move { .. } => return None,
    })
}

fn clockwork_advice(error: &ClockworkError) -> Option<&'static str> {
    Some(match error {
        ClockworkError::Training(
            TrainingError::NotEnough { .. } | TrainingError::TooShort { .. },
        ) => {
            "the scorecard predicts until there is more; an earlier --cut, another --target or \
             a shorter --horizon may find enough"
        }
        ClockworkError::Automation { .. } => {
            "`customeriq automations show ID` shows it; `customeriq automations add --replace \
             FILE` defines it again"
        }
        ClockworkError::Training(_) | ClockworkError::Remembered => {
            "train again with `customeriq train`, or go back with `customeriq models use \
             scorecard`"
        }
        ClockworkError::Rules(_) => {
            "`customeriq monitor reset` goes back to the default set; `customeriq monitor set \
             FILE` sets others"
        }
        ClockworkError::Act(ActError::NotNow { .. }) => {
            "`customeriq interventions show ID` shows how it is, and what became of it"
        }
        ClockworkError::Read(_)
        | ClockworkError::Write(_)
        | ClockworkError::Act(_)
        | ClockworkError::Panicked
        | ClockworkError::Stopped => return None,
    })
}

fn decision_exit(error: &DecisionError) -> Exit {
    match error {
        DecisionError::UnknownCustomer(_)
        | DecisionError::UnknownMerge(_)
        | DecisionError::UnknownReview(_) => Exit::NotFound,
        DecisionError::OneCustomer
        | DecisionError::NotInReview(_)
        | DecisionError::AlreadyUndone(_)
        | DecisionError::AlreadySettled(_) => Exit::Failed,
    }
}

fn decision_advice(error: &DecisionError) -> &'static str {
    match error {
        DecisionError::UnknownCustomer(_) => "find ids with `customeriq search WORDS`",
        DecisionError::UnknownMerge(_) | DecisionError::AlreadyUndone(_) => {
            "list merges with `customeriq merges`"
        }
        DecisionError::UnknownReview(_)
        | DecisionError::NotInReview(_)
        | DecisionError::AlreadySettled(_) => "list what waits with `customeriq merges queue`",
        DecisionError::OneCustomer => "nothing had to be done",
    }
}

/// Writes an error and everything that caused it as one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut last = text.clone();
    let mut source = error.source();
    while let Some(error) = source {
        let cause = error.to_string();
        // Some errors say what their source says, or the other way round.
        if !last.ends_with(&cause) && !cause.ends_with(&last) {
            text.push_str(": ");
            text.push_str(&cause);
        }
        last = cause;
        source = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_left_is_no_failure() {
        let failure = Failure::Output(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!(failure.exit(), Exit::Done);
        let failure = Failure::Output(io::Error::from(io::ErrorKind::StorageFull));
        assert_eq!(failure.exit(), Exit::Failed);
    }

    #[test]
    fn a_chain_names_each_cause_once() {
        let source = io::Error::other("no such thing");
        let failure = Failure::System { doing: "look".to_owned(), source };
        assert_eq!(chain(&failure), "could not look: no such thing");
    }
}
