//! What could not become events: listed, read whole to be tried again, dropped.

use std::sync::Arc;

use ciq_event::{Carrier, Message, WireForm};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::PageRequest;
use super::view::rfc3339;
use crate::codec::{texts_list, timestamp};
use crate::commit::keep_numbers;
use crate::sql::{Row, params};
use crate::{Reader, StoreError, Writer};

/// What the id of a dead letter begins with.
const PREFIX: &str = "ded_";

/// The header in which a publisher names its message, in any case.
const MESSAGE_ID_HEADER: &str = "nats-msg-id";

/// What could not become an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeadLetter {
    /// Its id.
    pub id: String,
    /// The form it arrived in.
    pub form: String,
    /// The field at fault.
    pub field: String,
    /// Why.
    pub reason: String,
    /// How often it arrived.
    pub arrival_count: i64,
    /// When it arrived first.
    pub received_at: Option<String>,
}

/// A dead letter with all that arrived, enough to try it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetterDetail {
    /// Its id.
    pub id: String,
    /// The form it arrived in.
    pub form: WireForm,
    /// The field at fault.
    pub field: String,
    /// Why.
    pub reason: String,
    /// How often it arrived.
    pub arrival_count: i64,
    /// When it arrived first.
    pub received_at: Timestamp,
    /// The body, byte for byte.
    pub payload: Vec<u8>,
    /// The subject on which it came; `None` where no bus carried it.
    pub subject: Option<String>,
    /// The headers as they came, in order; a name may come twice.
    pub headers: Vec<(String, String)>,
}

impl DeadLetterDetail {
    /// Makes the message again as it arrived first, with what carried it.
    #[must_use]
    pub fn message(&self) -> Message {
        let carrier = self.subject.as_ref().map(|subject| {
            let named =
                |(name, _): &&(String, String)| name.eq_ignore_ascii_case(MESSAGE_ID_HEADER);
            let message_id = self.headers.iter().find(named).map(|(_, value)| value.clone());
            let (subject, headers) = (subject.clone(), self.headers.clone());
            Arc::new(Carrier { subject, message_id, headers })
        });
        let message = Message::new(self.form.clone(), self.payload.clone(), self.received_at);
        Message { carrier, ..message }
    }
}

impl Reader {
    /// Returns a page of dead letters, the latest first, and the cursor of the next. A cursor that
    /// names nothing gives an empty page.
    pub fn dead_letters(
        &self,
        page: &PageRequest,
    ) -> Result<(Vec<DeadLetter>, Option<String>), StoreError> {
        const SQL: &str = "SELECT 'ded_' || lower(hex(id)), form, field, reason, arrival_count,
                received_at
            FROM dead_letter
            WHERE ?2 IS NULL
                OR key < (SELECT key FROM dead_letter WHERE id = unhex(substr(?2, 5)))
            ORDER BY key DESC LIMIT ?1";
        let doing = StoreError::doing("list dead letters");
        let mut statement = self.connection.prepare_cached(SQL).map_err(&doing)?;
        let size = page.size();
        let rows = statement
            .query_map(params![size + 1, page.cursor], |row| {
                Ok(DeadLetter {
                    id: row.get(0)?,
                    form: row.get(1)?,
                    field: row.get(2)?,
                    reason: row.get(3)?,
                    arrival_count: row.get(4)?,
                    received_at: rfc3339(row.get(5)?),
                })
            })
            .map_err(&doing)?;
        let mut data: Vec<_> = rows.collect::<Result<_, _>>().map_err(&doing)?;
        let next_cursor = page.cut(&mut data, |last| &last.id);
        Ok((data, next_cursor))
    }

    /// Returns a dead letter with all that arrived.
    pub fn dead_letter(&self, id: &str) -> Result<Option<DeadLetterDetail>, StoreError> {
        const SQL: &str = "SELECT 'ded_' || lower(hex(id)), form, field, reason, arrival_count,
                received_at, body, subject, headers
            FROM dead_letter WHERE id = unhex(substr(?1, 5))";
        if !id.starts_with(PREFIX) {
            return Ok(None);
        }
        let doing = StoreError::doing("read a dead letter");
        let mut statement = self.connection.prepare_cached(SQL).map_err(&doing)?;
        let mut rows = statement.query([id]).map_err(&doing)?;
        rows.next().map_err(&doing)?.as_ref().map(detail_of).transpose()
    }
}

impl Writer {
    /// Deletes dead letters and returns how many there were, in a transaction of its own: not
    /// between a load and its commit. An id that names nothing is passed over.
    pub fn drop_dead_letters(&mut self, ids: &[String]) -> Result<usize, StoreError> {
        const SQL: &str = "DELETE FROM dead_letter
            WHERE id IN (SELECT unhex(substr(value, 5)) FROM rarray(?1) AS wanted)";
        debug_assert!(self.connection.is_autocommit(), "each load ends in a commit");
        let doing = StoreError::doing("drop dead letters");
        let ids = texts_list(ids.iter().map(String::as_str).filter(|id| id.starts_with(PREFIX)));
        let transaction = self.connection.transaction().map_err(&doing)?;
        keep_numbers(&transaction).map_err(&doing)?;
        let count = transaction.execute(SQL, [ids]).map_err(&doing)?;
        transaction.commit().map_err(&doing)?;
        Ok(count)
    }
}

fn detail_of(row: &Row<'_>) -> Result<DeadLetterDetail, StoreError> {
    let doing = StoreError::doing("read a dead letter");
    let form: String = row.get(1).map_err(&doing)?;
    let headers: Option<String> = row.get(8).map_err(&doing)?;
    Ok(DeadLetterDetail {
        id: row.get(0).map_err(&doing)?,
        form: form.parse().map_err(|_| StoreError::corrupt("wire form", form))?,
        field: row.get(2).map_err(&doing)?,
        reason: row.get(3).map_err(&doing)?,
        arrival_count: row.get(4).map_err(&doing)?,
        received_at: timestamp(row.get(5).map_err(&doing)?)?,
        payload: row.get(6).map_err(&doing)?,
        subject: row.get(7).map_err(&doing)?,
        headers: headers_of(headers.as_deref())?,
    })
}

fn headers_of(text: Option<&str>) -> Result<Vec<(String, String)>, StoreError> {
    let Some(text) = text else { return Ok(Vec::new()) };
    serde_json::from_str(text).map_err(|_| StoreError::corrupt("headers", "unreadable list"))
}
