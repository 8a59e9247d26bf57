//! What can stop a run, and what to do about it.

use std::path::PathBuf;
use std::time::Duration;

use crate::caller::CallError;
use crate::files::FilesError;
use crate::journal::JournalError;
use crate::transport::TransportError;
use crate::{CURRENCY, PricePlan};

/// Why a command came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A call failed before anything was begun.
    #[error(transparent)]
    Call(#[from] CallError),
    /// A call failed on the way.
    #[error("the run stopped; what is done is kept, and `stripe-seed resume` goes on from there")]
    Stopped {
        /// The call.
        #[source]
        source: CallError,
    },
    /// Somebody asked for it.
    #[error("stopped as asked")]
    Cancelled,
    /// Somebody asked for it while a run was on its way.
    #[error("stopped as asked; what is done is kept, and `stripe-seed resume` goes on from there")]
    Interrupted,
    /// A file cannot be used.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A price on the server is another one.
    #[error(transparent)]
    Price(#[from] PriceMistake),
    /// There is a run to be finished first.
    #[error(
        "the run `{run}` is not finished: `stripe-seed resume` goes on with it, \
         `stripe-seed cleanup` gives it up"
    )]
    Unfinished {
        /// Its name.
        run: String,
    },
    /// There is no run.
    #[error("{} holds no run: begin one with `stripe-seed generate`", dir.display())]
    NothingToResume {
        /// The folder.
        dir: PathBuf,
    },
    /// The folder's run is on another server.
    #[error("the run `{run}` is on another server: use the address that it began with")]
    OtherServer {
        /// Its name.
        run: String,
    },
    /// The folder's run follows another plan.
    #[error("the run `{run}` follows another plan: resume it with the settings it began with")]
    OtherPlan {
        /// Its name.
        run: String,
    },
    /// A clock is broken.
    #[error(
        "the clock `{name}` ended in internal_failure, and Stripe lets nothing happen on it any \
         more: give the run up with `stripe-seed cleanup`, then generate again"
    )]
    ClockFailed {
        /// Its name.
        name: String,
    },
    /// Clocks take too long.
    #[error(
        "{count} clocks, `{name}` among them, did not arrive in {} s; what is done is kept, and \
         `stripe-seed resume` waits for them again", waited.as_secs()
    )]
    ClockTimeout {
        /// One of them.
        name: String,
        /// How many there are.
        count: usize,
        /// How long they were waited for.
        waited: Duration,
    },
    /// Something of the run is not there any more.
    #[error(
        "{what} is not on the server any more (Stripe deletes test clocks after 30 days): give \
         the run up with `stripe-seed cleanup`, then generate again"
    )]
    Gone {
        /// What, such as `customer/017`.
        what: String,
    },
    /// The server tells something that cannot be.
    #[error("the server's answer makes no sense: {what}")]
    Strange {
        /// What it is.
        what: String,
    },
}

/// A price that bears our lookup key and is not ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the price {id} has the lookup key `{lookup_key}`, but {difference}: archive it and take its \
     lookup key away in Stripe's dashboard, then try again"
)]
pub struct PriceMistake {
    /// `price_…`.
    pub id: String,
    /// By which it was found.
    pub lookup_key: String,
    /// What is other than it should be.
    pub difference: String,
}

impl PriceMistake {
    pub(super) fn new(plan: PricePlan, id: &str, found: &str) -> Self {
        let cents = plan.unit_amount();
        let difference =
            format!("it is {found}, not an active one of {cents} cents in {CURRENCY} a month");
        Self { id: id.to_owned(), lookup_key: plan.lookup_key(), difference }
    }
}

/// What an error means for whoever has to act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// A key, an address, a price, a file or a command is wrong: change it.
    Mistake,
    /// Stripe does not allow it.
    Refused,
    /// The network or the server fails: try again later.
    Unavailable,
    /// Somebody stopped it.
    Cancelled,
    /// It should not happen.
    Internal,
}

impl RunError {
    /// Tells what the error means.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Call(source) | Self::Stopped { source } => source.kind(),
            Self::Cancelled | Self::Interrupted => ErrorKind::Cancelled,
            Self::Files(_)
            | Self::Journal(_)
            | Self::Price(_)
            | Self::Unfinished { .. }
            | Self::NothingToResume { .. }
            | Self::OtherServer { .. }
            | Self::OtherPlan { .. } => ErrorKind::Mistake,
            Self::ClockFailed { .. } | Self::Gone { .. } => ErrorKind::Refused,
            Self::ClockTimeout { .. } => ErrorKind::Unavailable,
            Self::Strange { .. } => ErrorKind::Internal,
        }
    }

    /// Adds that the run can be resumed, where that is not said yet.
    pub(super) fn or_stopped(self) -> Self {
        match self {
            Self::Call(source) => match source.missing_for() {
                Some(step) => Self::Gone { what: format!("what {step} needs") },
                None => Self::Stopped { source },
            },
            other => other,
        }
    }
}

impl CallError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Key { .. } | Self::Stranger { .. } => ErrorKind::Mistake,
            Self::Refused { .. } => ErrorKind::Refused,
            Self::Unanswered {
                source: TransportError::Certificates(_) | TransportError::Request { .. },
                ..
            } => ErrorKind::Internal,
            Self::Stored { .. }
            | Self::Unanswered { .. }
            | Self::Exhausted { .. }
            | Self::ClockAdvances { .. } => ErrorKind::Unavailable,
        }
    }
}
