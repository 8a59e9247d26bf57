//! What is going on, in figures that cost next to nothing: a page asks for them all the time.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::EventView;
use super::timeline::{EVENT_SELECT, event_of};
use crate::codec::texts_list;
use crate::sql::Row;
use crate::{Reader, StoreError};

/// Most minutes, and most events, that a page asks for.
const SHOWN_MAX: u32 = 1_000;

/// Up to how many events are counted one by one.
const COUNTED_MAX: i64 = 5_000;

/// A minute, in milliseconds.
const MINUTE_MS: i64 = 60_000;

/// Figures that a page shows all the time. Each is exact.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Headline {
    /// Customers after resolution.
    pub customer_count: i64,
    /// Events.
    pub event_count: i64,
    /// Reviews that wait for a person.
    pub pending_review_count: i64,
    /// Messages that could not become events.
    pub dead_letter_count: i64,
}

/// An event that came lately, and who did it.
#[derive(Debug, Clone)]
pub struct LatestEvent {
    /// The event.
    pub event: EventView,
    /// The customer's name, or the best that stands for one.
    pub customer_name: String,
}

impl Reader {
    /// Returns figures that a page shows all the time.
    pub fn headline(&self) -> Result<Headline, StoreError> {
        // A file gives numbers one after the other, and only an erasure takes events away: as long
        // as there was none, the last number is the count, and nothing has to be counted. What came
        // from PostgreSQL has numbers that were left out.
        const EVENTS: &str = "SELECT CASE WHEN EXISTS (SELECT 1 FROM erased_event)
                OR EXISTS (SELECT 1 FROM meta WHERE name = 'has_gaps')
            THEN (SELECT count(*) FROM event)
            ELSE (SELECT coalesce(max(seq), 0) FROM event) END";
        let events = self.connection.choose(EVENTS, "SELECT count(*) FROM event");
        Ok(Headline {
            customer_count: self.count("SELECT count(*) FROM customer WHERE id IS NOT NULL")?,
            event_count: self.count(events)?,
            pending_review_count: self
                .count("SELECT count(*) FROM review WHERE status = 'pending'")?,
            dead_letter_count: self.count("SELECT count(*) FROM dead_letter")?,
        })
    }

    /// Returns how many events came in each of the last `minutes` minutes (at most 1,000), the
    /// earliest first; the last one is the one that `now` is in. Beyond five thousand events, each
    /// is within a few of the truth; in PostgreSQL, what came twice counts then too.
    pub fn arrivals_by_minute(&self, now: Timestamp, minutes: u32) -> Result<Vec<i64>, StoreError> {
        let minutes = i64::from(minutes.clamp(1, SHOWN_MAX));
        let end = self.feed_end()?.event_seq + 1;
        let after_ms = (now.as_millisecond().div_euclid(MINUTE_MS) + 1) * MINUTE_MS;
        let begun_ms = after_ms - minutes * MINUTE_MS;
        let first = self.first_since(begun_ms, end)?;
        if end - first <= COUNTED_MAX {
            return self.counted_by_minute(first, begun_ms, minutes);
        }
        let mut counts = Vec::new();
        let mut until = end;
        for back in 1..=minutes {
            let from = self.first_since(after_ms - back * MINUTE_MS, until)?;
            counts.push(until - from);
            until = from;
        }
        counts.reverse();
        Ok(counts)
    }

    /// Returns the events that came last, the latest first: at most `limit` (and 1,000).
    pub fn latest_events(&self, limit: u32) -> Result<Vec<LatestEvent>, StoreError> {
        let doing = StoreError::doing("read what came last");
        let sql = format!("{EVENT_SELECT} ORDER BY e.seq DESC LIMIT ?1");
        let mut statement = self.connection.prepare_cached(&sql).map_err(&doing)?;
        let rows = statement.query_map([limit.min(SHOWN_MAX)], event_of).map_err(&doing)?;
        let events: Vec<EventView> = rows.collect::<Result<_, _>>().map_err(&doing)?;
        let names = self.customer_names(events.iter().map(|event| event.customer_id.as_str()))?;
        let latest = events.into_iter().map(|event| {
            let name = names.get(&event.customer_id);
            let customer_name = name.unwrap_or(&event.customer_id).clone();
            LatestEvent { event, customer_name }
        });
        Ok(latest.collect())
    }

    /// Returns the names of customers, or the best that stands for one, by their ids. Those that
    /// are gone are left out.
    pub fn customer_names<'a>(
        &self,
        ids: impl IntoIterator<Item = &'a str>,
    ) -> Result<BTreeMap<String, String>, StoreError> {
        const SQL: &str = "SELECT c.id, coalesce(json_extract(a.fields, '$.name[0]'),
                json_extract(a.fields, '$.company[0]'), c.email, c.phone, c.id)
            FROM rarray(?1) AS wanted
            CROSS JOIN customer AS c ON c.id = wanted.value
            CROSS JOIN activity AS a ON a.key = c.key";
        let doing = StoreError::doing("read the names of customers");
        let mut statement = self.connection.prepare_cached(SQL).map_err(&doing)?;
        let pair = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let rows = statement.query_map([texts_list(ids)], pair).map_err(&doing)?;
        rows.collect::<Result<_, _>>().map_err(&doing)
    }

    fn count(&self, sql: &str) -> Result<i64, StoreError> {
        let doing = StoreError::doing("count what a page shows");
        let mut statement = self.connection.prepare_cached(sql).map_err(&doing)?;
        statement.query_row([], |row| row.get(0)).map_err(&doing)
    }

    fn counted_by_minute(
        &self,
        first: i64,
        begun_ms: i64,
        minutes: i64,
    ) -> Result<Vec<i64>, StoreError> {
        const SQL: &str = "SELECT (m.received_at - ?2) / ?3, count(*)
            FROM event AS e JOIN message AS m ON m.seq = e.message_seq
            WHERE e.seq >= ?1 AND m.received_at >= ?2 GROUP BY 1";
        let doing = StoreError::doing("count what came by the minute");
        let mut statement = self.connection.prepare_cached(SQL).map_err(&doing)?;
        let pair = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let rows = statement.query_map([first, begun_ms, MINUTE_MS], pair).map_err(&doing)?;
        let found: BTreeMap<i64, i64> = rows.collect::<Result<_, _>>().map_err(&doing)?;
        Ok((0..minutes).map(|minute| found.get(&minute).copied().unwrap_or_default()).collect())
    }

    /// Returns the number of the first event before `end` that was received at a time or later,
    /// else `end`: numbers are given as messages come, so it is found by halving.
    fn first_since(&self, since_ms: i64, end: i64) -> Result<i64, StoreError> {
        let (mut from, mut until) = (1, end);
        while from < until {
            let middle = from + (until - from) / 2;
            match self.received_from(middle)? {
                Some(received_ms) if received_ms < since_ms => from = middle + 1,
                Some(_) | None => until = middle,
            }
        }
        Ok(from)
    }

    /// When the events from a number on were received: the latest of a few, since what is tried
    /// again after a while keeps the time at which it came first.
    fn received_from(&self, seq: i64) -> Result<Option<i64>, StoreError> {
        const SQL: &str = "SELECT max(m.received_at)
            FROM (SELECT message_seq FROM event WHERE seq >= ?1 ORDER BY seq LIMIT 8) AS e
            JOIN message AS m ON m.seq = e.message_seq";
        let doing = StoreError::doing("read what came lately");
        let mut statement = self.connection.prepare_cached(SQL).map_err(&doing)?;
        statement.query_row([seq], |row| row.get(0)).map_err(&doing)
    }
}
