//! What a check came to.

use std::collections::BTreeMap;

use ciq_event::{InterventionId, Severity};
use ciq_identity::CustomerKey;
use jiff::Timestamp;

/// What a check came to, to be written in one transaction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MonitorChanges {
    /// Interventions to open.
    pub opened: Vec<OpenedRow>,
    /// Interventions to close.
    pub closed: Vec<ClosedRow>,
    /// Interventions whose snooze is over.
    pub woken: Vec<WokenRow>,
    /// Interventions that are as serious as told from now on.
    pub updated: Vec<UpdatedRow>,
    /// How well accounts go.
    pub health: Vec<HealthRow>,
    /// How many interventions each rule opened, by its kind.
    pub turns: BTreeMap<String, u64>,
}

/// An intervention to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedRow {
    /// Names it.
    pub id: InterventionId,
    /// For whom: a root.
    pub customer: CustomerKey,
    /// Which rule wants it.
    pub kind: String,
    /// In one line.
    pub title: String,
    /// How serious it is.
    pub severity: Severity,
    /// When.
    pub opened_at: Timestamp,
    /// Until when it should be dealt with.
    pub due_at: Option<Timestamp>,
    /// Who is to deal with it.
    pub assignee: Option<String>,
    /// What to do.
    pub action: String,
    /// JSON: the figures that showed it.
    pub evidence: String,
}

/// An intervention to close.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedRow {
    /// Its number.
    pub key: i64,
    /// The revision that it was read with.
    pub revision: i64,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

/// An intervention whose snooze is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WokenRow {
    /// Its number.
    pub key: i64,
    /// The revision that it was read with.
    pub revision: i64,
    /// When.
    pub at: Timestamp,
}

/// An intervention that is as serious as told from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdatedRow {
    /// Its number.
    pub key: i64,
    /// The revision that it was read with.
    pub revision: i64,
    /// When.
    pub at: Timestamp,
    /// How serious it is.
    pub severity: Severity,
    /// JSON: the figures that show it.
    pub evidence: String,
}

/// How well an account goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthRow {
    /// The customer: a root.
    pub customer: CustomerKey,
    /// 0 to 100.
    pub score: u8,
    /// The score in a word.
    pub band: String,
    /// JSON: what the score is made of.
    pub parts: String,
    /// The time that it was computed for.
    pub as_of: Timestamp,
}

/// How much of a check was written: what a person was quicker with is not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MonitorWritten {
    /// Interventions opened.
    pub opened: u64,
    /// Interventions closed.
    pub closed: u64,
    /// Interventions woken.
    pub woken: u64,
    /// Interventions updated.
    pub updated: u64,
}

impl HealthRow {
    /// Tells whether another one finds the same, whenever it was computed.
    #[must_use]
    pub fn finds_the_same(&self, other: &Self) -> bool {
        let Self { customer, score, band, parts, as_of: _ } = self;
        *customer == other.customer
            && *score == other.score
            && *band == other.band
            && *parts == other.parts
    }
}

impl MonitorChanges {
    /// Tells whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { opened, closed, woken, updated, health, turns } = self;
        opened.is_empty()
            && closed.is_empty()
            && woken.is_empty()
            && updated.is_empty()
            && health.is_empty()
            && turns.is_empty()
    }
}

impl MonitorWritten {
    /// Adds what another part of the same check wrote.
    pub fn add(&mut self, other: Self) {
        self.opened += other.opened;
        self.closed += other.closed;
        self.woken += other.woken;
        self.updated += other.updated;
    }
}
