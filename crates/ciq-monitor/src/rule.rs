//! What a rule is, and how it is written.

mod error;
mod read;
mod reader;
mod tables;
mod write;

pub use error::RuleError;

pub(crate) use reader::{Reader, nearest, problem};

use ciq_event::Severity;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::{Condition, Subject};

/// When a person should step in, and what to do then.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Its name for machines, and the kind of what it opens: 1 to 64 of `a-z`, `0-9`, `-` and `_`.
    pub kind: String,
    /// Its name for people.
    pub title: String,
    /// Whether it watches at all.
    pub is_enabled: bool,
    /// How bad it is, where none of [`severities`](Self::severities) holds.
    pub severity: Severity,
    /// How bad it is where all these conditions hold besides; the first that does counts.
    pub severities: Vec<(Severity, Vec<Condition>)>,
    /// What has to hold, all of it. Never empty.
    pub when: Vec<Condition>,
    /// What must not hold, none of it.
    pub unless: Vec<Condition>,
    /// How long after a closing, whoever closed, nothing of the kind opens by itself.
    pub cool_down: SignedDuration,
    /// Whose it is.
    pub assignment: Assignment,
    /// How long after the opening it is due.
    pub due_in: Option<SignedDuration>,
    /// What to do, step by step.
    pub playbook: Vec<String>,
    /// What to do, in a sentence.
    pub action: String,
}

/// Whose an intervention is when it opens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Assignment {
    /// Nobody's, until someone takes it.
    #[default]
    Nobody,
    /// Always this person's.
    To(String),
    /// Each person's in turn.
    RoundRobin(Vec<String>),
    /// Whoever has the fewest; of equals the first.
    LeastLoaded(Vec<String>),
}

/// Rules of which no two have one kind. The default is none at all.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rules(Vec<Rule>);

impl Rules {
    /// Reads a TOML text of `[[rule]]` tables.
    pub fn parse_toml(text: &str) -> Result<Self, RuleError> {
        read::toml(text).map(Self)
    }

    /// Reads a list of rules, or an object that has it in `rules`: each with the keys that a
    /// `[[rule]]` table has.
    pub fn from_json(value: &Value) -> Result<Self, RuleError> {
        read::json(value).map(Self)
    }

    /// Writes a list that [`from_json`](Self::from_json) reads again.
    #[must_use]
    pub fn to_json(&self) -> Value {
        self.0.iter().map(Rule::to_json).collect()
    }

    /// Returns the rules in the order in which they were written.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.0
    }

    /// Returns the rule of a kind.
    #[must_use]
    pub fn rule(&self, kind: &str) -> Option<&Rule> {
        self.0.iter().find(|rule| rule.kind == kind)
    }
}

impl Rule {
    /// Reads one rule.
    pub fn from_json(value: &Value) -> Result<Self, RuleError> {
        read::rule(value, "")
    }

    /// Writes the rule with all its defaults, such that [`from_json`](Self::from_json) reads the
    /// same again.
    #[must_use]
    pub fn to_json(&self) -> Value {
        write::to_json(self)
    }

    /// Tells whether a person should step in, whether the rule is enabled or not.
    #[must_use]
    pub fn holds(&self, subject: &Subject, as_of: Timestamp) -> bool {
        let holds = |condition: &Condition| condition.holds(subject, as_of);
        self.when.iter().all(holds) && !self.unless.iter().any(holds)
    }

    /// Returns how bad it is, and which conditions say so.
    pub(crate) fn severity_of(
        &self,
        subject: &Subject,
        as_of: Timestamp,
    ) -> (Severity, &[Condition]) {
        let holds = |condition: &Condition| condition.holds(subject, as_of);
        self.severities
            .iter()
            .find(|(_, when)| when.iter().all(holds))
            .map_or((self.severity, &[]), |(severity, when)| (*severity, when.as_slice()))
    }
}
