//! Reviews: customers for a person to look at, and the events that show why.

use ciq_engine::ReviewId;
use ciq_event::{EventId, Message};
use serde::Serialize;
use utoipa::ToSchema;

use super::timeline::{EVENT_SELECT, event_of};
use super::view::rfc3339;
use super::{EventView, PageRequest};
use crate::codec;
use crate::sql::{OptionalExtension, Row, params};
use crate::{Reader, StoreError, sql};

/// Most characters of a message that is brought along with the event it told of.
const MESSAGE_LENGTH_MAX: i64 = 64 * 1024;

/// Most events of a review that are looked at, to find the latest.
const LOOKED_AT_MAX: u32 = 1_000;

/// A set of customers for a person to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReviewView {
    /// Its id.
    pub id: String,
    /// The customers, by the ids they have now.
    pub profile_ids: Vec<String>,
    /// Why.
    pub reason: String,
    /// `pending`, `merged` or `rejected`.
    pub status: String,
    /// How many events show it.
    pub evidence_count: i64,
    /// When the first of them happened.
    pub created_at: Option<String>,
}

/// An event that shows why a person should look.
#[derive(Debug, Clone)]
pub struct ReviewEvidence {
    /// The event.
    pub event: EventView,
    /// The message that told of it; `None` where it is a very long one.
    pub message: Option<Message>,
}

/// The reviews of one status around one of them, in the order of the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReviewNeighbours {
    /// The one above it.
    pub before: Option<String>,
    /// The one below it.
    pub after: Option<String>,
}

const SELECT: &str = "SELECT 'rev_' || lower(hex(q.id)),
        (SELECT json_group_array(DISTINCT r.id ORDER BY r.id) FROM json_each(q.customer_keys) AS k
            JOIN customer AS o ON o.key = CAST(k.value AS INTEGER)
            JOIN customer AS r ON r.key = o.root_key),
        q.reason, q.status,
        (SELECT count(*) FROM review_evidence AS v WHERE v.review_id = q.id), q.opened_at
    FROM review AS q";

fn review_of(row: &Row<'_>) -> sql::Result<ReviewView> {
    let profile_ids: String = row.get(1)?;
    Ok(ReviewView {
        id: row.get(0)?,
        profile_ids: serde_json::from_str(&profile_ids).unwrap_or_default(),
        reason: row.get(2)?,
        status: row.get(3)?,
        evidence_count: row.get(4)?,
        created_at: rfc3339(row.get(5)?),
    })
}

impl Reader {
    /// Returns reviews of a status (all without one), the latest first. The cursor is the id of
    /// the last one before them.
    pub fn reviews(
        &self,
        status: Option<&str>,
        page: &PageRequest,
    ) -> Result<Vec<ReviewView>, StoreError> {
        let sql = format!(
            "{SELECT} WHERE (?1 IS NULL OR q.status = ?1)
                AND (?2 IS NULL OR q.key < (SELECT key FROM review WHERE id = ?2))
            ORDER BY q.key DESC LIMIT ?3"
        );
        let after = page.cursor.as_deref().and_then(|text| text.parse::<ReviewId>().ok());
        let after = after.as_ref().map(ReviewId::as_bytes);
        let doing = StoreError::doing("list reviews");
        let mut statement = self.connection.prepare_cached(&sql).map_err(&doing)?;
        let rows =
            statement.query_map(params![status, after, page.size()], review_of).map_err(&doing)?;
        rows.collect::<Result<_, _>>().map_err(&doing)
    }

    /// Returns a review.
    pub fn review(&self, id: ReviewId) -> Result<Option<ReviewView>, StoreError> {
        let doing = StoreError::doing("read a review");
        let sql = format!("{SELECT} WHERE q.id = ?1");
        let mut statement = self.connection.prepare_cached(&sql).map_err(&doing)?;
        statement.query_row([id.as_bytes()], review_of).optional().map_err(&doing)
    }

    /// Returns what stands next to a review among those of a status, whatever its own is.
    pub fn review_neighbours(
        &self,
        id: ReviewId,
        status: &str,
    ) -> Result<ReviewNeighbours, StoreError> {
        const SQL: &str = "SELECT
                (SELECT 'rev_' || lower(hex(b.id)) FROM review AS b
                    WHERE b.status = ?2 AND b.key > q.key ORDER BY b.key LIMIT 1),
                (SELECT 'rev_' || lower(hex(a.id)) FROM review AS a
                    WHERE a.status = ?2 AND a.key < q.key ORDER BY a.key DESC LIMIT 1)
            FROM review AS q WHERE q.id = ?1";
        let doing = StoreError::doing("look around a review");
        let mut statement = self.connection.prepare_cached(SQL).map_err(&doing)?;
        let found = statement
            .query_row(params![id.as_bytes(), status], |row| {
                Ok(ReviewNeighbours { before: row.get(0)?, after: row.get(1)? })
            })
            .optional()
            .map_err(&doing)?;
        Ok(found.unwrap_or_default())
    }

    /// Returns the events that show why a person should look, the latest first.
    pub fn review_evidence(
        &self,
        id: ReviewId,
        limit: u32,
    ) -> Result<Vec<ReviewEvidence>, StoreError> {
        let sql = format!(
            "{EVENT_SELECT} WHERE e.id IN (SELECT event_id FROM review_evidence
                WHERE review_id = ?1 ORDER BY event_id DESC LIMIT {LOOKED_AT_MAX})
            ORDER BY e.occurred_at DESC, e.seq DESC LIMIT ?2"
        );
        let doing = StoreError::doing("read what shows a review");
        let mut statement = self.connection.prepare_cached(&sql).map_err(&doing)?;
        let rows = statement.query_map(params![id.as_bytes(), limit], event_of).map_err(&doing)?;
        let events: Vec<EventView> = rows.collect::<Result<_, _>>().map_err(&doing)?;
        let mut evidence = Vec::with_capacity(events.len());
        for event in events {
            let message = match event.id.parse() {
                Ok(id) => self.message_of(id)?,
                Err(_) => None,
            };
            evidence.push(ReviewEvidence { event, message });
        }
        Ok(evidence)
    }

    /// Returns the message that told of an event, unless it is a very long one.
    fn message_of(&self, id: EventId) -> Result<Option<Message>, StoreError> {
        const SQL: &str = "SELECT m.form, m.body, m.received_at, m.subject, m.message_id
            FROM event AS e JOIN message AS m ON m.seq = e.message_seq
            WHERE e.id = ?1 AND length(m.body) <= ?2";
        type Columns = (String, String, i64, Option<String>, Option<String>);
        let doing = StoreError::doing("read the message of an event");
        let mut statement = self.connection.prepare_cached(SQL).map_err(&doing)?;
        let columns: Option<Columns> = statement
            .query_row(params![id.as_bytes(), MESSAGE_LENGTH_MAX], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
            })
            .optional()
            .map_err(&doing)?;
        let Some((form, body, received_at, subject, message_id)) = columns else {
            return Ok(None);
        };
        let carrier = codec::carrier(subject, message_id);
        Ok(Some(Message { carrier, ..codec::message(&form, body, received_at)? }))
    }
}
