//! What a person may do with an intervention.

use jiff::{SignedDuration, Timestamp};

use crate::{Status, span};

/// Longest comment, note or name, in characters: what a page shows without a limit of its own.
pub const TEXT_LENGTH_MAX: usize = 2_000;

/// Who wants to see it later than this should resolve it.
const SNOOZE_MAX: SignedDuration = SignedDuration::from_hours(90 * 24);

/// What a person does with an intervention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Takes notice of it.
    Acknowledge,
    /// Puts it away for a while.
    Snooze {
        /// Until when.
        until: Timestamp,
    },
    /// Gives it to somebody.
    Assign {
        /// To whom; to nobody if absent.
        to: Option<String>,
    },
    /// Ends it.
    Resolve {
        /// What came of it.
        note: Option<String>,
    },
    /// Takes back that it was resolved, snoozed or acknowledged.
    Reopen,
    /// Says something about it.
    Comment {
        /// What.
        text: String,
    },
}

impl Action {
    /// Returns the name, such as `acknowledge`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledge",
            Self::Snooze { .. } => "snooze",
            Self::Assign { .. } => "assign",
            Self::Resolve { .. } => "resolve",
            Self::Reopen => "reopen",
            Self::Comment { .. } => "comment",
        }
    }
}

/// Why something cannot be done with an intervention.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActError {
    /// Not as it stands.
    #[error("could not {action}: the intervention is {status}, so you may {allowed}")]
    NotNow {
        /// What was wanted.
        action: &'static str,
        /// How it stands.
        status: Status,
        /// What may be done.
        allowed: String,
    },
    /// A snooze into the past, or for too long.
    #[error(
        "until: must be after now ({now}) and at most {} ahead, not {until}",
        span::format(SNOOZE_MAX)
    )]
    SnoozeEnd {
        /// Until when it was wanted.
        until: Timestamp,
        /// Now.
        now: Timestamp,
    },
    /// A text that says nothing or too much.
    #[error("{field}: must be 1 to {} characters{remedy}", TEXT_LENGTH_MAX)]
    Text {
        /// Which one: `to`, `note` or `text`.
        field: &'static str,
        /// What to do instead, where there is something.
        remedy: &'static str,
    },
}

impl Status {
    /// Returns what a person may do, by [`Action::name`].
    #[must_use]
    pub const fn allowed(self) -> &'static [&'static str] {
        match self {
            Self::Open => &["acknowledge", "snooze", "assign", "resolve", "comment"],
            Self::Acknowledged => &["snooze", "assign", "resolve", "reopen", "comment"],
            Self::Snoozed => &["acknowledge", "snooze", "assign", "resolve", "reopen", "comment"],
            Self::Resolved => &["reopen", "comment"],
        }
    }
}

/// Tells how an intervention stands after a person did something with it, or why that cannot be.
///
/// A snooze that has ended counts as open, also before a check has noticed.
///
/// Who reopens one makes sure that no other of its kind is open, and forgets when and why it was
/// closed.
pub fn act(
    status: Status,
    snoozed_until: Option<Timestamp>,
    action: &Action,
    now: Timestamp,
) -> Result<Status, ActError> {
    if !status.allowed().contains(&action.name()) {
        let allowed = status.allowed().join(", ");
        return Err(ActError::NotNow { action: action.name(), status, allowed });
    }
    let is_over = snoozed_until.is_none_or(|until| until <= now);
    let unchanged = if status == Status::Snoozed && is_over { Status::Open } else { status };
    match action {
        Action::Acknowledge => Ok(Status::Acknowledged),
        Action::Snooze { until } => {
            let is_allowed = *until > now && until.duration_since(now) <= SNOOZE_MAX;
            let error = || ActError::SnoozeEnd { until: *until, now };
            is_allowed.then_some(Status::Snoozed).ok_or_else(error)
        }
        Action::Assign { to } => {
            checked("to", to.as_deref(), "; null is nobody").map(|()| unchanged)
        }
        Action::Resolve { note } => {
            let remedy = "; leave it out to say nothing";
            checked("note", note.as_deref(), remedy).map(|()| Status::Resolved)
        }
        Action::Reopen => Ok(Status::Open),
        Action::Comment { text } => checked("text", Some(text), "").map(|()| unchanged),
    }
}

/// A text that is there says something.
fn checked(field: &'static str, text: Option<&str>, remedy: &'static str) -> Result<(), ActError> {
    let is_good = |text: &str| !text.trim().is_empty() && text.chars().count() <= TEXT_LENGTH_MAX;
    if text.is_none_or(is_good) { Ok(()) } else { Err(ActError::Text { field, remedy }) }
}
