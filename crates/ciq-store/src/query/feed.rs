//! The feed: what changed, in order, read from the tables themselves. They are the outbox, so
//! nothing is written twice and nothing is lost between two writes.

mod cursor;
mod interventions;
mod position;
mod rows;
mod touched;

pub(crate) use cursor::save as save_cursor;
pub use position::{FeedPosition, FeedPositionError};
use serde_json::{Value, json};

use self::rows::Told;
use crate::{Reader, StoreError};

/// Most rows of one table on a page. Bounds what a page holds in memory.
const FEED_LIMIT_MAX: u32 = 1_000;

/// What a change is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FeedKind {
    /// An event was stored.
    EventNormalized,
    /// A customer is as told from now on.
    ProfileUpdated,
    /// Customers were merged, or a merge was undone.
    ProfileMerged,
    /// What arrived could not become an event.
    DeadLettered,
    /// A person should do something about a customer.
    InterventionOpened,
    /// An intervention is resolved.
    InterventionClosed,
    /// Anything else became of an intervention.
    InterventionChanged,
}

impl FeedKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::EventNormalized,
        Self::ProfileUpdated,
        Self::ProfileMerged,
        Self::DeadLettered,
        Self::InterventionOpened,
        Self::InterventionClosed,
        Self::InterventionChanged,
    ];

    /// Returns the kind's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EventNormalized => "events.normalized",
            Self::ProfileUpdated => "profiles.updated",
            Self::ProfileMerged => "profiles.merged",
            Self::DeadLettered => "dead_letters.added",
            Self::InterventionOpened => "intervention.opened",
            Self::InterventionClosed => "intervention.closed",
            Self::InterventionChanged => "intervention.changed",
        }
    }
}

/// A change.
#[derive(Debug, Clone, PartialEq)]
pub struct FeedItem {
    /// Where to go on after this item.
    pub position: FeedPosition,
    /// What it is.
    pub kind: FeedKind,
    /// Names the change: the same change read again has the same id. Of printable ASCII.
    pub id: String,
    /// What is told of it.
    pub body: Value,
}

/// Changes in order, and where to go on.
#[derive(Debug, Clone, PartialEq)]
pub struct FeedPage {
    /// The changes.
    pub items: Vec<FeedItem>,
    /// Where to go on after them. The position that was asked for where nothing changed.
    pub next: FeedPosition,
}

impl Reader {
    /// Returns what changed after a position, as of one moment: up to `limit` rows (at most 1,000)
    /// of each table.
    ///
    /// First stand the customers that the page touches, as they are now and each once; then
    /// events, merges, undone merges, dead letters and what became of interventions, each in the
    /// order in which they were written. Going on after any item repeats none of those before it, except that a customer
    /// may be told again (under the same id, where nothing more happened to it), and skips
    /// nothing: a customer is told before what touched it, because a position past that no longer
    /// knows of it. Where an earlier telling takes an order away from another customer, only its
    /// new owner is told. An erasure is not told.
    pub fn feed(&self, after: FeedPosition, limit: u32) -> Result<FeedPage, StoreError> {
        let doing = StoreError::doing("read the feed");
        // Several statements that have to tell of one moment.
        let moment = self.connection.moment().map_err(&doing)?;
        let page = self.feed_page(after, i64::from(limit.clamp(1, FEED_LIMIT_MAX)))?;
        moment.commit().map_err(&doing)?;
        Ok(page)
    }

    fn feed_page(&self, after: FeedPosition, limit: i64) -> Result<FeedPage, StoreError> {
        let settled = self.settled_before()?;
        let mut events = self.new_events(after.event_seq, limit)?;
        events.retain(|told| told.number < settled);
        let merges = self.new_merges(after.merge_key, limit)?;
        let (undone, decision_seq) = self.new_undos(after.decision_seq, settled, limit)?;
        let letters = self.new_dead_letters(after.dead_letter_key, limit)?;
        let steps = self.new_intervention_steps(after.intervention_key, limit)?;
        let profiles = self.touched_profiles([&events, &merges, &undone])?;
        let mut page = FeedPage { items: Vec::new(), next: after };
        page.add(FeedKind::ProfileUpdated, profiles, |_, _| {});
        page.add(FeedKind::EventNormalized, events, |at, seq| at.event_seq = seq);
        page.add(FeedKind::ProfileMerged, merges, |at, key| at.merge_key = key);
        page.add(FeedKind::ProfileMerged, undone, |at, seq| at.decision_seq = seq);
        // Decisions that undo nothing are passed too.
        page.next.decision_seq = decision_seq;
        page.add(FeedKind::DeadLettered, letters, |at, key| at.dead_letter_key = key);
        for (kind, step) in steps {
            page.add(kind, vec![step], |at, key| at.intervention_key = key);
        }
        Ok(page)
    }
}

impl FeedPage {
    fn add(&mut self, kind: FeedKind, told: Vec<Told>, pass: impl Fn(&mut FeedPosition, i64)) {
        for Told { number, id, body, origins: _ } in told {
            pass(&mut self.next, number);
            self.items.push(FeedItem { position: self.next, kind, id, body });
        }
    }
}

impl FeedItem {
    /// Returns the change as it is sent: `{"id", "position", "type", "data"}`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "id": self.id,
            "position": self.position.to_string(),
            "type": self.kind.name(),
            "data": self.body,
        })
    }
}
