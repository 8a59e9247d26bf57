//! What an automation is, and how it is written.

mod error;
mod read;
mod reader;

pub use error::DefinitionError;

pub(crate) use reader::{Reader, nearest, problem};

use jiff::SignedDuration;
use serde_json::Value;

use crate::action::Action;
use crate::condition::Condition;
use crate::{QuietHours, Trigger};

/// A rule that acts by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Automation {
    /// Its name for machines: 1 to 64 of `a-z`, `0-9`, `-` and `_`.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Whether it acts at all.
    pub enabled: bool,
    /// What sets it off.
    pub trigger: Trigger,
    /// What has to hold besides, all of it.
    pub conditions: Vec<Condition>,
    /// What it does. Never empty.
    pub actions: Vec<Action>,
    /// How long after it was set off.
    pub delay: SignedDuration,
    /// How long after an execution it rests, for one customer.
    pub cool_down: SignedDuration,
    /// Higher goes first.
    pub priority: i64,
    /// When no message goes to a customer.
    pub quiet_hours: Option<QuietHours>,
    /// How many messages a customer may get, those of other automations included.
    pub frequency_cap: FrequencyCap,
    /// Which word of the customer it needs.
    pub consent: Consent,
}

/// How many messages a customer may get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrequencyCap {
    /// At most so many.
    pub max: u32,
    /// In any stretch of this length.
    pub per: SignedDuration,
}

impl Default for FrequencyCap {
    /// Three in seven days.
    fn default() -> Self {
        Self { max: 3, per: SignedDuration::from_hours(7 * 24) }
    }
}

/// Which word of the customer a message needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Consent {
    /// Anything but a no.
    #[default]
    Implied,
    /// A yes.
    Explicit,
}

impl Consent {
    /// Returns the name: `implied` or `explicit`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Implied => "implied",
            Self::Explicit => "explicit",
        }
    }
}

impl Automation {
    /// Reads a TOML text of `[[automation]]` tables.
    pub fn parse_toml(text: &str) -> Result<Vec<Self>, DefinitionError> {
        read::toml(text)
    }

    /// Reads one automation from JSON: an object with the keys that a `[[automation]]` table has.
    pub fn parse_json(value: &Value) -> Result<Self, DefinitionError> {
        read::automation(value, "")
    }

    /// Writes the automation with all its defaults, such that
    /// [`parse_json`](Self::parse_json) reads the same again.
    #[must_use]
    pub fn to_json(&self) -> Value {
        read::to_json(self)
    }
}
