//! Texts that may be very long: their beginnings for a page, and one of them whole.

use ciq_event::{CustomerId, EventId};

use super::view::rfc3339;
use crate::codec::event_id;
use crate::sql::{OptionalExtension, params};
use crate::{Reader, StoreError};

/// The beginning of a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteInShort {
    /// The event that carried it.
    pub event_id: String,
    /// The beginning of the note, or all of it.
    pub content: String,
    /// Whether there is more.
    pub is_cut: bool,
    /// What it is about.
    pub category: Option<String>,
    /// Such as `high`.
    pub importance: Option<String>,
    /// When it was taken.
    pub created_at: Option<String>,
}

impl Reader {
    /// Returns the latest notes about a customer, and of each no more than `length_max` characters.
    pub fn notes_in_short(
        &self,
        id: &CustomerId,
        limit: u32,
        length_max: u32,
    ) -> Result<Vec<NoteInShort>, StoreError> {
        const SQL: &str = "SELECT e.id, substr(k.content, 1, ?2), length(k.content) > ?2,
                k.category, k.importance, e.occurred_at
            FROM customer AS o JOIN event AS e ON e.customer_key = o.key
            JOIN knowledge AS k ON k.event_seq = e.seq
            WHERE o.root_key = ?1 ORDER BY e.occurred_at DESC, e.seq LIMIT ?3";
        let Some(root) = self.key_of(id)? else { return Ok(Vec::new()) };
        let doing = StoreError::doing("read the beginnings of notes");
        let mut statement = self.connection.prepare_cached(SQL).map_err(&doing)?;
        let rows = statement
            .query_map(params![root.0, length_max, limit], |row| {
                Ok(NoteInShort {
                    event_id: event_id(row.get(0)?).to_string(),
                    content: row.get(1)?,
                    is_cut: row.get(2)?,
                    category: row.get(3)?,
                    importance: row.get(4)?,
                    created_at: rfc3339(row.get(5)?),
                })
            })
            .map_err(&doing)?;
        rows.collect::<Result<_, _>>().map_err(&doing)
    }

    /// Returns the whole text of an event of a customer: its note, else its description, else its
    /// title. `None` where the customer has no such event, or the event no text.
    pub fn whole_text(
        &self,
        id: &CustomerId,
        event: EventId,
    ) -> Result<Option<String>, StoreError> {
        const SQL: &str = "SELECT coalesce(k.content, e.full_text, e.description, e.title)
            FROM event AS e JOIN customer AS o ON o.key = e.customer_key
            LEFT JOIN knowledge AS k ON k.event_seq = e.seq
            WHERE e.id = ?1 AND o.root_key = ?2";
        let Some(root) = self.key_of(id)? else { return Ok(None) };
        let doing = StoreError::doing("read the text of an event");
        let mut statement = self.connection.prepare_cached(SQL).map_err(&doing)?;
        let found = statement
            .query_row(params![event.as_bytes(), root.0], |row| row.get(0))
            .optional()
            .map_err(&doing)?;
        Ok(found.flatten())
    }
}
