//! What the rules change about a customer's interventions.

use ciq_event::{InterventionId, Severity};
use jiff::Timestamp;

use crate::evidence::Evidence;
use crate::{Held, Rule, Rules, Status, Subject};

/// Something to change about a customer's interventions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A person should step in.
    Open(NewIntervention),
    /// It is over.
    Close {
        /// Which one.
        id: InterventionId,
        /// When. Never before it opened.
        at: Timestamp,
        /// Why.
        reason: CloseReason,
    },
    /// Its snooze has ended and its reason has not: it is open again.
    Wake {
        /// Which one.
        id: InterventionId,
        /// When.
        at: Timestamp,
    },
    /// It is more or less severe now, or shows other figures.
    Update {
        /// Which one.
        id: InterventionId,
        /// When.
        at: Timestamp,
        /// How bad it is now.
        severity: Severity,
        /// The figures now, as JSON.
        evidence: String,
    },
}

/// An intervention that opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewIntervention {
    /// Its kind: that of its rule.
    pub kind: String,
    /// What it is called.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// When it opened.
    pub opened_at: Timestamp,
    /// The figures that speak for it: a JSON list of `{"field", "value", "op", "threshold"}`.
    pub evidence: String,
    /// When it is due.
    pub due_at: Option<Timestamp>,
    /// What to do, in a sentence.
    pub action: String,
}

/// Why an intervention was closed by a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CloseReason {
    /// Its reason is gone: the rule does not hold any more.
    Cleared,
    /// Its rule is gone or switched off.
    RuleGone,
    /// Another one of its kind was open before it; two customers turned out to be one.
    Duplicate,
}

impl CloseReason {
    /// All reasons.
    pub const ALL: [Self; 3] = [Self::Cleared, Self::RuleGone, Self::Duplicate];

    /// Returns the name: `cleared`, `rule_gone` or `duplicate`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cleared => "cleared",
            Self::RuleGone => "rule_gone",
            Self::Duplicate => "duplicate",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }
}

/// Asks every rule about a customer, and says what changes about the interventions.
///
/// `held` are the customer's open interventions, and of each kind at least the one that was closed
/// last, in any order; older closed ones do no harm. Of each kind at most one stays open. None
/// opens until the cool-down after the last closing is over, and none stays open whose rule does not
/// hold. With the changes made, a second check of the same says nothing.
///
/// The times of changes are `as_of`, or the opening where that is later.
#[must_use]
pub fn check(rules: &Rules, subject: &Subject, held: &[Held], as_of: Timestamp) -> Vec<Change> {
    let scene = Scene { subject, held, as_of };
    let mut changes = Vec::new();
    for rule in rules.rules().iter().filter(|rule| rule.is_enabled) {
        scene.ask(rule, &mut changes);
    }
    for lost in held.iter().filter(|held| held.is_open()) {
        if !rules.rule(&lost.kind).is_some_and(|rule| rule.is_enabled) {
            changes.push(scene.close(lost, CloseReason::RuleGone));
        }
    }
    changes
}

/// A customer at a time.
struct Scene<'a> {
    subject: &'a Subject,
    held: &'a [Held],
    as_of: Timestamp,
}

impl<'a> Scene<'a> {
    fn ask(&self, rule: &Rule, changes: &mut Vec<Change>) {
        let open = || self.of_kind(rule).filter(|held| held.is_open());
        let first = open().min_by_key(|held| (held.opened_at, held.id));
        let later = open().filter(|held| first.is_some_and(|first| first.id != held.id));
        changes.extend(later.map(|held| self.close(held, CloseReason::Duplicate)));
        match (first, rule.holds(self.subject, self.as_of)) {
            (Some(first), true) => self.keep(rule, first, changes),
            (Some(first), false) => changes.push(self.close(first, CloseReason::Cleared)),
            (None, true) if !self.rests(rule) => changes.push(Change::Open(self.open(rule))),
            (None, _) => {}
        }
    }

    fn of_kind(&self, rule: &Rule) -> impl Iterator<Item = &'a Held> {
        self.held.iter().filter(move |held| held.kind == rule.kind)
    }

    /// Tells whether the last closing is not long enough ago.
    fn rests(&self, rule: &Rule) -> bool {
        let closed_at = self.of_kind(rule).map(|held| held.closed_at.unwrap_or(held.opened_at));
        closed_at.max().is_some_and(|at| self.as_of.duration_since(at) < rule.cool_down)
    }

    fn open(&self, rule: &Rule) -> NewIntervention {
        let (severity, evidence) = self.findings(rule);
        let evidence = evidence.write();
        let due_at = |span| self.as_of.checked_add(span).unwrap_or(Timestamp::MAX);
        NewIntervention {
            kind: rule.kind.clone(),
            title: rule.title.clone(),
            severity,
            opened_at: self.as_of,
            evidence,
            due_at: rule.due_in.map(due_at),
            action: rule.action.clone(),
        }
    }

    fn keep(&self, rule: &Rule, held: &Held, changes: &mut Vec<Change>) {
        let (id, at) = (held.id, self.time_of(held));
        let is_over = held.snoozed_until.is_none_or(|until| until <= self.as_of);
        if held.status == Status::Snoozed && is_over {
            changes.push(Change::Wake { id, at });
        }
        let (severity, evidence) = self.findings(rule);
        if severity != held.severity || !evidence.is_shown_by(&held.evidence) {
            let evidence = evidence.write();
            changes.push(Change::Update { id, at, severity, evidence });
        }
    }

    fn close(&self, held: &Held, reason: CloseReason) -> Change {
        Change::Close { id: held.id, at: self.time_of(held), reason }
    }

    fn findings<'r>(&'r self, rule: &'r Rule) -> (Severity, Evidence<'r>) {
        let Self { subject, as_of, .. } = *self;
        let (severity, severe) = rule.severity_of(subject, as_of);
        (severity, Evidence { when: &rule.when, severe, subject, as_of })
    }

    fn time_of(&self, held: &Held) -> Timestamp {
        self.as_of.max(held.opened_at)
    }
}
