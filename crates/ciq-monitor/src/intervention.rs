//! An intervention as it stands.

use std::fmt;

use ciq_event::{InterventionId, Severity};
use jiff::Timestamp;

/// How an intervention stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Waits for somebody.
    Open,
    /// Somebody has seen it and is at it.
    Acknowledged,
    /// Is not to be seen until a time.
    Snoozed,
    /// Is over.
    Resolved,
}

impl Status {
    /// All statuses, in the order of a life.
    pub const ALL: [Self; 4] = [Self::Open, Self::Acknowledged, Self::Snoozed, Self::Resolved];

    /// Returns the name: `open`, `acknowledged`, `snoozed` or `resolved`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged => "acknowledged",
            Self::Snoozed => "snoozed",
            Self::Resolved => "resolved",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An intervention that a customer has, as far as a check needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Which one.
    pub id: InterventionId,
    /// Its kind: the rule that opened it.
    pub kind: String,
    /// How it stands.
    pub status: Status,
    /// How bad it is.
    pub severity: Severity,
    /// When it opened.
    pub opened_at: Timestamp,
    /// Until when it is snoozed.
    pub snoozed_until: Option<Timestamp>,
    /// When it was closed, if it is resolved.
    pub closed_at: Option<Timestamp>,
    /// The figures that it shows, as JSON.
    pub evidence: String,
}

impl Held {
    /// Tells whether it is not over: open, acknowledged or snoozed.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.status != Status::Resolved
    }
}
