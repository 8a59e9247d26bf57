//! Which customers have to be looked at again.

use std::collections::BTreeSet;

use ciq_identity::CustomerKey;
use jiff::Timestamp;

use crate::codec::keys_list;
use crate::{FeedPosition, Reader, StoreError};

/// Customers that something happened to, and until where that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched {
    /// The customers as they are now: roots.
    pub roots: Vec<CustomerKey>,
    /// Everyone named by what happened, merged ones too.
    pub origins: BTreeSet<CustomerKey>,
    /// Where to go on.
    pub until: FeedPosition,
    /// Whether there may be more.
    pub is_more: bool,
}

impl Touched {
    /// Returns that everything up to a position was dealt with.
    #[must_use]
    pub fn up_to(until: FeedPosition) -> Self {
        Self { roots: Vec::new(), origins: BTreeSet::new(), until, is_more: false }
    }
}

impl Reader {
    /// Returns who was touched after a position, as of one moment: by events, by merges, by
    /// decisions of people, and by what became of interventions. Up to `limit` rows of each are
    /// read. An undone merge touches everyone who was in it.
    pub fn touched_since(&self, after: FeedPosition, limit: u32) -> Result<Touched, StoreError> {
        let doing = StoreError::doing("read who was touched");
        let moment = self.connection.moment().map_err(&doing)?;
        let touched = self.touched_in_moment(after, limit)?;
        moment.commit().map_err(&doing)?;
        Ok(touched)
    }

    fn touched_in_moment(&self, after: FeedPosition, limit: u32) -> Result<Touched, StoreError> {
        const EVENTS: &str = "SELECT customer_key, seq FROM event WHERE seq > ?1
            ORDER BY seq LIMIT ?2";
        const MERGES: &str = "SELECT CAST(k.value AS INTEGER), g.key FROM (
                SELECT key, base_key, absorbed_keys FROM merge WHERE key > ?1 ORDER BY key LIMIT ?2
            ) AS g, json_each('[' || g.base_key || ',' || substr(g.absorbed_keys, 2)) AS k
            ORDER BY g.key";
        const STEPS: &str = "SELECT i.customer_key, h.key FROM intervention_change AS h
            CROSS JOIN intervention AS i ON i.key = h.intervention_key
            WHERE h.key > ?1 ORDER BY h.key LIMIT ?2";
        let mut origins = BTreeSet::new();
        let mut until = after;
        let settled = self.settled_before()?;
        let mut events = self.pairs(EVENTS, after.event_seq, limit)?;
        events.retain(|(_, seq)| *seq < settled);
        let merges = self.pairs(MERGES, after.merge_key, limit)?;
        let steps = self.pairs(STEPS, after.intervention_key, limit)?;
        let longest = events.len().max(merges.len()).max(steps.len());
        let is_more = longest as u64 >= u64::from(limit);
        for (origin, seq) in events {
            origins.insert(CustomerKey(origin));
            until.event_seq = seq;
        }
        for (origin, key) in merges {
            origins.insert(CustomerKey(origin));
            until.merge_key = key;
        }
        for (origin, key) in steps {
            origins.insert(CustomerKey(origin));
            until.intervention_key = key;
        }
        self.add_decided(&mut origins, &mut until, settled, limit)?;
        let roots = self.roots_of_all(&origins)?;
        Ok(Touched { roots, origins, until, is_more })
    }

    /// People decide seldom: whoever shares a merge that was undone since is looked at again.
    fn add_decided(
        &self,
        origins: &mut BTreeSet<CustomerKey>,
        until: &mut FeedPosition,
        settled: i64,
        limit: u32,
    ) -> Result<(), StoreError> {
        const LAST: &str = "SELECT seq, seq FROM decision WHERE seq > ?1 ORDER BY seq LIMIT ?2";
        const UNDONE: &str = "SELECT CAST(k.value AS INTEGER), g.key FROM merge AS g,
                json_each('[' || g.base_key || ',' || substr(g.absorbed_keys, 2)) AS k
            WHERE g.undone_at IS NOT NULL AND ?1 >= 0 LIMIT ?2 * 100";
        let mut decided = self.pairs(LAST, until.decision_seq, limit)?;
        decided.retain(|(seq, _)| *seq < settled);
        let Some((last, _)) = decided.last() else { return Ok(()) };
        until.decision_seq = *last;
        for (origin, _) in self.pairs(UNDONE, 0, limit)? {
            origins.insert(CustomerKey(origin));
        }
        Ok(())
    }

    /// Returns customers for whom time alone may have triggered something.
    pub fn woken(&self, as_of: Timestamp, limit: u32) -> Result<Vec<CustomerKey>, StoreError> {
        const SQL: &str = "SELECT customer_key FROM insight WHERE wake_at <= ?1
            ORDER BY wake_at LIMIT ?2";
        let doing = StoreError::doing("read whom to look at again");
        let mut statement = self.connection.prepare_cached(SQL).map_err(&doing)?;
        let rows = statement
            .query_map((as_of.as_millisecond(), limit), |row| row.get(0).map(CustomerKey))
            .map_err(&doing)?;
        rows.collect::<Result<_, _>>().map_err(&doing)
    }

    fn pairs(&self, sql: &str, after: i64, limit: u32) -> Result<Vec<(i64, i64)>, StoreError> {
        let doing = StoreError::doing("read who was touched");
        let mut statement = self.connection.prepare_cached(sql).map_err(&doing)?;
        let rows = statement
            .query_map((after, limit), |row| Ok((row.get(0)?, row.get(1)?)))
            .map_err(&doing)?;
        rows.collect::<Result<_, _>>().map_err(&doing)
    }

    fn roots_of_all(
        &self,
        origins: &BTreeSet<CustomerKey>,
    ) -> Result<Vec<CustomerKey>, StoreError> {
        const SQL: &str = "SELECT DISTINCT root_key FROM customer WHERE key IN rarray(?1)
            ORDER BY root_key";
        let doing = StoreError::doing("read who was touched");
        let mut statement = self.connection.prepare_cached(SQL).map_err(&doing)?;
        let rows = statement
            .query_map([keys_list(origins.iter().copied())], |row| row.get(0).map(CustomerKey))
            .map_err(&doing)?;
        rows.collect::<Result<_, _>>().map_err(&doing)
    }
}
