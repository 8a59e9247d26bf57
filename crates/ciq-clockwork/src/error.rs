//! Why a pass could not be made.

use ciq_automation::DefinitionError;
use ciq_ingest::IngestError;
use ciq_insight::TrainingError;
use ciq_monitor::{ActError, RuleError};
use ciq_store::StoreError;

/// Why a pass could not be made. Nothing of it was written, or all of what was.
#[derive(Debug, thiserror::Error)]
pub enum ClockworkError {
    /// The tables could not be read.
    #[error("could not read the brand's tables")]
    Read(#[from] StoreError),
    /// The tables could not be written.
    #[error(transparent)]
    Write(#[from] IngestError),
    /// A stored automation is not one.
    #[error("the stored automation {id} is unusable: define it again")]
    Automation {
        /// Which.
        id: String,
        /// Why.
        source: DefinitionError,
    },
    /// The model could not be used, or nothing could be learned.
    #[error(transparent)]
    Training(#[from] TrainingError),
    /// A thread of the pass ended before its time; it has said why.
    #[error("a pass ended in a panic")]
    Panicked,
    /// The stored rules of the monitor are none.
    #[error("the stored rules of the monitor are unusable: set them again")]
    Rules(#[source] RuleError),
    /// An intervention is in no state for what was asked.
    #[error(transparent)]
    Act(ActError),
    /// The end was asked for.
    #[error("the service stops: what was left out of the pass is computed after its next start")]
    Stopped,
    /// What the passes remember could not be read.
    #[error("what the passes remember is unreadable: compute everything again")]
    Remembered,
}

impl ClockworkError {
    /// Tells whether the same may go through later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Read(error) => error.is_transient(),
            Self::Write(error) => error.is_transient(),
            Self::Stopped => true,
            Self::Automation { .. }
            | Self::Rules(_)
            | Self::Act(_)
            | Self::Training(_)
            | Self::Panicked
            | Self::Remembered => false,
        }
    }
}
