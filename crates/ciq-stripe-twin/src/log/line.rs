//! The lines of a log.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::books::BooksSettings;
use crate::{Dunning, TwinSettings};

/// One line of a log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Line {
    /// The first line.
    Twin { version: u32 },
    /// How the writes that follow were carried out.
    Settings(LoggedSettings),
    /// A write that was carried out.
    Write(LoggedWrite),
}

/// The settings that decide what writes do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LoggedSettings {
    pub(crate) dunning: Dunning,
    pub(crate) advance_millis: i64,
    pub(crate) failing_clock: Option<String>,
}

/// A write that was carried out, and what was answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct LoggedWrite {
    pub(crate) method: String,
    pub(crate) path: String,
    /// Query and body as one form.
    pub(crate) form: String,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) request_id: String,
    pub(crate) now: Timestamp,
    pub(crate) status: u16,
    pub(crate) answer: Value,
}

impl LoggedSettings {
    /// Takes what decides about writes.
    pub(crate) fn new(settings: &TwinSettings) -> Self {
        Self {
            dunning: settings.dunning,
            advance_millis: i64::try_from(settings.advance_duration.as_millis())
                .unwrap_or(i64::MAX),
            failing_clock: settings.failing_clock.clone(),
        }
    }

    /// Returns them as the books take them.
    pub(crate) fn books(&self) -> BooksSettings {
        BooksSettings {
            dunning: self.dunning,
            advance_duration: SignedDuration::from_millis(self.advance_millis),
            failing_clock: self.failing_clock.clone(),
        }
    }
}

/// Reads the version out of a first line of any version.
pub(super) fn version(text: &[u8]) -> Option<u32> {
    #[derive(Deserialize)]
    struct First {
        kind: String,
        version: u32,
    }
    let first: First = serde_json::from_slice(text).ok()?;
    (first.kind == "twin").then_some(first.version)
}
