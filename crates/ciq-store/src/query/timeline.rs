//! Timelines.

use ciq_event::{CustomerId, EventId};

use super::view::{amount, rfc3339};
use super::{EventPage, EventView, PageRequest};
use crate::codec::event_id;
use crate::sql::{OptionalExtension, Row, params};
use crate::{Reader, StoreError, sql};

pub(super) fn event_of(row: &Row<'_>) -> sql::Result<EventView> {
    let id: EventId = event_id(row.get(0)?);
    let currency: Option<String> = row.get(7)?;
    let minor: Option<i64> = row.get(6)?;
    let left_out: Option<String> = row.get(10)?;
    Ok(EventView {
        id: id.to_string(),
        customer_id: row.get(1)?,
        event_type: row.get(2)?,
        occurred_at: rfc3339(row.get(3)?),
        title: row.get(4)?,
        description: row.get(5)?,
        amount: minor.zip(currency.as_deref()).map(|(minor, code)| amount(minor, code)),
        currency,
        status: row.get(8)?,
        source_service: row.get(9)?,
        left_out: left_out.and_then(|text| serde_json::from_str(&text).ok()),
    })
}

/// The columns and joins of an event, as [`event_of`] reads them; last its number and its origin.
pub(super) const EVENT_SELECT: &str = "SELECT e.id, r.id, t.name, e.occurred_at, e.title,
        e.description, e.amount_minor, e.currency, e.status, s.name, e.left_out, e.seq,
        e.customer_key
    FROM event AS e
    JOIN customer AS o ON o.key = e.customer_key
    JOIN customer AS r ON r.key = o.root_key
    JOIN event_type AS t ON t.key = e.type_key
    JOIN source AS s ON s.key = e.source_key";

impl Reader {
    /// Returns a page of a customer's events, the latest first. The cursor is the id of the last
    /// event before it. `None` where nobody has the id.
    pub fn timeline(
        &self,
        id: &CustomerId,
        page: &PageRequest,
    ) -> Result<Option<EventPage>, StoreError> {
        let doing = StoreError::doing("read a timeline");
        let Some(root) = self.key_of(id)? else { return Ok(None) };
        let after = self.place_of(page.cursor.as_deref())?;
        let sql = format!(
            "{EVENT_SELECT}
            WHERE e.customer_key IN (SELECT key FROM customer WHERE root_key = ?1)
                AND (?2 IS NULL OR (e.occurred_at, e.seq) < (?2, ?3))
            ORDER BY e.occurred_at DESC, e.seq DESC LIMIT ?4"
        );
        let (at, seq) = after.unzip();
        let size = page.size();
        let mut statement = self.connection.prepare_cached(&sql).map_err(&doing)?;
        let rows =
            statement.query_map(params![root.0, at, seq, size + 1], event_of).map_err(&doing)?;
        let mut data: Vec<_> = rows.collect::<Result<_, _>>().map_err(&doing)?;
        let next_cursor = page.cut(&mut data, |last| &last.id);
        Ok(Some(EventPage { data, next_cursor }))
    }

    fn place_of(&self, cursor: Option<&str>) -> Result<Option<(i64, i64)>, StoreError> {
        let Some(id) = cursor.and_then(|text| text.parse::<EventId>().ok()) else {
            return Ok(None);
        };
        self.connection
            .query_row("SELECT occurred_at, seq FROM event WHERE id = ?1", [id.as_bytes()], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()
            .map_err(StoreError::doing("find a page of a timeline"))
    }
}
